/** Starts, stops, reloads, and what a long upload does to everybody else. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { runCli, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';
import { filler } from '../support/generators.ts';
import { HAS_PROC, peakMemory } from '../support/processes.ts';
import { freePort, HAS_REDIS, REDIS_MISSING, RedisServer } from '../support/redis.ts';
import { TOY_RULES } from '../support/rules.ts';
import { answerOf, type Served, serve, sha256, whole } from './support.ts';

/** For a machine that does much else at the same time. */
const LONG_MS = 300_000;

async function beginUpload(served: Served) {
  const opened = served.open('POST', '/api/sanitize', { 'content-type': 'text/plain' });
  opened.write('first user-7@toy.example\n');
  return { opened, response: await answerOf(opened) };
}

describe('a stop', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('lets what runs finish, and takes no more: %s', async (signal) => {
    const served = await serve();
    const { opened, response } = await beginUpload(served);
    served.child.kill(signal);
    await served.until(() => served.err.includes('"stopping"'));
    await expect(served.ask('GET', '/livez')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|closed/);
    opened.end('last user-8@toy.example\n');
    const answer = await whole(response);
    expect(answer.body.toString()).toBe('first [REDACTED:toy-mail]\nlast [REDACTED:toy-mail]\n');
    expect(answer.trailers['logveil-summary']).toBeDefined();
    expect(await served.code).toBe(0);
  });

  it('cuts what does not finish in its time', async () => {
    const served = await serve({ args: ['--stop-seconds', '1'] });
    const { response } = await beginUpload(served);
    served.child.kill('SIGTERM');
    await expect(whole(response)).rejects.toThrow();
    expect(await served.code).toBe(0);
    expect(served.err).toContain('"requests":1');
  });

  it('ends at once on a second signal, and with readers of events in no time', async () => {
    const served = await serve();
    const events = await answerOf(served.open('GET', '/api/events').end());
    events.resume();
    served.child.kill('SIGTERM');
    expect(await served.code).toBe(0);
    const stuck = await serve();
    await beginUpload(stuck);
    stuck.child.kill('SIGTERM');
    await stuck.until(() => stuck.err.includes('"stopping"'));
    stuck.child.kill('SIGTERM');
    expect(await stuck.code).toBeNull();
  });
});

describe('a start', () => {
  it('tells why it can not listen, and what is wrong with its settings', async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
    const { port } = taken.address() as { port: number };
    const run = await runCli(['serve', '--port', String(port)]);
    taken.close();
    expect([run.code, run.stderr]).toEqual([
      2,
      `logveil: can't listen on 127.0.0.1, port ${port}: another process listens there; choose another --port, or 0 for any\n`,
    ]);
    for (const [flag, value, words] of [
      ['--port', '70000', '--port: expected a whole number from 0 to 65535'],
      ['--max-body', 'big', '--max-body: expected a size such as 64MiB'],
      ['--max-streams', '0', '--max-streams: expected a whole number from 1 to 10000'],
      ['--rate-limit', '-1', '--rate-limit: expected a whole number from 0'],
      ['--rules', 'nothing', 'nothing'],
    ] as const) {
      const refused = await runCli(['serve', '--port', '0', flag, value]);
      expect([flag, refused.code]).toEqual([flag, 2]);
      expect(refused.stderr).toContain(words);
    }
    const folder = temporaryFolder();
    writeFileSync(`${folder}/logveil.yaml`, 'serve:\n  trustProxy: [nonsense]\n');
    const proxy = await runCli(['serve', '--port', '0'], { cwd: folder });
    expect([proxy.code, proxy.stderr]).toEqual([
      2,
      'logveil: serve.trustProxy: expected addresses or networks such as 10.0.0.0/8\n',
    ]);
  });
});

describe('a reload', () => {
  it('changes the rules of running requests between two lines, and keeps the counts', async () => {
    const served = await serve();
    const { opened, response } = await beginUpload(served);
    const before = (await served.json('/api/health')) as unknown as { rules: { digest: string } };
    const [head, ...rules] = TOY_RULES.split('  - id: ');
    writeFileSync(served.path('next.yaml'), `${head}  - id: ${rules[1]}`);
    renameSync(served.path('next.yaml'), served.path('rules.yaml'));
    served.child.kill('SIGHUP');
    await served.until(() => served.err.includes('"reloaded"'));
    const after = (await served.json('/api/health')) as unknown as {
      rules: { digest: string; count: number };
    };
    expect(after.rules.count).toBe(1);
    expect(after.rules.digest).not.toBe(before.rules.digest);
    opened.end('then user-8@toy.example tok_abcdefghijklmnopqrstuvwx\n');
    expect((await whole(response)).body.toString()).toBe(
      'first [REDACTED:toy-mail]\nthen user-8@toy.example [REDACTED:toy-token]\n',
    );
    expect(await served.json('/api/findings')).toMatchObject({ byRule: { 'toy-mail': 1, 'toy-token': 1 } });
    writeFileSync(served.path('rules.yaml'), 'rules: [broken');
    served.child.kill('SIGHUP');
    await served.until(() => served.err.includes('not reloaded'));
    expect(await served.json('/api/health')).toMatchObject({ status: 'ok', rules: after.rules });
  });
});

