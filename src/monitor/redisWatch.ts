/** Breakers, the limiter and the cache, as Redis shows them; tried again in each round when it was away. */
import type { RedisContext } from '../verify/context.ts';
import type { Deployment } from '../verify/deployment.ts';
import { type BreakerSeen, readBreakers } from '../verify/probes/breakers.ts';
import { type MinuteCount, readMinutes } from '../verify/probes/rateLimit.ts';
import { RedisReader, RedisUnavailable } from '../verify/probes/redis.ts';

/** A view that waits is of no use: shorter than a verification would. */
const TIMEOUT_MS = 2000;

export interface RedisFigures {
  /** Why it could not be asked; all else is then as it is without it. */
  readonly trouble: string | undefined;
  readonly pingMs: number;
  readonly version: string;
  readonly memory: number;
  readonly clients: number;
  readonly opsPerSecond: number;
  readonly breakers: readonly BreakerSeen[];
  /** This minute first. */
  readonly minutes: readonly MinuteCount[];
  /** Hits and lookups since Redis started, those of this monitor left out. */
  readonly all: { readonly hits: number; readonly lookups: number };
  /** The same since the monitor started. */
  readonly seen: { readonly hits: number; readonly lookups: number };
}

const NOTHING: Omit<RedisFigures, 'trouble'> = {
  ...{ pingMs: 0, version: '', memory: 0, clients: 0, opsPerSecond: 0, breakers: [], minutes: [] },
  ...{ all: { hits: 0, lookups: 0 }, seen: { hits: 0, lookups: 0 } },
};

export class RedisWatch {
  readonly #deployment: Deployment;
  readonly #openSince = new Map<string, number>();
  #redis: RedisReader | undefined;
  #first: { readonly hits: number; readonly lookups: number } | undefined;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
  }

  async update(): Promise<RedisFigures> {
    const { redisTarget, redisAccess } = this.#deployment;
    if (redisTarget === undefined) return { ...NOTHING, trouble: 'no address' };
    try {
      this.#redis ??= await RedisReader.connect(redisTarget, redisAccess, TIMEOUT_MS);
      return await this.#read(this.#redis);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      this.close();
      return { ...NOTHING, trouble: error.message };
    }
  }

  close(): void {
    this.#redis?.close();
    this.#redis = undefined;
    this.#first = undefined;
  }

  async #read(redis: RedisReader): Promise<RedisFigures> {
    const pingMs = await redis.ping();
    const context: RedisContext = {
      deployment: this.#deployment,
      memory: { openSince: this.#openSince },
      key: (name) => this.#deployment.keyPrefix + name,
    };
    const { seen: breakers } = await readBreakers(redis, context, AbortSignal.timeout(TIMEOUT_MS));
    const minutes = await readMinutes(redis, context);
    // Last: what was asked until here is in its counts, and known.
    const info = await redis.info();
    const number = (field: string): number => Number(info.get(field) ?? 0);
    const hits = number('keyspace_hits');
    const lookups = hits + number('keyspace_misses');
    const { ownLookups: own } = redis;
    const others = { hits: hits - own.hits, lookups: lookups - own.hits - own.misses };
    // Counts that went back were reset.
    if (this.#first === undefined || others.lookups < this.#first.lookups) this.#first = others;
    return {
      trouble: undefined,
      pingMs,
      version: info.get('redis_version') ?? '',
      memory: number('used_memory'),
      clients: number('connected_clients'),
      opsPerSecond: number('instantaneous_ops_per_sec'),
      breakers,
      minutes,
      all: others,
      seen: { hits: others.hits - this.#first.hits, lookups: others.lookups - this.#first.lookups },
    };
  }
}
