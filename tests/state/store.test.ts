/** One contract for shared state: the store in memory and the one in Redis answer alike, whatever is asked in any order. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { RedisKeys } from '../../src/state/keys.ts';
import { MemoryStore } from '../../src/state/memoryStore.ts';
import { RedisStore } from '../../src/state/redisStore.ts';
import { parseRedisUrl } from '../../src/state/redisTarget.ts';
import type { BreakerPolicy, LimitPolicy, StateStore } from '../../src/state/store.ts';
import { HAS_REDIS, REDIS_MISSING, type RedisServer, startRedis } from '../support/redis.ts';

const START = Date.UTC(2026, 10, 22, 9, 59, 30);
const BREAKER: BreakerPolicy = {
  windowMs: 10_000,
  buckets: 10,
  minimumCalls: 4,
  failureRate: 0.5,
  openMs: 5000,
  jitter: 0.2,
  leaseMs: 3000,
  history: 5,
};
const LIMIT: LimitPolicy = {
  limit: 6,
  windowMs: 60_000,
  marginMs: 1000,
  reserve: 0,
  reserveMs: 0,
  isSole: true,
};

interface World {
  readonly store: StateStore;
  pass(milliseconds: number): void;
}

function memoryWorld(): World {
  let now = START;
  return {
    store: new MemoryStore({ now: () => now, random: () => 0.5 }),
    pass: (milliseconds) => {
      now += milliseconds;
    },
  };
}

function redisWorld(server: RedisServer, prefix: string): World {
  let now = START;
  const store = new RedisStore({
    target: parseRedisUrl(server.url, 'test'),
    access: {},
    keys: new RedisKeys(prefix),
    now: () => now,
    random: () => 0.5,
  });
  return {
    store,
    pass: (milliseconds) => {
      now += milliseconds;
    },
  };
}

let counter = 0;
const WORLDS = [
  { name: 'memory', isThere: true, make: async (): Promise<World> => memoryWorld() },
  {
    name: `Redis${REDIS_MISSING}`,
    isThere: HAS_REDIS,
    make: async (): Promise<World> => redisWorld(await startRedis(), `t${counter++}`),
  },
];

describe.each(WORLDS)('$name', ({ isThere, make }) => {
  let world: World;
  beforeEach(async () => {
    if (isThere) world = await make();
  });
  const there = test.skipIf(!isThere);
  const call = async (isFailure: boolean): Promise<string> => {
    const { verdict } = await world.store.admit('calcom', 'me', BREAKER);
    if (verdict !== 'refuse') await world.store.settle('calcom', 'me', isFailure, BREAKER);
    return verdict;
  };

  there(
    'a breaker opens at the failure rate, lets one probe through, and closes or opens by it',
    async () => {
      const { store } = world;
      expect(await store.breaker('calcom', BREAKER)).toMatchObject({ state: 'closed', since: 0, calls: 0 });
      for (const isFailure of [false, false, true]) expect(await call(isFailure)).toBe('pass');
      expect(await store.breaker('calcom', BREAKER)).toMatchObject({
        state: 'closed',
        calls: 3,
        failures: 1,
      });
      expect(await store.settle('calcom', 'me', true, BREAKER)).toMatchObject({
        state: 'open',
        since: START,
        openedAt: START,
        till: START + 5000,
        changes: [{ at: START, from: 'closed', to: 'open', reason: 'failure_rate' }],
      });
      expect(await store.admit('calcom', 'me', BREAKER)).toMatchObject({
        verdict: 'refuse',
        retryInMs: 5000,
      });
      world.pass(5000);
      expect(await store.admit('calcom', 'a', BREAKER)).toMatchObject({
        verdict: 'probe',
        state: 'half_open',
        openedAt: START,
        changes: [{ from: 'open', to: 'half_open', reason: 'open_time_over' }],
      });
      world.pass(1000);
      expect(await store.admit('calcom', 'b', BREAKER)).toMatchObject({ verdict: 'refuse', retryInMs: 2000 });
      // A late call of before decides nothing.
      expect(await store.settle('calcom', 'b', false, BREAKER)).toMatchObject({ state: 'half_open' });
      expect(await store.settle('calcom', 'a', true, BREAKER)).toMatchObject({
        state: 'open',
        openedAt: START,
        since: START + 6000,
      });
      world.pass(5000);
      await store.admit('calcom', 'b', BREAKER);
      expect(await store.settle('calcom', 'b', false, BREAKER)).toMatchObject({
        state: 'closed',
        openedAt: 0,
        calls: 0,
      });
    },
  );

  there('a probe that is renewed keeps its lease, one that is lost is followed by another', async () => {
    const { store } = world;
    for (let n = 0; n < 4; n++) await call(true);
    world.pass(5000);
    await store.admit('calcom', 'a', BREAKER);
    world.pass(2900);
    await store.renew('calcom', 'a', BREAKER);
    world.pass(2900);
    expect(await store.admit('calcom', 'b', BREAKER)).toMatchObject({ verdict: 'refuse' });
    world.pass(100);
    expect(await store.admit('calcom', 'b', BREAKER)).toMatchObject({ verdict: 'probe' });
    await store.renew('calcom', 'a', BREAKER);
    expect(await store.settle('calcom', 'a', false, BREAKER)).toMatchObject({ state: 'half_open' });
    expect(await store.settle('calcom', 'b', false, BREAKER)).toMatchObject({ state: 'closed' });
  });

  there('failures that are past do not count', async () => {
    for (let n = 0; n < 3; n++) await call(true);
    world.pass(10_000);
    await call(true);
    expect(await world.store.breaker('calcom', BREAKER)).toMatchObject({ state: 'closed', calls: 1 });
  });

  there('services and what is asked of them do not mix', async () => {
    for (let n = 0; n < 4; n++) await call(true);
    expect(await world.store.admit('webhook', 'me', BREAKER)).toMatchObject({ verdict: 'pass' });
    for (let n = 0; n < 6; n++) await world.store.take('calcom', LIMIT);
    expect(await world.store.take('webhook', LIMIT)).toMatchObject({ isGranted: true });
  });

  there('a limit grants so many in a window, over the edge of a minute too', async () => {
    const { store } = world;
    const grants: boolean[] = [];
    // The first minute ends after 30 s.
    for (const wait of [25_000, 1000, 1000, 1000, 1000, 500, 500, 500]) {
      world.pass(wait);
      grants.push((await store.take('calcom', LIMIT)).isGranted);
    }
    expect(grants).toEqual([true, true, true, true, true, true, false, false]);
    expect(await store.counted('calcom')).toEqual({ minute: '2026-11-22-10-00', used: 0 });
    const { retryInMs } = await store.take('calcom', LIMIT);
    world.pass(retryInMs - 1);
    expect(await store.take('calcom', LIMIT)).toMatchObject({ isGranted: false, reason: 'limit' });
    world.pass(1);
    expect(await store.take('calcom', LIMIT)).toMatchObject({ isGranted: true });
    expect(await store.counted('calcom')).toEqual({ minute: '2026-11-22-10-00', used: 1 });
  });

  there('what the service itself says is kept to', async () => {
    const { store } = world;
    await store.restrain('calcom', { blockMs: 7000 }, LIMIT);
    expect(await store.take('calcom', LIMIT)).toEqual(
      expect.objectContaining({ isGranted: false, reason: 'service', retryInMs: 7000 }),
    );
    world.pass(7000);
    await store.restrain('calcom', { blockMs: 0, remaining: 2, remainingMs: 9000 }, LIMIT);
    await store.restrain('calcom', { blockMs: 0, remaining: 5, remainingMs: 8000 }, LIMIT);
    const answers: boolean[] = [];
    for (let n = 0; n < 3; n++) answers.push((await store.take('calcom', LIMIT)).isGranted);
    expect(answers).toEqual([true, true, false]);
    world.pass(9000);
    expect((await store.take('calcom', LIMIT)).isGranted).toBe(true);
  });
});

const OPERATIONS = fc.oneof(
  fc.record({ op: fc.constant('pass' as const), ms: fc.constantFrom(1, 90, 999, 1000, 2999, 5000, 61_000) }),
  fc.record({ op: fc.constantFrom('admit' as const, 'renew' as const), owner: fc.constantFrom('a', 'b') }),
  fc.record({
    op: fc.constant('settle' as const),
    owner: fc.constantFrom('a', 'b'),
    isFailure: fc.boolean(),
  }),
  fc.record({ op: fc.constantFrom('breaker' as const, 'take' as const, 'counted' as const) }),
  fc.record({
    op: fc.constant('restrain' as const),
    blockMs: fc.constantFrom(0, 0, 0, 700),
    remaining: fc.constantFrom(0, 1, 3),
    remainingMs: fc.constantFrom(500, 20_000),
  }),
);
type Operation = typeof OPERATIONS extends fc.Arbitrary<infer T> ? T : never;

async function run({ store, pass }: World, operation: Operation): Promise<unknown> {
  switch (operation.op) {
    case 'pass':
      return pass(operation.ms);
    case 'admit':
      return store.admit('calcom', operation.owner, BREAKER);
    case 'renew':
      return withoutVerdict(await store.renew('calcom', operation.owner, BREAKER));
    case 'settle':
      return withoutVerdict(await store.settle('calcom', operation.owner, operation.isFailure, BREAKER));
    case 'breaker':
      return withoutVerdict(await store.breaker('calcom', BREAKER));
    case 'take': {
      const { isGranted, reason, retryInMs } = await store.take('calcom', LIMIT);
      return isGranted ? isGranted : { reason, retryInMs };
    }
    case 'restrain':
      return void (await store.restrain('calcom', operation, LIMIT));
    case 'counted':
      return store.counted('calcom');
  }
}

function withoutVerdict(view: object): object {
  const { verdict: _, retryInMs: __, ...rest } = view as Record<string, unknown>;
  return rest;
}

test.skipIf(!HAS_REDIS)(`both answer alike, whatever is asked${REDIS_MISSING}`, async () => {
  const server = await startRedis();
  let run_ = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(OPERATIONS, { minLength: 5, maxLength: 40 }), async (operations) => {
      const [memory, redis] = [memoryWorld(), redisWorld(server, `p${run_++}`)];
      try {
        for (const operation of operations) {
          const [one, other] = [await run(memory, operation), await run(redis, operation)];
          expect(other).toEqual(one);
        }
      } finally {
        await redis.store.close();
      }
    }),
    { numRuns: 150 },
  );
});
