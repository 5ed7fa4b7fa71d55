/** The limiter's counters of the last minutes: `calcom_api_rate_limit:<YYYY-MM-DD-HH-MM>`. */
import type { Context } from '../context.ts';
import { NO_EXPIRY, type RedisReader } from './redis.ts';
import { minuteName } from './zone.ts';

const MINUTE_MS = 60_000;
/** A limit that was exceeded is still seen five minutes later, if the counter lives so long. */
const MINUTES = 6;

export interface MinuteCount {
  readonly minute: string;
  /** Undefined where there is no counter. */
  readonly count: number | 'invalid' | undefined;
  /** Whether it has no time to live. */
  readonly isLasting: boolean;
}

/** @returns this minute first */
export async function readMinutes(redis: RedisReader, context: Context): Promise<MinuteCount[]> {
  const { key, zone } = context.deployment.rateLimit;
  const now = Date.now();
  const minutes = Array.from({ length: MINUTES }, (_, back) => minuteName(now - back * MINUTE_MS, zone));
  const keys = minutes.map((minute) => context.key(`${key}:${minute}`));
  const values = await redis.getMany(keys);
  const ttls = await redis.ttls(keys);
  return minutes.map((minute, index) => {
    const value = values[index] ?? undefined;
    const ttl = ttls[index];
    // A key of another type has a time to live, or none, but no text.
    const isThere = value !== undefined || (ttl ?? -2) >= NO_EXPIRY;
    const count = value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    return {
      minute,
      count: isThere && count === undefined ? 'invalid' : count,
      isLasting: ttl === NO_EXPIRY,
    };
  });
}
