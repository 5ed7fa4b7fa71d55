/** Breaker and limiter as a program gets them: from configuration and environment, on every kind of Redis, or on none. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from 'ioredis';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseConfig } from '../../src/config/file.ts';
import { type ProtectionConfig, protectionSchema } from '../../src/config/services.ts';
import { BreakerOpenError } from '../../src/services/errors.ts';
import { Protections, protectionFor } from '../../src/services/protections.ts';
import { REPOSITORY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { until } from '../support/processes.ts';
import { freePort, HAS_REDIS, REDIS_MISSING, RedisServer, startRedis } from '../support/redis.ts';

const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
const QUICK = { openSeconds: 0.2, jitter: 0, minimumCalls: 2, leaseSeconds: 5 };

interface Told {
  readonly lines: string[];
  readonly log: { info(message: string): void; warn(message: string): void };
}

function told(): Told {
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  return { lines, log: { info: say, warn: say } };
}

function config(redis: object = {}, service: object = {}): ProtectionConfig {
  return protectionSchema.parse({
    redis: { sole: true, ...redis },
    services: { calcom: { breaker: QUICK, limit: { calls: 3, seconds: 60 }, ...service } },
  });
}

function open(env: NodeJS.ProcessEnv, settings: ProtectionConfig, log: Told['log']): Protections {
  const protections = new Protections({ config: settings, env, log });
  onTestFinished(() => protections.close());
  return protections;
}

const failing = (): Promise<never> => Promise.reject(new Error('no'));

/** What a program does: the breaker opens and closes again, the limit is used up. */
async function exercise(protections: Protections): Promise<void> {
  const { breaker, limiter } = protections.for('calcom');
  const seen: string[] = [];
  breaker.events.on('change', ({ from, to, reason }) => seen.push(`${from} ${to} ${reason}`));
  for (let call = 0; call < 2; call++) await breaker.run(failing).catch(() => {});
  expect(await breaker.status()).toMatchObject({ service: 'calcom', state: 'open' });
  await expect(breaker.run(async () => 1)).rejects.toThrow(BreakerOpenError);
  await sleep(210);
  expect(await breaker.run(async () => 7)).toBe(7);
  expect(await breaker.status()).toMatchObject({ state: 'closed', failureRate: 0, calls: 0 });
  expect(seen).toEqual([
    'closed open failure_rate',
    'open half_open open_time_over',
    'half_open closed probe_succeeded',
  ]);
  for (let call = 0; call < 3; call++) await limiter.acquire(0);
  await expect(limiter.acquire(0)).rejects.toThrow('its rate limit is used up');
  expect((await limiter.status()).used).toBe(3);
}

test('without Redis all is kept in memory, which is said once', async () => {
  const { lines, log } = told();
  const protections = open({}, config(), log);
  await exercise(protections);
  protections.for('webhook');
  expect(protections.isShared).toBe(false);
  expect(lines).toEqual([expect.stringContaining('kept in memory')]);
});

test('a refusal of our own input does not speak against the service', async () => {
  const { breaker } = open({}, config(), told().log).for('calcom');
  for (let call = 0; call < 5; call++) {
    await breaker.run(failing, () => false).catch(() => {});
    await breaker
      .run(failing, () => {
        throw new Error('judge failed');
      })
      .catch(() => {});
  }
  expect(await breaker.status()).toMatchObject({ state: 'open' });
  const other = open({}, config(), told().log).for('calcom').breaker;
  for (let call = 0; call < 5; call++) await other.run(failing, () => false).catch(() => {});
  expect(await other.status()).toMatchObject({ state: 'closed', calls: 5, failureRate: 0 });
});

