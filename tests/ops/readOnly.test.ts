/** Verification reads only: a Redis user that may not write, files as they were, one GET, no command that writes. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HAS_REDIS, Sample, WHERE } from './support.ts';

const USER = 'verify';
const PASSWORD = 'only-to-read-7Q';
/** All that may be sent, AUTH of the connection aside. */
const READS = new Set(['ping', 'info', 'scan', 'get', 'mget', 'ttl', 'auth']);

let sample: Sample;

describe.skipIf(!HAS_REDIS)(`verify reads only${WHERE}`, () => {
  beforeAll(async () => {
    sample = await Sample.start();
    await sample.redis.call('ACL', 'SETUSER', USER, 'on', `>${PASSWORD}`, '~*', '+@read', '+ping', '+info');
  });
  afterAll(() => sample?.stop());
  beforeEach(async () => {
    await sample.reset();
    sample.configure();
  });

  const asReader = (): Record<string, string> => ({
    LOGVEIL_REDIS_URL: `redis://${USER}:${PASSWORD}@127.0.0.1:${sample.redisPort}`,
  });

  test('a user that may only read is enough, and nothing else is even tried', async () => {
    await sample.redis.call('ACL', 'LOG', 'RESET');
    const commands = new Set<string>();
    const spy = new Redis(sample.redisPort, '127.0.0.1');
    const monitor = await spy.monitor();
    monitor.on('monitor', (_time: string, [command = '']: string[], source: string) => {
      if (!source.includes('lua')) commands.add(command.toLowerCase());
    });
    const before = filesOf(sample.folder);
    const result = await sample.verifyByCommand([], asReader());
    monitor.disconnect();
    spy.disconnect();
    expect(result.status).toBe('pass');
    expect(await sample.redis.call('ACL', 'LOG')).toEqual([]);
    expect([...commands].filter((command) => !READS.has(command))).toEqual([]);
    expect(commands).toContain('scan');
    // The application logs the one request; all else is as it was, to the byte and the moment.
    const after = filesOf(sample.folder);
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [path, facts] of after)
      if (!path.endsWith('laravel.log')) expect([path, facts]).toEqual([path, before.get(path)]);
  });

  test('the password is in no output, whatever goes wrong', async () => {
    const wrong = { LOGVEIL_REDIS_URL: `redis://${USER}:wrong-${PASSWORD}@127.0.0.1:${sample.redisPort}` };
    for (const format of ['text', 'json']) {
      const { code, stdout, stderr } = await sample.run(['--only', 'redis', '--format', format], wrong);
      expect(code).toBe(3);
      expect(stdout.toString() + stderr).not.toContain(PASSWORD);
    }
  });

  test('what Redis refuses is unknown, never a pass', async () => {
    await sample.redis.call('ACL', 'SETUSER', 'nobody', 'on', '>x', '~*', '+ping');
    const url = `redis://nobody:x@127.0.0.1:${sample.redisPort}`;
    const result = await sample.verifyByCommand([], { LOGVEIL_REDIS_URL: url });
    const byId = new Map(result.checks.map(({ id, status }) => [id, status]));
    for (const id of ['redis', 'breakers', 'rate-limit', 'cache-keys', 'cache-hits'])
      expect([id, byId.get(id)]).toEqual([id, 'unknown']);
    expect(result.exitCode).toBe(3);
  });

  test('one GET without a body, no redirect followed, no retry', async () => {
    const seen: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      seen.push(request);
      response.writeHead(301, { location: '/other' }).end();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    sample.configure({ healthUrl: `http://127.0.0.1:${port}/api/health` });
    await sample.verifyByCommand();
    server.close();
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /api/health']);
  });

  test('--dry-run touches nothing', async () => {
    const spy = new Redis(sample.redisPort, '127.0.0.1');
    const monitor = await spy.monitor();
    const commands: string[] = [];
    monitor.on('monitor', (_time: string, [command = '']: string[]) => commands.push(command));
    const before = Number(await sample.tell('requests'));
    const { code, stdout } = await sample.run(['--dry-run']);
    monitor.disconnect();
    spy.disconnect();
    expect(code).toBe(0);
    for (const text of ['one GET', 'SCAN', 'logs/*.log']) expect(stdout.toString()).toContain(text);
    expect(commands).toEqual([]);
    expect(Number(await sample.tell('requests'))).toBe(before);
  });

  test('a health endpoint that hangs and a Redis that is stopped: it ends, and the rest is told', async () => {
    sample.configure({ limits: { health: '1s', redis: '1s', check: '20s', total: '40s' } });
    await sample.tell('delay -1');
    sample.redisServer.kill('SIGSTOP');
    try {
      const result = await sample.verifyByCommand();
      const byId = new Map(result.checks.map(({ id, status }) => [id, status]));
      for (const id of ['health', 'redis']) expect([id, byId.get(id)]).toEqual([id, 'fail']);
      for (const id of ['breakers', 'rate-limit', 'cache-keys', 'cache-hits', 'response-time'])
        expect([id, byId.get(id)]).toEqual([id, 'unknown']);
      for (const id of ['self-test', 'configuration', 'pii-in-logs', 'errors'])
        expect([id, byId.get(id)]).toEqual([id, 'pass']);
      expect(result.seconds).toBeLessThan(60);
    } finally {
      sample.redisServer.kill('SIGCONT');
    }
  });
});

function filesOf(folder: string): Map<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      const { mtimeMs, ctimeMs, size, mode } = statSync(path);
      const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
      return [path, [mtimeMs, ctimeMs, size, mode, sum].join(' ')];
    }),
  );
}
