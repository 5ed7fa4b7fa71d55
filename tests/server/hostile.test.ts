/** Requests that no decent client sends. After each the server answers others as before. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { HAS_PROC, peakMemory } from '../support/processes.ts';
import { answerOf, serve, untilClosed, whole } from './support.ts';

/** For a machine that does much else at the same time. */
const LONG_MS = 300_000;
const HEAD = 'POST /api/sanitize HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n';

const AMBIGUOUS: readonly (readonly [name: string, bytes: string])[] = [
  ['two lengths', `${HEAD}content-length: 3\r\ncontent-length: 4\r\n\r\nabcd`],
  ['a length beside chunks', `${HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x`],
  ['an encoding that is none', `${HEAD}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ['a space before the colon', `${HEAD}transfer-encoding : chunked\r\n\r\n0\r\n\r\n`],
  ['a length that is none', `${HEAD}content-length: 0x3\r\n\r\nabc`],
  ['a negative length', `${HEAD}content-length: -3\r\n\r\nabc`],
  ['a folded header', `${HEAD}x: a\r\n b\r\ntransfer-encoding: chunked\r\n \r\n\r\n`],
  ['a NUL in a header', `${HEAD}x: a\0b\r\n\r\n`],
  ['a lone line feed', 'POST /api/sanitize HTTP/1.1\nhost: localhost\n\n'],
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['no host', 'GET /api/status HTTP/1.1\r\n\r\n'],
  ['an absolute address', 'GET http://evil.example/api/status HTTP/1.1\r\nhost: evil.example\r\n\r\n'],
  ['headers without end', `${HEAD}${`x: ${'y'.repeat(1000)}\r\n`.repeat(20)}\r\n`],
];

it('refuses requests that could mean two things, and answers none of what they smuggle', async () => {
  const served = await serve({ settings: '  stallSeconds: 1\n' });
  for (const [name, bytes] of AMBIGUOUS) {
    const answer = await served.raw(bytes);
    // One answer at most, and it is a refusal.
    const answers = answer.match(/HTTP\/1\.1 \d/g) ?? ['HTTP/1.1 4'];
    expect([name, ...answers]).toEqual([name, 'HTTP/1.1 4']);
    expect((await served.sanitize('a\n')).body.toString()).toBe('a\n');
  }
});

describe('bodies that break off', () => {
  it('tells a chunk that is none before it has answered, and cuts the answer after', async () => {
    const served = await serve();
    const early = await served.raw(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n`);
    expect(early).toMatch(/^HTTP\/1\.1 400 /);
    const socket = served.socket();
    const all = untilClosed(socket);
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n2\r\na\n\r\n`);
    await once(socket, 'data');
    socket.write('zz\r\n');
    expect(await all).not.toContain('\r\n0\r\n');
    expect((await served.sanitize('a\n')).body.toString()).toBe('a\n');
  });

  it('ends whoever sends headers or a body too slowly', async () => {
    const served = await serve({ settings: '  stallSeconds: 1\n' });
    const slow = [served.socket(), served.socket(), served.socket()];
    const ends = slow.map(untilClosed);
    slow[0]?.write('GET /api/status HTTP/1.1\r\nhost: loc');
    slow[1]?.write(`${HEAD}content-length: 10\r\n\r\nabc`);
    const trickle = setInterval(() => slow[0]?.write('a'), 300);
    const [headers, body, nothing] = await Promise.all(ends);
    clearInterval(trickle);
    expect(headers).toMatch(/^HTTP\/1\.1 408 /);
    expect(body).toMatch(/^HTTP\/1\.1 408 .*TIMEOUT/s);
    expect(nothing).not.toMatch(/ 200 /);
  });

  it('takes a refused body for a while, so that the refusal can be read, and no longer', async () => {
    const served = await serve({ settings: '  maxBody: 1000\n' });
    const opened = served.open('POST', '/api/sanitize', { 'content-length': String(2 ** 40) });
    opened.flushHeaders();
    const answer = await whole(await answerOf(opened));
    expect(answer.status).toBe(413);
    const junk = Buffer.alloc(1024 * 1024);
    const end = once(opened, 'close');
    const sending = setInterval(() => opened.write(junk), 1);
    await end;
    clearInterval(sending);
  });
});

describe('many at a time', () => {
  it.skipIf(!HAS_PROC)(
    'a hundred that send and read slowly cost little, and others are answered',
    async () => {
      const served = await serve({ settings: '  maxStreams: 200\n' });
      const before = peakMemory(served.child);
      const line = `${'x'.repeat(99)}\n`;
      const slow = Array.from({ length: 100 }, (_, index) => {
        const opened = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
        // Half read nothing of what they are sent; all have a line under way.
        if (index % 2 === 0) opened.on('response', (response) => response.pause());
        opened.write(`${line.repeat(2000)}begun`);
        return opened;
      });
      const more = setInterval(() => {
        for (const opened of slow) if (opened.writableLength < 200_000) opened.write(line.repeat(1000));
      }, 200);
      for (let times = 0; times < 8; times++) {
        expect((await served.ask('GET', '/livez')).status).toBe(200);
        expect((await served.sanitize('to user-7@toy.example\n')).body.toString()).toBe(
          'to [REDACTED:toy-mail]\n',
        );
        await sleep(50);
      }
      clearInterval(more);
      for (const opened of slow) opened.destroy();
      // Some 300 KB of buffers each, and what is on its way.
      expect(peakMemory(served.child) - before).toBeLessThan(300 * 1024 * 1024);
    },
    LONG_MS,
  );
});
