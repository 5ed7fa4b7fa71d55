/**
 * A process that calls a service through breaker and limiter, for tests with several of them: what it does on a line of
 * JSON each. Arguments: Redis address, task (`limit` or `breaker`), address of the service, and for how far its clock is
 * wrong, in milliseconds.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const [url = '', task = '', service = '', wrong = '0'] = process.argv.slice(2);

const trueOrigin = performance.timeOrigin;
const time = (): number => trueOrigin + performance.now();
const rightNow = Date.now;
Date.now = () => rightNow() + Number(wrong);
Object.defineProperty(performance, 'timeOrigin', { value: trueOrigin + Number(wrong) });

const { SharedBreaker } = await import('../../src/services/breaker.ts');
const { SharedLimiter } = await import('../../src/services/limiter.ts');
const { RedisKeys } = await import('../../src/state/keys.ts');
const { RedisStore } = await import('../../src/state/redisStore.ts');
const { parseRedisUrl } = await import('../../src/state/redisTarget.ts');
const { ResilientStore } = await import('../../src/state/resilientStore.ts');

const say = (what: object): void => console.log(JSON.stringify({ at: time(), ...what }));

const store = new ResilientStore({
  shared: new RedisStore({ target: parseRedisUrl(url, 'url'), access: {}, keys: new RedisKeys() }),
  isSole: false,
  probeAloneMs: 60_000,
  announce: (isShared, reason) => say({ isShared, reason }),
});

const limiter = new SharedLimiter({
  service: 'calcom',
  store,
  policy: { limit: 12, windowMs: 1000, marginMs: 450, reserve: 2, reserveMs: 700, isSole: false },
});

const breaker = new SharedBreaker({
  service: 'calcom',
  store,
  policy: {
    windowMs: 10_000,
    buckets: 10,
    minimumCalls: 4,
    failureRate: 0.5,
    openMs: 250,
    jitter: 0.2,
    leaseMs: 1500,
    history: 100,
  },
});
breaker.events.on('change', ({ from, to, reason }) => say({ from, to, reason }));

async function limit(): Promise<void> {
  for (;;) {
    await limiter.acquire(60_000);
    say({ granted: true });
  }
}

async function call(): Promise<void> {
  const response = await fetch(service);
  await response.text();
  if (!response.ok) throw new Error('failed');
}

async function hammer(): Promise<void> {
  for (;;) {
    await breaker.run(call).catch(() => {});
    await sleep(15);
  }
}

say({ started: true });
await (task === 'limit' ? limit() : Promise.all([hammer(), hammer()]));
