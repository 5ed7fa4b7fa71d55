/** Outputs over networks, as processes: each line arrives, also where the other side goes and comes back. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { until } from '../support/processes.ts';
import { freePort, HAS_REDIS, REDIS_MISSING, RedisServer } from '../support/redis.ts';
import { idsIn, idsTo, TailFolder } from '../support/tail.ts';

const TIMEOUT = { timeout: 60_000 };

function gathering(server: Server): { text: () => string } {
  const parts: Buffer[] = [];
  const sockets = new Set<Socket>();
  server.on(
    server.listeners('secureConnection').length > 0 ? 'secureConnection' : 'connection',
    (socket: Socket) => {
      sockets.add(socket);
      socket.on('data', (bytes) => parts.push(bytes));
      socket.on('error', () => {});
    },
  );
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { text: () => Buffer.concat(parts).toString() };
}

async function listen(server: Server, where: number | string): Promise<number> {
  await new Promise<void>((done) =>
    typeof where === 'number' ? server.listen(where, '127.0.0.1', done) : server.listen(where, done),
  );
  return typeof where === 'number' ? (server.address() as AddressInfo).port : 0;
}

async function allArrive(files: TailFolder, output: string, text: () => string, env = {}): Promise<void> {
  files.write(100);
  const tail = files.start(['-o', output], { env });
  await until(() => idsIn(text()).length >= 100);
  const { code, stderr } = await tail.stop();
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(idsIn(text())).toEqual(idsTo(100));
  expect(text()).not.toContain('@toy');
}

test.each(['tcp', 'unix', 'syslog+unix'])('%s: each line arrives once', TIMEOUT, async (scheme) => {
  const files = new TailFolder();
  const server = createServer();
  const { text } = gathering(server);
  const path = join(files.folder, 'socket');
  const port = await listen(server, scheme === 'tcp' ? 0 : path);
  await allArrive(files, scheme === 'tcp' ? `tcp://127.0.0.1:${port}` : `${scheme}:${path}`, text);
  // RFC 6587, 3.4.1: the length of each message is before it.
  if (scheme !== 'syslog+unix') return;
  let rest = Buffer.from(text());
  let messages = 0;
  for (; rest.length > 0; messages++) {
    const [digits = ''] = /^\d+/.exec(rest.toString('latin1')) ?? [];
    const message = rest.subarray(digits.length + 1, digits.length + 1 + Number(digits)).toString();
    expect(message).toMatch(/^<14>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ logveil \d+ - - id=\d+/);
    rest = rest.subarray(digits.length + 1 + Number(digits));
  }
  expect(messages).toBe(100);
});

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;

test.skipIf(!HAS_OPENSSL).each(['tls', 'syslog+tls'])(
  '%s: each line arrives, and a stranger gets none (skipped without openssl)',
  TIMEOUT,
  async (scheme) => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
    ];
    spawnSync('openssl', [...made, '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']);
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, () => {});
    const { text } = gathering(server);
    const port = await listen(server, 0);
    const files = new TailFolder();
    files.write(1);
    const stranger = files.start(['-o', `${scheme}://localhost:${port}`, '--stop-within', '200ms']);
    await until(() => stranger.said().includes("can't be reached"));
    await stranger.stop();
    expect(text()).toBe('');
    await allArrive(new TailFolder(), `${scheme}://localhost:${port}`, text, { NODE_EXTRA_CA_CERTS: cert });
  },
);

test.skipIf(!HAS_REDIS)(
  `Redis is stopped and started: each line is in the stream${REDIS_MISSING}`,
  TIMEOUT,
  async () => {
    const files = new TailFolder();
    const redis = new RedisServer(await freePort(), temporaryFolder());
    onTestFinished(() => redis.kill());
    await redis.start();
    const env = { LOGVEIL_REDIS_URL: redis.url };
    const entries = async (): Promise<string> => {
      const client = redis.client();
      const rows = (await client.xrange('logs:clean', '-', '+')) as [string, string[]][];
      client.disconnect();
      return rows.map(([, [, line]]) => `${line}\n`).join('');
    };
    files.write(100);
    const tail = files.start(['-o', 'redis-stream:logs:clean'], { env });
    while (idsIn(await entries()).length < 100) await new Promise((done) => setTimeout(done, 20));
    const before = await entries();
    await redis.kill();
    files.write(100);
    await new Promise((done) => setTimeout(done, 300));
    await redis.start();
    // It keeps nothing on disk, so only what came since is there.
    while (idsIn(await entries()).length < 100) await new Promise((done) => setTimeout(done, 20));
    expect((await tail.stop()).code).toBe(0);
    const all = before + (await entries());
    expect([...new Set(idsIn(all))].sort((a, b) => a - b)).toEqual(idsTo(200));
    expect(all).not.toContain('@toy');
  },
);

test(
  'a flood of one leak is one alert with a count; failures of the other side lose none',
  TIMEOUT,
  async () => {
    const files = new TailFolder();
    const alerts: { rule?: string; count: number; fingerprint?: string }[] = [];
    let requests = 0;
    const server = createHttpServer((request, response) => {
      let body = '';
      request.on('data', (bytes) => {
        body += bytes;
      });
      request.on('end', () => {
        if (requests++ === 0) return response.writeHead(500).end();
        for (const line of body.trim().split('\n')) alerts.push(JSON.parse(line));
        response.end();
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    writeFileSync(files.log, 'to user-7@toy.example\n'.repeat(1000));
    const tail = files.start(['--alerts', `http://127.0.0.1:${port}/`, '--alert-every', '1h']);
    await until(() => alerts.length > 0);
    await tail.stop();
    expect(alerts.reduce((sum, { count }) => sum + count, 0)).toBe(1000);
    expect(alerts.length).toBeLessThanOrEqual(2);
    expect(new Set(alerts.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(JSON.stringify(alerts)).not.toContain('@toy');
  },
);

test('metrics of each stage, and whether it is ready', TIMEOUT, async () => {
  const files = new TailFolder();
  const port = await freePort();
  files.write(10);
  const tail = files.start(['--metrics', `127.0.0.1:${port}`]);
  await until(() => idsIn(files.output()).length === 10);
  const get = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const metrics = await get('/metrics');
  for (const stage of ['look', 'read', 'redact', 'write', 'checkpoint'])
    expect(metrics).toMatch(new RegExp(`logveil_stage_runs_total\\{stage="${stage}"\\} [1-9]`));
  expect(metrics).toContain('logveil_tail_lines_total 10');
  expect(await get('/livez')).toBe('ok\n');
  expect(await get('/readyz')).toBe('ok\n');
  await tail.stop();
});

const LINE = 'grüße to user-7@toy.example 你好';

test.each([
  [
    'utf-16le with a mark',
    [],
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`${LINE}\n`, 'utf16le')]),
  ],
  ['utf-16be', ['--encoding', 'utf-16be'], () => Buffer.from(`${LINE}\n`, 'utf16le').swap16()],
  [
    'gb18030',
    ['--encoding', 'gb18030'],
    () => Buffer.concat([Buffer.from('to user-7@toy.example '), Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0x0a])]),
  ],
  [
    'latin1',
    ['--encoding', 'latin1'],
    () => Buffer.from('gr\u00fc\u00dfe to user-7@toy.example\n', 'latin1'),
  ],
  [
    'CRI, cut in the value',
    [],
    () =>
      Buffer.from(
        '2026-11-22T10:00:00.1Z stdout P to user-\n2026-11-22T10:00:00.2Z stdout F 7@toy.example\n',
      ),
  ],
  [
    'Docker, cut in the value',
    [],
    () =>
      Buffer.from(
        '{"log":"to user-","stream":"stdout","time":"t"}\n{"log":"7@toy.example\\n","stream":"stdout","time":"t"}\n',
      ),
  ],
] as const)('%s: the value is found, all else stays', TIMEOUT, async (name, args, bytes) => {
  const files = new TailFolder();
  writeFileSync(files.log, bytes());
  const { code } = await files.start([...args, '--once']).end;
  expect(code).toBe(0);
  const out = files.output();
  expect(out).toContain('to [REDACTED:toy-mail]');
  expect(out).not.toContain('7@');
  if (name.startsWith('utf-16')) expect(out).toContain('grüße');
  if (name === 'gb18030') expect(out).toContain('你好');
  if (name === 'latin1') expect(out).toContain('grüße');
  expect(existsSync(files.out)).toBe(true);
});
