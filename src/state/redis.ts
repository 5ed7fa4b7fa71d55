/** Connections to Redis. The address may hold a password, so it is in no message. */
import { Redis } from 'ioredis';
import { describeIo, IoError, UsageError } from '../errors.ts';

const CONNECT_MS = 5000;
const LONGEST_WAIT_MS = 2000;

/** @throws UsageError when it is no address of Redis */
export function checkRedisUrl(url: string, flag: string): string {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`${flag}: expected an address such as \`redis://localhost:6379\``);
  }
  return url;
}

/**
 * A connection that comes back by itself when it is lost; the first one must come about.
 * @throws IoError
 */
export async function connectRedis(url: string): Promise<Redis> {
  let isReady = false;
  const redis = new Redis(url, {
    lazyConnect: true,
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
    const reason = describeIo(failure ?? error);
    throw new IoError(
      `Redis can't be reached: ${reason === 'unknown error' ? wordsOf(failure ?? error) : reason}`,
      { cause: error },
    );
  }
}

/** Redis's own refusals begin with a word in capitals: `WRONGPASS`, `NOAUTH`. */
function wordsOf(error: unknown): string {
  return /^[A-Z]+(?=\s)/.exec((error as Error | undefined)?.message ?? '')?.[0] ?? 'it does not answer';
}
