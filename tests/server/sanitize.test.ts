/** `POST /api/sanitize` over real connections: the same bytes as the command line's, while they come, within limits. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCli, TEST_KEY } from '../support/cli.ts';
import { until } from '../support/processes.ts';
import { answerOf, errorOf, jsonOf, type Served, serve, sha256, whole } from './support.ts';

const VALUE = 'user-7@toy.example';
const SECRET = 'tok_abcdefghijklmnopqrstuvwx';

/** Everything that makes lines odd. */
const TEXT = Buffer.concat([
  Buffer.from(`to ${VALUE}\r\n\n{"mail":"${VALUE}","n":1}\n`),
  Buffer.from([0xff, 0xfe, 0x00, 0x0a]).subarray(1),
  Buffer.from(`${SECRET} and user-8@toy.example no line end`),
]);

async function redactedByCli(served: Served, input: Buffer): Promise<Buffer> {
  const { stdout } = await runCli([], { cwd: served.folder, input, env: { LOGVEIL_KEY: TEST_KEY } });
  return stdout;
}

/** Waits for the next bytes of an answer. */
async function nextChunk(response: IncomingMessage): Promise<string> {
  for (;;) {
    const chunk = response.read() as Buffer | null;
    if (chunk !== null) return chunk.toString();
    await once(response, 'readable');
  }
}

