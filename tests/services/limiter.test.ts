/** The limiter's queue, deadlines and headers on the store in memory; its rate over arbitrary spans on both stores. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimitedError } from '../../src/services/errors.ts';
import { SharedLimiter } from '../../src/services/limiter.ts';
import { restraintOf } from '../../src/services/rateLimitHeaders.ts';
import { RedisKeys } from '../../src/state/keys.ts';
import { MemoryStore } from '../../src/state/memoryStore.ts';
import { RedisStore } from '../../src/state/redisStore.ts';
import { parseRedisUrl } from '../../src/state/redisTarget.ts';
import type { LimitPolicy, StateStore } from '../../src/state/store.ts';
import { HAS_REDIS, REDIS_MISSING, startRedis } from '../support/redis.ts';

const POLICY: LimitPolicy = {
  limit: 60,
  windowMs: 60_000,
  marginMs: 1000,
  reserve: 3,
  reserveMs: 10_000,
  isSole: true,
};
const quick = (limit: number, windowMs = 300): LimitPolicy => ({ ...POLICY, limit, windowMs, marginMs: 100 });
const limiterOf = (policy: LimitPolicy, store: StateStore = new MemoryStore()): SharedLimiter =>
  new SharedLimiter({ service: 'calcom', store, policy });

test('callers are served in the order in which they came', async () => {
  const limiter = limiterOf(quick(4));
  const order: number[] = [];
  const callers = Array.from({ length: 14 }, (_, caller) =>
    limiter.acquire(30_000).then(() => order.push(caller)),
  );
  expect((await limiter.status()).waiting).toBeGreaterThan(0);
  await Promise.all(callers);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(await limiter.status()).toMatchObject({ service: 'calcom', limit: 4, waiting: 0 });
});

test('a deadline that would pass is refused at once, one that does not wait is not put in front', async () => {
  const limiter = limiterOf({ ...POLICY, limit: 2 });
  await Promise.all([limiter.acquire(0), limiter.acquire(0)]);
  const refused = await limiter.acquire(5000).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(RateLimitedError);
  expect(refused).toMatchObject({ code: 'LOGVEIL_RATE_LIMITED', service: 'calcom', reason: 'limit' });
  const stop = new AbortController();
  const waiting = limiter.acquire(600_000, stop.signal);
  await expect(limiter.acquire(0)).rejects.toThrow(RateLimitedError);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(limiter.acquire(600_000, stop.signal)).rejects.toThrow('enough');
  expect((await limiter.status()).waiting).toBe(0);
});

test('whoever leaves the queue takes nothing with him', async () => {
  const limiter = limiterOf(quick(1));
  await limiter.acquire(0);
  const stop = new AbortController();
  const gone = limiter.acquire(60_000, stop.signal).catch(() => 'gone');
  const next = limiter.acquire(60_000);
  stop.abort();
  expect(await gone).toBe('gone');
  await next;
});

test('a service that asks for a pause gets it', async () => {
  const limiter = limiterOf(POLICY);
  limiter.observe(429, new Headers({ 'retry-after': '120' }));
  await expect(limiter.acquire(60_000)).rejects.toMatchObject({ reason: 'service' });
});

test('headers are read as services write them', () => {
  const date = 'Sun, 22 Nov 2026 10:00:00 GMT';
  const now = Date.parse(date);
  const headers: readonly (readonly [number, Record<string, string>, unknown])[] = [
    [200, {}, undefined],
    [200, { 'retry-after': '5' }, undefined],
    [503, { 'retry-after': '5' }, { blockMs: 5000 }],
    [429, { 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT', date }, { blockMs: 90_000 }],
    [429, { 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT', date }, undefined],
    [429, { 'retry-after': 'soon' }, { blockMs: 60_000 }],
    [429, {}, { blockMs: 60_000 }],
    [429, { 'retry-after': '99999999' }, { blockMs: 86_400_000 }],
    [
      429,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '30' },
      { blockMs: 30_000, remaining: 0, remainingMs: 30_000 },
    ],
    [
      200,
      { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': String(now / 1000 + 20), date },
      { blockMs: 0, remaining: 7, remainingMs: 20_000 },
    ],
    [
      200,
      { 'X-RateLimit-Remaining': '7', 'X-RateLimit-Reset': String(now + 1500), date },
      { blockMs: 0, remaining: 7, remainingMs: 1500 },
    ],
    [
      200,
      {
        'x-ratelimit-remaining-default': '50',
        'x-ratelimit-reset-default': '10',
        'x-ratelimit-remaining-hour': '3',
        'x-ratelimit-reset-hour': '900',
      },
      { blockMs: 0, remaining: 3, remainingMs: 900_000 },
    ],
    [200, { 'x-ratelimit-remaining': '-1', 'x-ratelimit-limit': '60' }, undefined],
  ];
  for (const [status, fields, expected] of headers)
    expect([fields, restraintOf(status, new Headers(fields), 60_000)]).toEqual([fields, expected]);
});

/** Asks whenever the gaps say, by several callers; the times of what was granted. */
async function grantsOver(
  gaps: readonly number[],
  store: () => StateStore,
  pass: (ms: number) => number,
): Promise<number[]> {
  const granted: number[] = [];
  for (const gap of gaps) {
    const now = pass(gap);
    for (let burst = 0; burst < 25; burst++) {
      const { isGranted } = await store().take('calcom', POLICY);
      if (isGranted) granted.push(now);
      else break;
    }
  }
  return granted;
}

function busiestSpan(times: readonly number[], spanMs: number): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to++) {
    while ((times[to] as number) - (times[from] as number) >= spanMs) from++;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

const GAPS = fc.array(fc.oneof(fc.nat(300), fc.nat(20_000), fc.constantFrom(59_999, 60_000, 61_000)), {
  minLength: 10,
  maxLength: 60,
});

test('no 60 seconds hold more than 60 calls, wherever they begin', async () => {
  await fc.assert(
    fc.asyncProperty(GAPS, fc.nat(60_000), async (gaps, start) => {
      let now = Date.UTC(2026, 10, 22, 10) + start;
      const store = new MemoryStore({ now: () => now });
      const grants = await grantsOver(
        gaps,
        () => store,
        (ms) => {
          now += ms;
          return now;
        },
      );
      expect(busiestSpan(grants, 60_000)).toBeLessThanOrEqual(60);
      expect(grants.length).toBeGreaterThanOrEqual(10);
    }),
    { numRuns: 300 },
  );
});

test.skipIf(!HAS_REDIS)(
  `nor do they with Redis and three processes that ask in turn${REDIS_MISSING}`,
  async () => {
    const server = await startRedis();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(GAPS, fc.nat(60_000), async (gaps, start) => {
        let now = Date.UTC(2026, 10, 22, 10) + start;
        const keys = new RedisKeys(`p${run++}`);
        const stores = Array.from(
          { length: 3 },
          () => new RedisStore({ target: parseRedisUrl(server.url, ''), access: {}, keys, now: () => now }),
        );
        let turn = 0;
        const inTurn = () => stores[turn++ % stores.length] as StateStore;
        const grants = await grantsOver(gaps, inTurn, (ms) => {
          now += ms;
          return now;
        });
        for (const store of stores) await store.close();
        expect(busiestSpan(grants, 60_000)).toBeLessThanOrEqual(60);
        expect(grants.length).toBeGreaterThanOrEqual(10);
      }),
      { numRuns: 25 },
    );
  },
);
