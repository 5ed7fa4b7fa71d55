/** The limiter's counters: `calcom_api_rate_limit:<YYYY-MM-DD-HH-MM>`, of this minute and the one before. */
import type { RedisContext } from '../context.ts';
import { NO_EXPIRY, type RedisReader, RedisUnavailable } from './redis.ts';
import { minuteName } from './zone.ts';

const MINUTE_MS = 60_000;
/** A minute that ends while we look is seen whole. More would be lookups of keys that are gone. */
const MINUTES = 2;

export interface MinuteCount {
  readonly minute: string;
  /** Undefined where there is no counter. */
  readonly count: number | 'invalid' | undefined;
  /** Whether it has no time to live. */
  readonly isLasting: boolean;
}

/** @returns this minute first */
export async function readMinutes(redis: RedisReader, context: RedisContext): Promise<MinuteCount[]> {
  const now = Date.now();
  const minutes: MinuteCount[] = [];
  for (let back = 0; back < MINUTES; back++) {
    const minute = minuteName(now - back * MINUTE_MS, context.deployment.rateLimit.zone);
    minutes.push(await readMinute(redis, context, minute));
  }
  return minutes;
}

async function readMinute(redis: RedisReader, context: RedisContext, minute: string): Promise<MinuteCount> {
  const key = context.key(`${context.deployment.rateLimit.key}:${minute}`);
  try {
    const value = await redis.get(key);
    if (value === null) return { minute, count: undefined, isLasting: false };
    const [ttl] = await redis.ttls([key]);
    const count = /^\d{1,9}$/.test(value) ? Number(value) : 'invalid';
    return { minute, count, isLasting: ttl === NO_EXPIRY };
  } catch (error) {
    if (error instanceof RedisUnavailable && error.refusal === 'WRONGTYPE')
      return { minute, count: 'invalid', isLasting: false };
    throw error;
  }
}
