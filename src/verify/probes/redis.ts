/**
 * Redis, read only by construction: this class has no way to send a command that writes. What it sends is PING, INFO,
 * GET, MGET, TTL and SCAN (and AUTH where the address has a password, SELECT where it names a database), so a user with
 * `+@read +ping +info` is enough. No command of a connection library goes out beside these.
 *
 * GET, MGET and TTL count among the hits and misses that Redis shows; few are sent, and where it matters they are known.
 */
import type { Redis } from 'ioredis';
import { describeIo } from '../../errors.ts';
import { type RedisAccess, redisClient } from '../../state/redisClient.ts';
import type { RedisTarget } from '../../state/redisTarget.ts';

/** Redis can't be asked; the message never holds the address or an answer. */
export class RedisUnavailable extends Error {
  /** The word Redis refused with, such as `NOPERM`; undefined where it did not answer. */
  readonly refusal: string | undefined;

  constructor(message: string, refusal?: string) {
    super(message);
    this.refusal = refusal;
  }
}

/** A name of our own for each reply of TTL. */
export const NO_EXPIRY = -1;
const NO_KEY = -2;

/** How many keys Redis looks at for one SCAN: so it is never held up. */
const SCAN_COUNT = 500;
/** A walk ends after a million keys: more would be a load of its own. */
const MOST_ROUNDS = 2000;

export class RedisReader {
  readonly #redis: Redis;
  #ownHits = 0;
  #ownMisses = 0;

  private constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * @param timeoutMs longest wait for the connection, and for each answer
   * @throws RedisUnavailable
   */
  static async connect(target: RedisTarget, access: RedisAccess, timeoutMs: number): Promise<RedisReader> {
    const { kind } = target;
    if (kind === 'cluster') {
      throw new RedisUnavailable(
        'a cluster is not looked at as a whole: name one of its nodes, `redis://HOST`',
      );
    }
    const redis = redisClient({ ...target, kind }, access, {
      connectTimeout: timeoutMs,
      commandTimeout: timeoutMs,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      autoResubscribe: false,
      // Each of these would send a command that a user who may only read is refused, or that nobody asked for.
      enableReadyCheck: false,
      disableClientInfo: true,
      connectionName: '',
    });
    let failure: unknown;
    redis.on('error', (error: unknown) => {
      failure ??= error;
    });
    try {
      await redis.connect();
      return new RedisReader(redis);
    } catch (error) {
      redis.disconnect();
      throw unavailable(failure ?? error);
    }
  }

  /** @returns milliseconds until the answer */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.#ask(() => this.#redis.ping());
    return performance.now() - startedAt;
  }

  /** The fields of INFO. */
  async info(): Promise<ReadonlyMap<string, string>> {
    const text = await this.#ask(() => this.#redis.info());
    const fields = new Map<string, string>();
    for (const line of text.split('\r\n')) {
      const at = line.indexOf(':');
      if (at > 0 && !line.startsWith('#')) fields.set(line.slice(0, at), line.slice(at + 1));
    }
    return fields;
  }

  async get(key: string): Promise<string | null> {
    const value = await this.#ask(() => this.#redis.get(key));
    this.#count(value !== null);
    return value;
  }

  async getMany(keys: readonly string[]): Promise<(string | null)[]> {
    if (keys.length === 0) return [];
    const values = await this.#ask(() => this.#redis.mget(...keys));
    for (const value of values) this.#count(value !== null);
    return values;
  }

  /** Seconds to live, {@link NO_EXPIRY} or {@link NO_KEY}, for each key. */
  async ttls(keys: readonly string[]): Promise<number[]> {
    const ttls = await Promise.all(keys.map((key) => this.#ask(() => this.#redis.ttl(key))));
    for (const ttl of ttls) this.#count(ttl !== NO_KEY);
    return ttls;
  }

  /** What this reader has added to Redis's own counts. */
  get ownLookups(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#ownHits, misses: this.#ownMisses };
  }

  #count(isHit: boolean): void {
    if (isHit) this.#ownHits++;
    else this.#ownMisses++;
  }

  /**
   * Keys that match, each once.
   * @param pattern of Redis; `undefined` for all
   * @param most ends the walk
   */
  async scan(
    pattern: string | undefined,
    most: number,
    signal: AbortSignal,
  ): Promise<{ readonly keys: readonly string[]; readonly isComplete: boolean }> {
    const keys = new Set<string>();
    let cursor = '0';
    let rounds = 0;
    do {
      if (signal.aborted || rounds++ >= MOST_ROUNDS) return { keys: [...keys], isComplete: false };
      const [next, found] = await this.#ask(() =>
        pattern === undefined
          ? this.#redis.scan(cursor, 'COUNT', SCAN_COUNT)
          : this.#redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT),
      );
      for (const key of found) {
        if (keys.size >= most) return { keys: [...keys], isComplete: false };
        keys.add(key);
      }
      cursor = next;
    } while (cursor !== '0');
    return { keys: [...keys], isComplete: true };
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #ask<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** Literal text within a pattern of SCAN. */
export const literal = (text: string): string => text.replace(/[\\*?[\]^-]/g, '\\$&');

const REFUSALS: Readonly<Record<string, string>> = {
  NOAUTH: 'it asks for a password: set LOGVEIL_REDIS_URL',
  WRONGPASS: 'the name or password is not accepted',
  NOPERM: 'the user may not read what is asked for: it needs `+@read +ping +info` and `~*`',
  LOADING: 'it is still loading its data',
  WRONGTYPE: 'a key holds another type than text',
  MASTERDOWN: 'it is a replica that has lost its master',
};

function unavailable(error: unknown): RedisUnavailable {
  if (error instanceof RedisUnavailable) return error;
  const { message = '' } = error instanceof Error ? error : {};
  const word = /^[A-Z]{4,}(?=\s)/.exec(message)?.[0];
  if (word !== undefined) return new RedisUnavailable(REFUSALS[word] ?? `it refuses: ${word}`, word);
  if (/timed out|ETIMEDOUT/i.test(message)) return new RedisUnavailable('it does not answer in time');
  const reason = describeIo(error);
  if (reason === 'ECONNREFUSED') return new RedisUnavailable('nothing listens there');
  return new RedisUnavailable(reason === 'unknown error' ? 'the connection was lost' : reason);
}
