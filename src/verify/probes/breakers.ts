/**
 * The breakers as they stand in Redis: `circuit_breaker:<service>:state`, and `:opened_at` where it is written. Where it
 * is not, how long a breaker is open follows from the time to live that the application is known to set, or from how long
 * it has been seen open.
 */
import type { RedisContext } from '../context.ts';
import { literal, type RedisReader } from './redis.ts';

export interface BreakerSeen {
  /** In standard form; a name that is not is replaced by words. */
  readonly service: string;
  readonly state: 'closed' | 'open' | 'half_open' | 'absent' | 'invalid';
  /** Of an open one; undefined where nothing tells. */
  readonly openForMs?: number;
  /** Whether it may have been open before that. */
  readonly isAtLeast: boolean;
}

const MOST_BREAKERS = 1000;
const SERVICE = /^[a-z0-9_]{1,64}$/;
/** Clocks of two machines differ by less. */
const SKEW_MS = 60_000;
/** Milliseconds since 1970 have had more digits since 2001. */
const FIRST_MILLISECONDS = 1e11;

export async function readBreakers(
  redis: RedisReader,
  context: RedisContext,
  signal: AbortSignal,
): Promise<{ readonly seen: readonly BreakerSeen[]; readonly isComplete: boolean }> {
  const stateKey = (service: string): string => context.key(`circuit_breaker:${service}:state`);
  const start = context.key('circuit_breaker:');
  const pattern = `${literal(start)}*:state`;
  const { keys, isComplete } = await redis.scan(pattern, MOST_BREAKERS, signal);
  const found = keys.map((key) => key.slice(start.length, -':state'.length));
  const services = [...new Set([...context.deployment.services, ...found])].sort();
  const stored = new Set(found);
  // Keys that are not there are not asked for: that would count as misses of the cache.
  const there = services.filter((service) => stored.has(service) || !isComplete);
  const values = await redis.getMany(there.map(stateKey));
  const states = new Map(
    there.map((service, index) => [service, values[index] ?? (stored.has(service) ? 'invalid' : 'absent')]),
  );
  const seen: BreakerSeen[] = [];
  for (const service of services) {
    const value = states.get(service) ?? 'absent';
    const shown = SERVICE.test(service) ? service : '(a name that is not in standard form)';
    if (value !== 'open') {
      context.memory.openSince.delete(service);
      const state = value === 'absent' || isState(value) ? value : 'invalid';
      seen.push({ service: shown, state, isAtLeast: false });
    } else
      seen.push({ service: shown, state: 'open', ...(await openTime(redis, context, service, stateKey)) });
  }
  return { seen, isComplete };
}

const isState = (value: string): value is 'closed' | 'half_open' =>
  value === 'closed' || value === 'half_open';

async function openTime(
  redis: RedisReader,
  context: RedisContext,
  service: string,
  stateKey: (service: string) => string,
): Promise<Pick<BreakerSeen, 'openForMs' | 'isAtLeast'>> {
  const now = Date.now();
  const { openSince } = context.memory;
  const since = openSince.get(service) ?? now;
  openSince.set(service, since);
  const written = instantOf(await redis.get(context.key(`circuit_breaker:${service}:opened_at`)), now);
  if (written !== undefined) return { openForMs: Math.max(0, now - written), isAtLeast: false };
  const { ttl } = context.deployment.breakers;
  const [left = -1] = ttl === undefined ? [] : await redis.ttls([stateKey(service)]);
  if (ttl !== undefined && left >= 0) return { openForMs: Math.max(0, ttl - left * 1000), isAtLeast: true };
  return now > since ? { openForMs: now - since, isAtLeast: true } : { isAtLeast: true };
}

/** What stands there may be seconds as well; a time to come is none. */
function instantOf(text: string | null, now: number): number | undefined {
  if (text === null || !/^\d{9,14}(?:\.\d+)?$/.test(text)) return undefined;
  const number = Number(text);
  const ms = number < FIRST_MILLISECONDS ? number * 1000 : number;
  return ms > now + SKEW_MS ? undefined : ms;
}
