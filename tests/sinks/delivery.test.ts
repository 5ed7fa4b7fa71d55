/** Network sinks on real servers that misbehave. */

import { readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Delivery } from '../../src/sinks/delivery.ts';
import { HttpTransport } from '../../src/sinks/http.ts';
import { FORMATS, HTTP_FORMATS } from '../../src/sinks/httpFormats.ts';
import { lineFraming, SocketTransport } from '../../src/sinks/socketLines.ts';
import { Spool } from '../../src/sinks/spool.ts';
import { syslogFraming } from '../../src/sinks/syslog.ts';
import type { Transport } from '../../src/sinks/transport.ts';
import { temporaryFolder } from '../support/folders.ts';
import { until } from '../support/processes.ts';

const OPTIONS = {
  recordWaitMs: 50,
  batchEvents: 3,
  batchBytes: 1000,
  queueBytes: 1000,
  firstRetryMs: 5,
  longestRetryMs: 20,
};
const never = new AbortController().signal;

function deliver(transport: Transport, extra: object = {}): Delivery {
  const delivery = new Delivery({ ...OPTIONS, transport, onTrouble: () => {}, ...extra });
  onTestFinished(() => delivery.close());
  return delivery;
}

/** @param answers one after the other; the last for all that follow */
async function httpServer(
  answers: ((request: IncomingMessage, response: ServerResponse, body: string) => void)[],
): Promise<URL> {
  let count = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () =>
      answers[Math.min(count++, answers.length - 1)]?.(request, response, Buffer.concat(parts).toString()),
    );
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

test('429, 500, silence and a cut connection: each event arrives, and counts as accepted only then', async () => {
  const got: string[] = [];
  const url = await httpServer([
    (_, response) => response.writeHead(429, { 'retry-after': '0' }).end(),
    (_, response) => response.writeHead(500).end(),
    () => {},
    (request) => request.socket.destroy(),
    (_, response, body) => {
      got.push(...body.trim().split('\n'));
      response.end();
    },
  ]);
  const delivery = deliver(new HttpTransport({ url, format: 'ndjson', timeoutMs: 100 }));
  await delivery.write(Buffer.from('one\n{"a":1}\n'), 1, 'f');
  expect(delivery.accepted).toBe(0);
  await delivery.drain(never);
  expect(delivery.accepted).toBe(1);
  expect(got).toEqual(['{"message":"one","source":"f"}', '{"a":1}']);
  expect(delivery.retries).toBe(4);
});

test('events that are refused are found one by one', async () => {
  const got: string[] = [];
  const url = await httpServer([
    (_, response, body) => {
      if (body.includes('bad')) response.writeHead(400).end();
      else {
        got.push(body);
        response.end();
      }
    },
  ]);
  const delivery = deliver(new HttpTransport({ url, format: 'ndjson' }));
  await delivery.write(Buffer.from('a\nbad\nc\n'), 1, '');
  await delivery.drain(never);
  expect(delivery.rejected).toBe(1);
  expect(got.join('')).toContain('"a"');
  expect(got.join('')).toContain('"c"');
});

test.each(HTTP_FORMATS)('%s is what its store reads: lines of JSON, or one', (format) => {
  const { text } = FORMATS[format].body([
    { bytes: Buffer.from('x "y"\nz'), source: '/l' },
    { bytes: Buffer.from('b'), source: '/l' },
  ]);
  const parts = format === 'loki' || format === 'otlp' ? [text] : text.trim().split('\n');
  for (const part of parts) expect(() => JSON.parse(part)).not.toThrow();
});

test('the spool keeps what is not taken, 0600, bounded, and across a restart', async () => {
  const folder = join(temporaryFolder(), 'spool');
  const down: Transport = {
    name: 'down',
    send: () => Promise.reject(new Error('down')),
    close: async () => {},
  };
  const first = new Delivery({
    ...OPTIONS,
    transport: down,
    onTrouble: () => {},
    spool: new Spool(folder, 10_000, 'block'),
  });
  await first.write(Buffer.from('1\n'), 1, '');
  await until(() => first.retries > 0);
  await first.write(Buffer.from('2\n'), 2, '');
  await first.close();
  const [name = ''] = readdirSync(folder);
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  const got: string[] = [];
  const up: Transport = {
    name: 'up',
    send: async (events) => void got.push(...events.map(({ bytes }) => bytes.toString())),
    close: async () => {},
  };
  deliver(up, { spool: new Spool(folder, 10_000, 'block') });
  await until(() => got.length === 1);
  expect(got).toEqual(['2']);
  const small = new Spool(join(folder, 'small'), 40, 'drop-oldest');
  for (let i = 0; i < 5; i++)
    expect(small.add([{ bytes: Buffer.from(`event ${i}`), source: '' }])).toBe(true);
  expect(small.dropped).toBeGreaterThan(0);
});

test('records of several lines are one event, for each source by itself', async () => {
  const got: string[] = [];
  const up: Transport = {
    name: 'up',
    send: async (events) => void got.push(...events.map(({ bytes }) => bytes.toString())),
    close: async () => {},
  };
  const delivery = deliver(up, { recordStart: '^E' });
  await delivery.write(Buffer.from('E1\n at a\n'), 1, 'a');
  await delivery.write(Buffer.from('E2\n at b\n'), 2, 'b');
  await delivery.write(Buffer.from(' at a2\nE3\n'), 3, 'a');
  expect(delivery.accepted).toBeLessThan(2);
  await delivery.drain(never);
  expect(got.sort()).toEqual(['E1\n at a\n at a2', 'E2\n at b', 'E3']);
  expect(delivery.accepted).toBe(3);
});

test('a socket is connected anew', async () => {
  let text = '';
  let connections = 0;
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    if (connections++ === 0) socket.destroy();
    else socket.on('data', (part) => (text += part.toString()));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const delivery = deliver(
    new SocketTransport({ name: 't', host: '127.0.0.1', port, isTls: false }, lineFraming),
  );
  for (let i = 1; !text.includes('\n'); i++) {
    await delivery.write(Buffer.from(`line ${i}\n`), i, '');
    await delivery.drain(never);
    await new Promise((done) => setTimeout(done, 10));
  }
  expect(text).toMatch(/^line \d+\n/);
});

test('RFC 5424 with octet counting (RFC 6587)', () => {
  const frame = syslogFraming('octet-counting')({ bytes: Buffer.from('häß\nx'), source: '' });
  const [, length, message = ''] = /^(\d+) (.*)$/s.exec(frame.toString()) ?? [];
  expect(Number(length)).toBe(Buffer.byteLength(message));
  expect(message).toMatch(/^<14>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ logveil \d+ - - häß\nx$/);
  expect(syslogFraming('newline')({ bytes: Buffer.from('a\nb'), source: '' }).toString()).toMatch(/ a b\n$/);
});
