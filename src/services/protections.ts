/** Breakers and limiters for a process: one store for all, in Redis if there is one, else in memory. */
import type { Registry } from 'prom-client';
import {
  DEFAULT_PROBE_ALONE_SECONDS,
  isServiceName,
  type ProtectionConfig,
  type RedisConfig,
  serviceDefaults,
} from '../config/services.ts';
import { UsageError } from '../errors.ts';
import { RedisKeys } from '../state/keys.ts';
import { MemoryStore } from '../state/memoryStore.ts';
import { redisAccess } from '../state/redisClient.ts';
import { RedisStore } from '../state/redisStore.ts';
import { parseRedisUrl, type RedisTarget } from '../state/redisTarget.ts';
import { ResilientStore } from '../state/resilientStore.ts';
import type { BreakerPolicy, LimitPolicy, StateStore } from '../state/store.ts';
import { SharedBreaker } from './breaker.ts';
import { SharedLimiter } from './limiter.ts';
import { ProtectionMetrics } from './metrics.ts';

const BUCKETS = 10;
/** Longest time from a grant to its call. */
const MARGIN_MS = 1000;
/** How long a reserve lasts without Redis. */
const RESERVE_MS = 10_000;
const RESERVE_SHARE = 20;

export interface ProtectionOptions {
  readonly config: ProtectionConfig | undefined;
  /** `LOGVEIL_REDIS_*` */
  readonly env: NodeJS.ProcessEnv;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** For the metrics; none without it. */
  readonly registry?: Registry;
}

/** What stands between logveil and one service. */
export interface Protection {
  readonly breaker: SharedBreaker;
  readonly limiter: SharedLimiter;
}

export class Protections {
  readonly #options: ProtectionOptions;
  readonly #store: StateStore;
  readonly #metrics: ProtectionMetrics | undefined;
  readonly #known = new Map<string, Protection>();

  /**
   * Connects to Redis in the background, if there is one; until it is there, and whenever it is away, memory does.
   * @throws UsageError for an address or prefix that is none, IoError for a file of TLS that can't be read
   */
  constructor(options: ProtectionOptions) {
    this.#options = options;
    this.#store = openStore(options);
    const { registry } = options;
    this.#metrics = registry && new ProtectionMetrics(registry, () => this.isShared);
  }

  /** Whether state is shared in Redis now. */
  get isShared(): boolean {
    return this.#store instanceof ResilientStore && this.#store.isShared;
  }

  /**
   * Breaker and limiter of a service, the same ones each time.
   * @param service lower snake case, such as `calcom`
   * @throws UsageError
   */
  for(service: string): Protection {
    if (!isServiceName(service))
      throw new UsageError('service: expected a name in lower snake case, such as `calcom`');
    const known = this.#known.get(service) ?? this.#make(service);
    this.#known.set(service, known);
    return known;
  }

  /** Those asked for so far. */
  get services(): readonly string[] {
    return [...this.#known.keys()];
  }

  /** Gives back what is held in Redis and closes the connection. */
  async close(): Promise<void> {
    await this.#store.close();
  }

  #make(service: string): Protection {
    const { config } = this.#options;
    const { limit, breaker } = config?.services[service] ?? serviceDefaults();
    const common = { service, store: this.#store, ...(this.#metrics && { metrics: this.#metrics }) };
    return {
      breaker: new SharedBreaker({ ...common, policy: breakerPolicy(breaker) }),
      limiter: new SharedLimiter({
        ...common,
        policy: limitPolicy(limit, config?.redis?.sole ?? false),
        onUncertain: (seconds) =>
          this.#options.log.info(
            `${service}: calls wait up to ${seconds} s: Redis is new or was started again, and what was granted before is not known`,
          ),
      }),
    };
  }
}

type ServiceSettings = ReturnType<typeof serviceDefaults>;

/**
 * Breaker and limiter for one service alone; for several, {@link Protections} shares the connection.
 * @param service lower snake case, such as `calcom`
 * @throws UsageError, IoError
 */
export function protectionFor(
  service: string,
  options: ProtectionOptions,
): Protection & { readonly close: () => Promise<void> } {
  const protections = new Protections(options);
  return { ...protections.for(service), close: () => protections.close() };
}

function openStore({ config, env, log }: ProtectionOptions): StateStore {
  const target = redisTarget(config?.redis, env);
  if (target === undefined) {
    log.info(
      'no Redis is named (LOGVEIL_REDIS_URL): circuit breakers and rate limits are kept in memory, for this process alone',
    );
    return new MemoryStore();
  }
  const prefix = env.LOGVEIL_REDIS_PREFIX ?? config?.redis?.prefix;
  return new ResilientStore({
    shared: new RedisStore({
      target,
      access: redisAccess(env, config?.redis?.tls),
      keys: new RedisKeys(prefix),
    }),
    isSole: config?.redis?.sole ?? false,
    probeAloneMs: 1000 * (config?.redis?.probeAloneSeconds ?? DEFAULT_PROBE_ALONE_SECONDS),
    announce: (isShared, reason) => {
      if (isShared) log.info('Redis is back: circuit breakers and rate limits are shared again');
      else log.warn(`Redis is away (${reason}): circuit breakers and rate limits go on in memory`);
    },
  });
}

/**
 * Where Redis is, as environment and configuration say.
 * @returns undefined where neither names one
 * @throws UsageError
 */
export function redisTarget(
  config: RedisConfig | undefined,
  env: NodeJS.ProcessEnv,
): RedisTarget | undefined {
  if (env.LOGVEIL_REDIS_URL) return parseRedisUrl(env.LOGVEIL_REDIS_URL, 'LOGVEIL_REDIS_URL');
  if (config === undefined) return undefined;
  const scheme = config.tls === undefined ? 'redis' : 'rediss';
  if (config.url !== undefined) return parseRedisUrl(config.url, 'protection.redis.url');
  if (config.sentinels !== undefined)
    return parseRedisUrl(
      `${scheme}+sentinel://${config.sentinels.join(',')}/${config.master}`,
      'protection.redis.sentinels',
    );
  if (config.cluster !== undefined)
    return parseRedisUrl(`${scheme}+cluster://${config.cluster.join(',')}`, 'protection.redis.cluster');
  return undefined;
}

function breakerPolicy(settings: ServiceSettings['breaker']): BreakerPolicy {
  return {
    windowMs: settings.windowSeconds * 1000,
    buckets: BUCKETS,
    minimumCalls: settings.minimumCalls,
    failureRate: settings.failureRate,
    openMs: settings.openSeconds * 1000,
    jitter: settings.jitter,
    leaseMs: settings.leaseSeconds * 1000,
    history: settings.history,
  };
}

function limitPolicy(settings: ServiceSettings['limit'], isSole: boolean): LimitPolicy {
  return {
    limit: settings.calls,
    windowMs: settings.seconds * 1000,
    marginMs: MARGIN_MS,
    reserve: Math.min(settings.reserve ?? Math.floor(settings.calls / RESERVE_SHARE), settings.calls),
    reserveMs: RESERVE_MS,
    isSole,
  };
}