describe('redaction', () => {
  it('gives the bytes of the command line, with counts and a digest in trailers', async () => {
    const served = await serve();
    const answer = await served.sanitize(TEXT);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body).toEqual(await redactedByCli(served, TEXT));
    expect(answer.body.toString()).not.toMatch(/user-\d|tok_a/);
    const summary = JSON.parse(answer.trailers['logveil-summary'] ?? '') as Record<string, unknown>;
    expect(summary).toMatchObject({
      bytesIn: TEXT.length,
      bytesOut: answer.body.length,
      lines: 5,
      findings: 4,
      byRule: { 'toy-mail': 3, 'toy-token': 1 },
      byEntity: { EMAIL_ADDRESS: 3, TOY_TOKEN: 1 },
      byCategory: { pii: 3, secret: 1 },
      bySeverity: { medium: 3, critical: 1 },
      linesWithheld: 0,
    });
    expect(answer.trailers['content-digest']).toBe(`sha-256=:${sha256(answer.body)}:`);
  });

  it('does so however the body is cut, compressed or not, and many at a time', async () => {
    const served = await serve();
    const expected = (await redactedByCli(served, TEXT)).toString('latin1');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: TEXT.length }), { maxLength: 6 }),
        fc.boolean(),
        async (places, isGzip) => {
          const sent = isGzip ? gzipSync(TEXT) : TEXT;
          const encoding = isGzip ? { 'content-encoding': 'gzip' } : {};
          const headers = { 'content-type': 'application/x-ndjson', ...encoding };
          const requests = Array.from({ length: 4 }, async () => {
            const opened = served.open('POST', '/api/sanitize', headers);
            const answer = answerOf(opened);
            const cuts = [
              0,
              ...places.map((at) => Math.min(at, sent.length)).sort((a, b) => a - b),
              sent.length,
            ];
            for (let index = 1; index < cuts.length; index++) {
              await new Promise<void>((done) => {
                const piece = sent.subarray(cuts[index - 1], cuts[index]);
                if (piece.length === 0) done();
                else opened.write(piece, () => done());
              });
            }
            opened.end();
            return (await whole(await answer)).body.toString('latin1');
          });
          expect(await Promise.all(requests)).toEqual(Array.from({ length: 4 }, () => expected));
        },
      ),
      { numRuns: 15 },
    );
    const totals = (await served.json('/api/findings')) as unknown as { findings: number };
    expect(totals.findings % 16).toBe(0);
  });

  it('answers a line while the next has not been sent, in one go with the wait for it', async () => {
    const served = await serve();
    const opened = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
    opened.write(`first ${VALUE}\nsec`);
    const response = await answerOf(opened);
    expect(await nextChunk(response)).toBe('first [REDACTED:toy-mail]\n');
    opened.write(`ond ${VALUE}\n`);
    expect(await nextChunk(response)).toBe('second [REDACTED:toy-mail]\n');
    opened.end('rest');
    expect((await whole(response)).body.toString()).toBe('rest');
  });

  it('takes an empty body, and lines at a time on one connection', async () => {
    const served = await serve();
    const empty = await served.sanitize('');
    expect(empty).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(JSON.parse(empty.trailers['logveil-summary'] ?? '')).toMatchObject({ bytesIn: 0, findings: 0 });
    const one = 'POST /api/sanitize HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\na\nb';
    const last = one.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
    const answers = await served.raw(one + last);
    expect(answers.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
    expect(answers.match(/\r\nlogveil-summary: /gi)).toHaveLength(2);
  });

  it('asks for the body only when it wants it', async () => {
    const served = await serve();
    const head =
      'POST /api/sanitize HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\nconnection: close\r\n';
    const socket = served.socket();
    socket.write(`${head}content-length: 5\r\n\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.end('lines');
    const refused = await served.raw(`${head}content-type: image/png\r\ncontent-length: 5\r\n\r\n`);
    expect(refused).toMatch(/^HTTP\/1\.1 415 /);
  });
});

describe('the JSON answer', () => {
  const accept = { accept: 'text/html;q=0.1, application/vnd.logveil+json' };

  it('has the text, the counts, and findings without values', async () => {
    const served = await serve();
    const answer = await served.sanitize(`a\nto ${VALUE}\n`, accept);
    expect(answer.headers['content-type']).toBe('application/vnd.logveil+json; charset=utf-8');
    const told = jsonOf(answer) as unknown as Record<string, unknown>;
    expect(told).toMatchObject({
      schema: 'logveil.sanitized/1',
      requestId: answer.headers['x-request-id'],
      encoding: 'utf-8',
      text: 'a\nto [REDACTED:toy-mail]\n',
      summary: { lines: 2, findings: 1 },
      findings: [{ rule: 'toy-mail', source: 'http', line: 2, column: 4, offset: 5, length: VALUE.length }],
      findingsLeftOut: 0,
    });
    expect(answer.body.toString()).not.toContain('user-7');
  });

  it('has bytes that are no text in base64, and counts the findings it leaves out', async () => {
    const served = await serve();
    const told = jsonOf(await served.sanitize(Buffer.from([0x61, 0xff, 0x0a]), accept)) as unknown as {
      encoding: string;
      text: string;
    };
    expect(told).toMatchObject({
      encoding: 'base64',
      text: Buffer.from([0x61, 0xff, 0x0a]).toString('base64'),
    });
    const many = jsonOf(await served.sanitize(`${VALUE}\n`.repeat(10_007), accept)) as unknown as {
      findings: unknown[];
      findingsLeftOut: number;
    };
    expect(many.findings).toHaveLength(10_000);
    expect(many.findingsLeftOut).toBe(7);
  });
});

describe('what is refused', () => {
  it('tells what it expects of types, encodings and text', async () => {
    const served = await serve();
    const refused = async (
      body: string | Buffer,
      headers: Record<string, string>,
    ): Promise<[number, string]> => {
      const answer = await served.sanitize(body, headers);
      return [answer.status, errorOf(answer)];
    };
    expect(await refused('x', { 'content-type': 'application/json' })).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
    expect(await refused('x', { 'content-type': 'constructor' })).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
    expect(await refused('x', { 'content-type': 'text/plain; charset=utf-16' })).toEqual([
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ]);
    const brotli = brotliCompressSync('x');
    expect(await refused(brotli, { 'content-encoding': 'br' })).toEqual([415, 'UNSUPPORTED_ENCODING']);
    const wide = Buffer.from(`\ufefflogin ${VALUE} ok\n`, 'utf16le');
    expect(await refused(wide, {})).toEqual([422, 'NOT_TEXT']);
    expect(await refused(gzipSync(VALUE), {})).toEqual([422, 'NOT_TEXT']);
    expect(await refused('no gzip', { 'content-encoding': 'gzip' })).toEqual([400, 'BAD_COMPRESSION']);
    const cut = gzipSync(`${VALUE}\n`).subarray(0, 20);
    expect(await refused(cut, { 'content-encoding': 'gzip' })).toEqual([400, 'BAD_COMPRESSION']);
    const followed = Buffer.concat([gzipSync(''), Buffer.from(VALUE)]);
    expect(await refused(followed, { 'content-encoding': 'gzip' })).toEqual([400, 'BAD_COMPRESSION']);
    expect(
      await served.raw('POST /api/sanitize HTTP/1.0\r\nhost: localhost\r\ncontent-length: 1\r\n\r\nx'),
    ).toMatch(/^HTTP\/1\.1 505 /);
  });

  it('holds bodies and lines to their limits: announced, as they come, and decompressed', async () => {
    const served = await serve({ settings: '  maxBody: 100KB\n  maxLine: 2000\n  maxEnvelope: 4000\n' });
    const line = `${'x'.repeat(998)}\n`;
    const code = async (
      body: Buffer | string,
      headers: Record<string, string> = {},
    ): Promise<string | number> => {
      const answer = await served.sanitize(body, headers);
      return answer.status === 200 ? 200 : errorOf(answer);
    };
    expect(await code(line.repeat(100))).toBe(200);
    expect(await code(line.repeat(101))).toBe('BODY_TOO_LARGE');
    expect(await code('x'.repeat(2000))).toBe(200);
    expect(await code('x'.repeat(2001))).toBe('LINE_TOO_LONG');
    expect(await code(`${'x'.repeat(2001)}\n`)).toBe('LINE_TOO_LONG');
    expect(await code(line.repeat(5), { accept: 'application/json' })).toBe('BODY_TOO_LARGE');
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, '\n'));
    expect(await code(bomb, { 'content-encoding': 'gzip' })).toBe('BODY_TOO_LARGE');
    // What came before has been answered already, so there is no orderly end.
    const chunked = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
    chunked.write(line);
    const response = await answerOf(chunked);
    chunked.write(line.repeat(101));
    await expect(whole(response)).rejects.toThrow();
    const status = (await served.json('/api/status')) as unknown as { streams: { active: number } };
    expect(status.streams.active).toBe(0);
  });

  it('turns away what is too much at a time, and what takes too long', async () => {
    const served = await serve({ settings: '  maxStreams: 2\n  stallSeconds: 1\n  maxSeconds: 3\n' });
    const open = async (): Promise<IncomingMessage> => {
      const opened = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
      opened.write('a line\n');
      return answerOf(opened);
    };
    const streams = [await open(), await open()];
    const refused = await served.sanitize('x');
    expect([refused.status, errorOf(refused), refused.headers['retry-after']]).toEqual([
      503,
      'OVERLOADED',
      '1',
    ]);
    // Nothing more comes: both are cut. Before a byte was answered, the reason is told.
    for (const response of streams) await expect(whole(response)).rejects.toThrow();
    const silent = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
    silent.write('no line end');
    const told = await whole(await answerOf(silent));
    expect([told.status, errorOf(told)]).toEqual([408, 'TIMEOUT']);
    expect((await served.sanitize('x')).status).toBe(200);
  });
});

describe('a client that goes away', () => {
  it('leaves nothing behind: its bytes turn up in no other answer, and its place is free', async () => {
    const served = await serve({ settings: '  maxStreams: 1\n' });
    for (const sent of [`unfinished ${VALUE} line of one`, `one line\nunfinished ${SECRET}`]) {
      const gone = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
      gone.write(sent);
      if (sent.includes('\n')) await answerOf(gone);
      gone.destroy();
      let answer = await served.sanitize('mine\n');
      while (answer.status === 503) answer = await served.sanitize('mine\n');
      expect(answer.body.toString()).toBe('mine\n');
    }
    await until(() => served.err.includes('"status":0'));
    expect(served.err).not.toContain('"level":50');
    const metrics = (await served.ask('GET', '/metrics')).body.toString();
    expect(metrics).toMatch(/logveil_sanitize_active 0\n/);
  });
});
