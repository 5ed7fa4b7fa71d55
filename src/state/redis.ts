/** Connections to Redis that must come about and then come back by themselves. The address is in no message. */
import type { Redis } from 'ioredis';
import { IoError, UsageError } from '../errors.ts';
import { redisAccess, redisClient, redisReason } from './redisClient.ts';
import { parseRedisUrl, type RedisTarget } from './redisTarget.ts';

const CONNECT_MS = 5000;
const LONGEST_WAIT_MS = 2000;

/**
 * @returns the address as it is
 * @throws UsageError when it is no address of Redis, or one of a cluster: BullMQ's queues are in one server
 */
export function checkRedisUrl(url: string, flag: string): string {
  oneServer(url, flag);
  return url;
}

/**
 * A connection that comes back by itself when it is lost; the first one must come about. User, password and files for TLS
 * in the environment (`LOGVEIL_REDIS_USERNAME`, ...) beat the address.
 * @throws IoError
 */
export async function connectRedis(url: string): Promise<Redis> {
  let isReady = false;
  const redis = redisClient(oneServer(url, 'Redis'), redisAccess(process.env), {
    connectTimeout: CONNECT_MS,
    // Commands wait until the connection is back.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isReady ? Math.min(times * 100, LONGEST_WAIT_MS) : null),
  });
  let failure: unknown;
  redis.on('error', (error: unknown) => {
    failure ??= error;
  });
  try {
    await redis.connect();
    isReady = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new IoError(`Redis can't be reached: ${redisReason(failure ?? error)}`, { cause: error });
  }
}

function oneServer(url: string, flag: string): RedisTarget & { readonly kind: 'standalone' | 'sentinel' } {
  const target = parseRedisUrl(url, flag);
  if (target.kind === 'cluster') {
    throw new UsageError(
      `${flag}: expected one server or Sentinels; the queue of an audit can't be in a cluster`,
    );
  }
  return { ...target, kind: target.kind };
}