describe('beside the answers', () => {
  it('findings go to a file, without the values', async () => {
    const served = await serve({ args: ['--findings', 'found.jsonl'] });
    await served.sanitize('one user-7@toy.example\n');
    await served.sanitize('two user-7@toy.example\n', { accept: 'application/json' });
    const found = readFileSync(served.path('found.jsonl'), 'utf8');
    const [one, two] = found
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { fingerprint: string });
    expect(one).toMatchObject({ rule: 'toy-mail', source: 'http', line: 1 });
    expect(two?.fingerprint).toBe(one?.fingerprint);
    expect(found).not.toContain('user-7');
  });

  it('shows the last verification, and says when it can not', async () => {
    const served = await serve({ args: ['--verification', 'v.json'] });
    const shown = async () =>
      ((await served.json('/api/status')) as unknown as { verification: unknown }).verification;
    expect(await shown()).toEqual({ state: 'missing', result: null });
    writeFileSync(served.path('v.json'), '{"schema":"something else"}');
    expect(await shown()).toEqual({ state: 'unreadable', result: null });
    const counts = { pass: 1, warn: 0, fail: 0, unknown: 0, skipped: 0 };
    const result = {
      ...{
        schema: 'logveil.verification/1',
        version: '0.1.0',
        deployment: 'shop',
        started: '2026-11-22T10:00:00Z',
      },
      ...{ seconds: 1, status: 'pass', exitCode: 0, counts, checks: [], triggers: [] },
    };
    writeFileSync(served.path('v.json'), JSON.stringify({ ...result, runbook: [] }));
    expect(await shown()).toEqual({ state: 'read', result });
  });

  it.skipIf(!HAS_REDIS)(
    `shows breakers and limits of all services in Redis, by reading${REDIS_MISSING}`,
    async () => {
      const redis = new RedisServer(await freePort(), temporaryFolder());
      await redis.start();
      const client = redis.client();
      await client.set('circuit_breaker:calcom:state', 'open');
      await client.set('circuit_breaker:calcom:opened_at', '1790935200000');
      await client.set('circuit_breaker:webhook_out:state', 'half_open');
      await client.set('circuit_breaker:<script>:state', 'open');
      await client.set('circuit_breaker:broken:state', 'nonsense');
      await client.call('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+@read', '+ping');
      const served = await serve({
        env: {
          LOGVEIL_REDIS_URL: redis.url,
          LOGVEIL_REDIS_USERNAME: 'reader',
          LOGVEIL_REDIS_PASSWORD: 'pw',
        },
      });
      const services = async () =>
        (
          (await served.json('/api/status')) as unknown as {
            services: { isReachable: boolean; breakers: object[]; limiters: object[] };
          }
        ).services;
      const minute = new Date().toISOString().slice(0, 16).replace(/[T:]/g, '-');
      const next = new Date(Date.now() + 60_000).toISOString().slice(0, 16).replace(/[T:]/g, '-');
      for (const one of [minute, next]) await client.set(`calcom_api_rate_limit:${one}`, '17');
      while ((await services()).limiters.length === 0);
      expect(await services()).toMatchObject({
        store: 'redis',
        isReachable: true,
        breakers: [
          { service: 'calcom', state: 'open', since: 1_790_935_200_000, failureRate: 0, calls: 0 },
          { service: 'webhook_out', state: 'half_open' },
        ],
        limiters: [{ service: 'calcom', used: 17, limit: 60 }],
      });
      expect((await services()).breakers).toHaveLength(2);
      expect(await served.json('/api/health')).toMatchObject({
        breakers: { closed: 0, open: 1, half_open: 1 },
      });
      await redis.kill();
      while ((await services()).isReachable);
      expect((await services()).breakers).toHaveLength(2);
      expect(await served.json('/api/health')).toMatchObject({ status: 'ok' });
    },
  );
});

describe('a long upload', () => {
  it.skipIf(!HAS_PROC)(
    'comes out as from the command line, in flat memory, while others are answered',
    async () => {
      const served = await serve();
      const piece = Buffer.concat([
        ...Array.from({ length: 8 }, (_, seed) => Buffer.concat([filler(120, seed + 1), Buffer.from('\n')])),
        Buffer.from('to user-7@toy.example\n'),
      ]);
      const block = Buffer.concat(Array.from({ length: 256 }, () => piece));
      const blocks = Math.ceil((200 * 1024 * 1024) / block.length);
      const whole200 = Buffer.concat(Array.from({ length: blocks }, () => block));
      const expected = await runCli([], {
        cwd: served.folder,
        input: whole200,
        env: { LOGVEIL_KEY: TEST_KEY },
      });
      await served.sanitize(block);
      const before = peakMemory(served.child);
      let isDone = false;
      const upload = served.sanitize(whole200).finally(() => {
        isDone = true;
      });
      let answered = 0;
      while (!isDone) {
        expect((await served.ask('GET', '/livez')).status).toBe(200);
        answered++;
      }
      const answer = await upload;
      expect(answer.trailers['content-digest']).toBe(`sha-256=:${sha256(answer.body)}:`);
      expect(answer.body.equals(expected.stdout)).toBe(true);
      expect(answered).toBeGreaterThan(10);
      expect(peakMemory(served.child) - before).toBeLessThan(100 * 1024 * 1024);
    },
    LONG_MS,
  );
});