test('mistakes in the configuration are told with their place; a password has none there', () => {
  const text = [
    'protection:',
    '  redis:',
    '    url: redis://:s3cret@host',
    '    sentinels: [a]',
    '  services:',
    '    Cal.com: {}',
    '    calcom:',
    '      limit: { calls: 0, perMinute: 3 }',
  ].join('\n');
  const wrong = (): unknown => parseConfig('logveil.yaml', text);
  expect(wrong).toThrow(/logveil\.yaml:3:\d+: .*LOGVEIL_REDIS_PASSWORD/);
  expect(wrong).toThrow(/logveil\.yaml:8:\d+: /);
  expect(wrong).not.toThrow(/s3cret/);
  expect(() => open({}, config(), told().log).for('Cal.com')).toThrow('lower snake case');
  expect(() => open({ LOGVEIL_REDIS_URL: 'http://:s3cret@x' }, config(), told().log)).toThrow(
    /^LOGVEIL_REDIS_URL: expected/,
  );
  expect(() =>
    open({ LOGVEIL_REDIS_URL: 'redis://x', LOGVEIL_REDIS_PREFIX: 'A b' }, config(), told().log),
  ).toThrow('LOGVEIL_REDIS_PREFIX');
});

test.skipIf(!HAS_REDIS)(
  `one server: keys as documented, each with a TTL, and metrics${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const { lines, log } = told();
    const registry = new Registry();
    const { breaker, limiter, close } = protectionFor('calcom', {
      config: config(),
      env: { LOGVEIL_REDIS_URL: server.url, LOGVEIL_REDIS_PREFIX: 'ops:blue' },
      log,
      registry,
    });
    onTestFinished(close);
    for (let call = 0; call < 2; call++) await breaker.run(failing).catch(() => {});
    await limiter.acquire(1000);
    const redis = server.client();
    const [state, openedAt, history, counters] = await Promise.all([
      redis.get('ops:blue:circuit_breaker:calcom:state'),
      redis.get('ops:blue:circuit_breaker:calcom:opened_at'),
      redis.lrange('ops:blue:circuit_breaker:calcom:history', 0, -1),
      redis.keys('ops:blue:calcom_api_rate_limit:*'),
    ]);
    expect(state).toBe('open');
    expect(history.map((text) => JSON.parse(text))).toEqual([
      { at: Number(openedAt), from: 'closed', to: 'open', reason: 'failure_rate' },
    ]);
    expect(counters).toEqual([expect.stringMatching(/:\d{4}-\d\d-\d\d-\d\d-\d\d$/)]);
    expect(await redis.get(counters[0] as string)).toBe('1');
    for (const key of await redis.keys('*')) {
      expect(key).toMatch(/^ops:blue(:[a-z0-9_]+)+(:[\d-]+)?$/);
      expect(await redis.ttl(key)).toBeGreaterThan(0);
    }
    const metrics = await registry.metrics();
    expect(metrics).toContain('logveil_breaker_state{service="calcom"} 2');
    expect(metrics).toContain('logveil_breaker_calls_total{service="calcom",outcome="failed"} 2');
    expect(metrics).toContain('logveil_state_shared 1');
    expect(lines).toEqual([]);
  },
);

test.skipIf(!HAS_REDIS)(`what a process held in reserve is free when it ends${REDIS_MISSING}`, async () => {
  const server = await startRedis();
  const env = { LOGVEIL_REDIS_URL: server.url };
  const settings = config({}, { limit: { calls: 3, seconds: 60, reserve: 2 } });
  const first = open(env, settings, told().log);
  await first.for('calcom').limiter.acquire(1000);
  const second = open(env, settings, told().log);
  await expect(second.for('calcom').limiter.acquire(0)).rejects.toThrow('used up');
  await first.close();
  await second.for('calcom').limiter.acquire(0);
});

test.skipIf(!HAS_REDIS)(
  `a user that may only do what is needed; one that may not is told so, without its password${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const redis = server.client();
    const guide = readFileSync(join(REPOSITORY, 'docs/redis-keys.md'), 'utf8');
    for (const [line] of guide.matchAll(/^ACL SETUSER .*$/gm)) {
      const [, ...words] = line.replace('PASSWORD', 's3cret').split(' ');
      await redis.call('ACL', ...words);
    }
    await redis.call('ACL', 'SETUSER', 'default', 'off');
    const env = { LOGVEIL_REDIS_URL: server.url, LOGVEIL_REDIS_PASSWORD: 's3cret' };
    const { lines, log } = told();
    const shared = open({ ...env, LOGVEIL_REDIS_USERNAME: 'logveil' }, config(), log);
    await exercise(shared);
    expect([shared.isShared, lines]).toEqual([true, []]);
    for (const [user, reason] of [
      ['logveil_reader', 'NOPERM'],
      ['nobody', 'WRONGPASS'],
    ]) {
      const refused = told();
      const local = open({ ...env, LOGVEIL_REDIS_USERNAME: user }, config(), refused.log);
      await exercise(local);
      expect(local.isShared).toBe(false);
      expect(refused.lines).toEqual([expect.stringContaining(`away (${reason})`)]);
      expect(refused.lines.join()).not.toMatch(/s3cret|127\.0\.0\.1/);
    }
  },
);

