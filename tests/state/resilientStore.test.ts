/** What a process may still do while Redis is away, and what it tells Redis when it is back. */
import { expect, onTestFinished, test } from 'vitest';
import { RedisKeys } from '../../src/state/keys.ts';
import { RedisStore } from '../../src/state/redisStore.ts';
import { parseRedisUrl } from '../../src/state/redisTarget.ts';
import { ResilientStore } from '../../src/state/resilientStore.ts';
import type { BreakerPolicy, LimitPolicy } from '../../src/state/store.ts';
import { until } from '../support/processes.ts';
import { HAS_REDIS, REDIS_MISSING, type RedisServer, startRedis } from '../support/redis.ts';

const HOUR_MS = 3_600_000;
const BREAKER: BreakerPolicy = {
  windowMs: 10_000,
  buckets: 10,
  minimumCalls: 2,
  failureRate: 0.5,
  openMs: 100,
  jitter: 0,
  leaseMs: 400,
  history: 10,
};
const LIMIT: LimitPolicy = {
  limit: 10,
  windowMs: 500,
  marginMs: 450,
  reserve: 2,
  reserveMs: 60_000,
  isSole: false,
};

interface Process {
  readonly store: ResilientStore;
  readonly told: boolean[];
}

function startProcess(server: RedisServer, probeAloneMs = HOUR_MS, isSole = false): Process {
  const told: boolean[] = [];
  const shared = new RedisStore({
    target: parseRedisUrl(server.url, ''),
    access: {},
    keys: new RedisKeys(),
  });
  const store = new ResilientStore({
    shared,
    isSole,
    probeAloneMs,
    announce: (isShared) => told.push(isShared),
  });
  onTestFinished(() => store.close());
  return { store, told };
}

async function openBreaker({ store }: Process): Promise<void> {
  for (let call = 0; call < 2; call++) {
    await store.admit('calcom', 'me', BREAKER);
    await store.settle('calcom', 'me', true, BREAKER);
  }
}

const verdictOf = async ({ store }: Process): Promise<string> =>
  (await store.admit('calcom', 'me', BREAKER)).verdict;

/** Asks until the breaker lets a probe through. */
async function probed(process: Process): Promise<void> {
  while ((await verdictOf(process)) !== 'probe');
}

test.skipIf(!HAS_REDIS)(
  `without Redis an open breaker stays open: another process may be probing${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const [one, other] = [startProcess(server), startProcess(server)];
    await openBreaker(one);
    await probed(other);
    await server.kill();
    for (let asked = 0; asked < 200; asked++) {
      expect(await verdictOf(one)).toBe('refuse');
      await new Promise((done) => setTimeout(done, 5));
    }
    // The probe that was under way counts for the process that made it.
    expect(await other.store.settle('calcom', 'me', false, BREAKER)).toMatchObject({ state: 'closed' });
    expect(await verdictOf(other)).toBe('pass');
    expect(one.told).toEqual([false]);
  },
);

test.skipIf(!HAS_REDIS)(
  `a sole process, and one that has waited long enough, probe for themselves${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const processes = [startProcess(server, HOUR_MS, true), startProcess(server, 300)];
    await openBreaker(processes[0] as Process);
    expect(await verdictOf(processes[1] as Process)).toBe('refuse');
    await server.kill();
    for (const process of processes) {
      await probed(process);
      expect(await verdictOf(process)).toBe('refuse');
    }
  },
);

test.skipIf(!HAS_REDIS)(
  `Redis that comes back without its data is told of an open breaker, and lets nobody probe at once${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const [one, other] = [startProcess(server), startProcess(server)];
    await openBreaker(one);
    await verdictOf(other);
    const redis = server.client();
    const openedAt = await redis.get('circuit_breaker:calcom:opened_at');
    await server.kill();
    await Promise.all([verdictOf(one), verdictOf(other)]);
    await server.start();
    await until(() => one.store.isShared && other.store.isShared);
    expect(await Promise.all([verdictOf(one), verdictOf(other)])).toEqual(['refuse', 'refuse']);
    expect(await redis.get('circuit_breaker:calcom:state')).toBe('open');
    expect(await redis.get('circuit_breaker:calcom:opened_at')).toBe(openedAt);
    await probed(other);
    expect(await verdictOf(one)).toBe('refuse');
  },
);

test.skipIf(!HAS_REDIS)(
  `what was held in reserve is granted without Redis, and then nothing more${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const { store } = startProcess(server);
    const policy = { ...LIMIT, reserveMs: 1000 };
    while (!(await store.take('calcom', policy)).isGranted);
    await server.kill();
    const grants: boolean[] = [];
    for (let asked = 0; asked < 5; asked++) grants.push((await store.take('calcom', policy)).isGranted);
    // The question that was lost may have been granted: it is taken off.
    expect(grants).toEqual([true, false, false, false, false]);
    expect(await store.take('calcom', policy)).toMatchObject({ reason: 'uncertain' });
  },
);

test.skipIf(!HAS_REDIS)(
  `a new Redis grants nothing until all that could have been granted before is past${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const { store } = startProcess(server);
    const first = await store.take('calcom', LIMIT);
    expect(first).toMatchObject({ isGranted: false, reason: 'uncertain' });
    expect(first.retryInMs).toBeGreaterThan(LIMIT.reserveMs - 5000);
    expect(first.retryInMs).toBeLessThanOrEqual(LIMIT.windowMs + LIMIT.marginMs + LIMIT.reserveMs + 1000);
    // The sole process knows all there is to know.
    expect(await store.take('calcom', { ...LIMIT, isSole: true })).toMatchObject({ isGranted: true });
  },
);

test.skipIf(!HAS_REDIS)(
  `a sole process goes on counting without Redis, up to the limit and no further${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    const { store, told } = startProcess(server, 0, true);
    const policy = { ...LIMIT, windowMs: 60_000, isSole: true };
    const take = async (): Promise<boolean> => (await store.take('calcom', policy)).isGranted;
    for (let call = 0; call < 4; call++) expect(await take()).toBe(true);
    await server.kill();
    for (let call = 4; call < 10; call++) expect(await take()).toBe(true);
    expect(await take()).toBe(false);
    await server.start();
    await until(() => store.isShared);
    expect(await take()).toBe(false);
    expect(told).toEqual([false, true]);
    expect((await store.counted('calcom')).used).toBeGreaterThan(0);
  },
);
