/** A distributed audit on a real Redis: two worker processes, one killed with -9, and the result of one process alone. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { finished, runCli, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler } from '../support/generators.ts';
import { until } from '../support/processes.ts';
import { audit, ENVIRONMENT, withRules } from './support.ts';

const HAS_REDIS = spawnSync('redis-server', ['--version']).status === 0;
const WHERE = HAS_REDIS ? '' : ' (skipped: redis-server is missing)';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

async function startRedis(): Promise<{ readonly url: string; readonly redis: Redis }> {
  const port = await freePort();
  const folder = temporaryFolder();
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    { stdio: 'ignore' },
  );
  onTestFinished(() => void server.kill('SIGKILL'));
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  onTestFinished(() => redis.disconnect());
  await redis.ping();
  return { url, redis };
}

function startWorker(
  url: string,
  folder: string,
  ...args: string[]
): { child: ChildProcess; log: () => string } {
  const env = { ...ENVIRONMENT, LOGVEIL_TEST_LOCK_MS: '1500' };
  const child = startCli(['worker', '--queue', url, '--workers', '1', '-v', ...args], { cwd: folder, env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  return { child, log: () => log };
}

it.skipIf(!HAS_REDIS)(
  `a killed worker costs nothing: its part is done again, and counted once${WHERE}`,
  async () => {
    const { url, redis } = await startRedis();
    const folder = temporaryFolder();
    const lines = (seed: number): string =>
      Array.from({ length: 12_000 }, (_, i) => `${filler(90, seed + i)} user-${i % 5000}@toy.example\n`).join(
        '',
      );
    // A block of many lines goes over borders of ranges.
    writeFiles(folder, {
      'logs/a.log': lines(3),
      'logs/b.log': `${lines(5)}BEGIN TOY\n${'QUJD\n'.repeat(700)}END TOY\n${lines(6)}`,
    });
    const env = { LOGVEIL_TEST_RANGE_BYTES: '60000' };
    await audit(folder, ['logs', '--format', 'jsonl', '-o', 'alone.jsonl'], env);
    const [first, second] = [
      startWorker(url, folder),
      startWorker(url, folder, '--path-map', `${folder}/logs=${folder}/logs`),
    ];
    await until(() => first.log().includes('waiting') && second.log().includes('waiting'));
    const args = [
      'audit',
      ...withRules(folder),
      'logs',
      '--format',
      'jsonl',
      '-o',
      'spread.jsonl',
      '--queue',
      url,
    ];
    const coordinator = startCli(args, { cwd: folder, env: { ...ENVIRONMENT, ...env } });
    const ended = finished(coordinator);
    await until(() => first.log().includes('part done') || coordinator.exitCode !== null);
    first.child.kill('SIGKILL');
    // While it goes on: nothing that was found stands in Redis.
    const keys = await redis.keys('*');
    for (const key of keys) {
      expect(key).not.toMatch(/toy|@|\.log/);
      const text = JSON.stringify(await redis.hgetall(key).catch(() => ''));
      expect(text).not.toMatch(/user-\d+@toy/);
    }
    const result = await ended;
    expect([result.code, result.stderr]).toEqual([1, '']);
    expect(readFileSync(join(folder, 'spread.jsonl'), 'utf8')).toBe(
      readFileSync(join(folder, 'alone.jsonl'), 'utf8'),
    );
    expect(second.log()).toContain('part done');
    for (const key of await redis.keys('*')) expect([key, await redis.ttl(key)]).not.toEqual([key, -1]);
    second.child.kill('SIGTERM');
    await until(() => second.child.exitCode !== null);
    expect(second.child.exitCode).toBe(0);
  },
);

it.skipIf(!HAS_REDIS)(
  `a worker with another key refuses, and one that has the files elsewhere finds them${WHERE}`,
  async () => {
    const { url } = await startRedis();
    const folder = temporaryFolder();
    writeFiles(folder, {
      'here/a.log': 'user-1@toy.example\n',
      'there/a.log': 'user-1@toy.example\nuser-2@toy.example\n',
    });
    const rules = withRules(folder);
    const args = ['audit', ...rules, `${folder}/here`, '--format', 'json', '-o', 'out.json', '--queue', url];
    const coordinator = startCli(args, { cwd: folder, env: ENVIRONMENT });
    const ended = finished(coordinator);
    const stranger = await runCli(['worker', '--queue', url], {
      cwd: folder,
      env: { LOGVEIL_KEY: 'ab'.repeat(32) },
    });
    expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringContaining('give the same key')]);
    const worker = startWorker(url, folder, '--path-map', `${folder}/here=${folder}/there`);
    const result = await ended;
    expect([result.code, result.stderr]).toEqual([1, '']);
    const document = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'));
    expect(document.totals.findings).toBe(2);
    expect(document.values[0].locations[0].path).toBe(`${folder}/here/a.log`);
    expect(document.run.distributed).toBe(true);
    worker.child.kill('SIGTERM');
  },
);

it.skipIf(!HAS_REDIS)(`says what is wrong with the queue${WHERE}`, async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'a.log': 'x\n' });
  const port = await freePort();
  const away = await audit(folder, ['a.log', '--queue', `redis://:s3cret@127.0.0.1:${port}`]);
  expect([away.code, away.stderr]).toEqual([2, expect.stringContaining("Redis can't be reached")]);
  expect(away.stderr).not.toContain('s3cret');
  const other = await audit(folder, ['a.log', '--queue', 'localhost']);
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('redis://localhost:6379')]);
  const keyless = await runCli(['worker', '--queue', 'redis://127.0.0.1:1'], { cwd: folder });
  expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining('the key of the audit')]);
});