function makeCertificates(folder: string): void {
  const run = (...args: string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(stderr.toString());
  };
  writeFiles(folder, { 'names.txt': 'subjectAltName=DNS:redis.test,IP:127.0.0.1\n' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  run('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test ca', '-days', '2');
  run('req', ...key, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=redis.test');
  run(
    ...['x509', '-req', '-in', 'redis.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', 'redis.pem', '-days', '2', '-extfile', 'names.txt'],
  );
}

test.skipIf(!HAS_REDIS || !HAS_OPENSSL)(
  `TLS with a CA and a client certificate of our own; a server that nobody vouches for is not talked to${HAS_OPENSSL ? REDIS_MISSING : ' (skipped: openssl is missing)'}`,
  async () => {
    const folder = temporaryFolder();
    makeCertificates(folder);
    const file = (name: string): string => join(folder, name);
    const tlsPort = await freePort();
    const server = await startRedis(
      ...['--tls-port', String(tlsPort), '--tls-cert-file', file('redis.pem')],
      ...['--tls-key-file', file('redis.key'), '--tls-ca-cert-file', file('ca.pem')],
    );
    expect(server.port).not.toBe(tlsPort);
    const env = { LOGVEIL_REDIS_URL: `rediss://127.0.0.1:${tlsPort}` };
    const tls = { caFile: file('ca.pem'), certFile: file('redis.pem'), keyFile: file('redis.key') };
    const { lines, log } = told();
    const shared = open(env, config({ tls: { ...tls, serverName: 'redis.test' } }), log);
    await exercise(shared);
    expect([shared.isShared, lines]).toEqual([true, []]);

    for (const wrong of [{}, { ...tls, serverName: 'other.test' }]) {
      const refused = told();
      const local = open(env, config({ tls: wrong }), refused.log);
      await exercise(local);
      expect([local.isShared, refused.lines.length]).toEqual([false, 1]);
    }
    expect(() => open(env, config({ tls: { caFile: file('none.pem') } }), log)).toThrow(
      'none.pem: the file for TLS',
    );
  },
);

test.skipIf(!HAS_REDIS)(
  `Sentinels: the master they name, and the new one after a failover${REDIS_MISSING}`,
  async () => {
    const master = await startRedis();
    const replica = await startRedis('--replicaof', '127.0.0.1', String(master.port));
    const folder = temporaryFolder();
    writeFiles(folder, {
      'sentinel.conf': [
        `sentinel monitor mymaster 127.0.0.1 ${master.port} 1`,
        'sentinel down-after-milliseconds mymaster 400',
        'sentinel failover-timeout mymaster 2000',
        '',
      ].join('\n'),
    });
    const sentinel = new RedisServer(await freePort(), folder, join(folder, 'sentinel.conf'), '--sentinel');
    onTestFinished(() => sentinel.kill());
    await sentinel.start();
    const { lines, log } = told();
    const settings = config({ sentinels: [`127.0.0.1:${sentinel.port}`], master: 'mymaster' });
    const shared = open({}, settings, log);
    await exercise(shared);
    expect([shared.isShared, lines]).toEqual([true, []]);
    const watcher = sentinel.client();
    for (;;) {
      const known = (await watcher.call('SENTINEL', 'REPLICAS', 'mymaster')) as unknown[];
      if (known.length > 0 && JSON.stringify(known).includes('"master-link-status","ok"')) break;
      await sleep(20);
    }
    await master.kill();
    const { breaker } = shared.for('calcom');
    await until(() => {
      void breaker.run(async () => 1).catch(() => {});
      return lines.some((line) => line.includes('away'));
    });
    await until(() => lines.some((line) => line.includes('Redis is back')));
    await breaker.run(async () => 1);
    expect(shared.isShared).toBe(true);
    expect(await replica.client().get('circuit_breaker:calcom:state')).toBe('closed');
  },
  // A Sentinel that was held up for two seconds does nothing for half a minute.
  150_000,
);

test.skipIf(!HAS_REDIS)(
  `a cluster of three: each key in its own slot, what people read included${REDIS_MISSING}`,
  async () => {
    const servers: RedisServer[] = [];
    for (let node = 0; node < 3; node++) servers.push(await startRedis('--cluster-enabled', 'yes'));
    const ports = servers.map(({ port }) => `127.0.0.1:${port}`);
    const made = spawnSync('redis-cli', ['--cluster', 'create', ...ports, '--cluster-yes']);
    expect(made.status, made.stdout.toString()).toBe(0);
    // Its nodes agree a moment later than they are joined.
    await vi.waitFor(
      () => {
        for (const { port } of servers) {
          const info = spawnSync('redis-cli', ['-p', String(port), 'cluster', 'info']).stdout.toString();
          expect(info).toContain('cluster_state:ok');
        }
      },
      { timeout: 30_000, interval: 100 },
    );
    const { lines, log } = told();
    const shared = open({ LOGVEIL_REDIS_URL: `redis+cluster://${ports.join(',')}` }, config(), log);
    await exercise(shared);
    expect([shared.isShared, lines]).toEqual([true, []]);
    const cluster = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
    onTestFinished(() => cluster.disconnect());
    expect(await cluster.get('circuit_breaker:calcom:state')).toBe('closed');
    expect(await cluster.exists('circuit_breaker:calcom:opened_at')).toBe(0);
    const history = await cluster.lrange('circuit_breaker:calcom:history', 0, -1);
    expect(history.map((text) => JSON.parse(text).reason)).toEqual([
      'probe_succeeded',
      'open_time_over',
      'failure_rate',
    ]);
    for (const { port } of servers) {
      const node = servers.find((one) => one.port === port)?.client();
      for (const key of (await node?.keys('*')) ?? [])
        expect([key, await node?.ttl(key)]).not.toEqual([key, -1]);
    }
  },
);

test.skipIf(!HAS_REDIS)(
  `Redis that hangs stalls nobody: all goes on while it is stopped, and it is taken up again${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const { lines, log } = told();
    const { breaker, limiter, close } = protectionFor('calcom', {
      config: config({}, { limit: { calls: 40 } }),
      env: { LOGVEIL_REDIS_URL: server.url },
      log,
    });
    onTestFinished(close);
    await breaker.run(async () => 1);
    await limiter.acquire(1000);
    server.signal('SIGSTOP');
    // All of this comes to its end before Redis goes on.
    for (let call = 0; call < 20; call++) {
      await breaker.run(async () => 1);
      await limiter.acquire(10_000);
      await limiter.status();
    }
    expect(lines).toEqual([expect.stringContaining('Redis is away')]);
    server.signal('SIGCONT');
    await until(() => lines.length === 2);
    expect(lines[1]).toContain('Redis is back');
    await breaker.run(async () => 1);
  },
);

test.skipIf(!HAS_REDIS)(`Redis that comes later is taken up when it is there${REDIS_MISSING}`, async () => {
  const server = new RedisServer(await freePort(), temporaryFolder());
  onTestFinished(() => server.kill());
  const { lines, log } = told();
  const protections = open({ LOGVEIL_REDIS_URL: server.url }, config(), log);
  await exercise(protections);
  expect(lines).toEqual([expect.stringContaining('Redis is away (ECONNREFUSED)')]);
  await server.start();
  await until(() => protections.isShared);
  await protections.for('calcom').breaker.run(async () => 1);
  expect(await server.client().get('circuit_breaker:calcom:state')).toBe('closed');
  expect(lines.length).toBe(2);
});
