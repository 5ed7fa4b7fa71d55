/**
 * What the checks of one run share: one GET, one connection to Redis, one reading of the logs for errors, the rules. Each
 * is made when it is first asked for.
 */
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { type BusinessHours, openBusinessHours } from '../services/businessHours.ts';
import type { Deployment } from './deployment.ts';
import { type Activity, readActivity } from './logs/activity.ts';
import { askHealth, type Health } from './probes/health.ts';
import { RedisReader, RedisUnavailable } from './probes/redis.ts';

const PINGS = 3;

/** What earlier rounds of a watch have seen. */
export interface Memory {
  /** Since when a breaker has been seen open without a break, by service, milliseconds since 1970. */
  readonly openSince: Map<string, number>;
}

/** What reading from Redis needs to know. */
export interface RedisContext {
  readonly deployment: Deployment;
  readonly memory: Memory;
  /** A key by its name, with the prefix. */
  key(name: string): string;
}

export class Context implements RedisContext {
  readonly deployment: Deployment;
  readonly memory: Memory;
  readonly #stop: AbortSignal;
  #health: Promise<Health> | undefined;
  #redis: Promise<RedisReader> | undefined;
  #ping: Promise<number> | undefined;
  #redaction: Promise<Redaction> | undefined;
  #hours: Promise<BusinessHours> | undefined;
  #activity: Promise<Activity> | undefined;

  /** @param stop is aborted when the whole run is to end */
  constructor(deployment: Deployment, stop: AbortSignal, memory: Memory = { openSince: new Map() }) {
    this.deployment = deployment;
    this.memory = memory;
    this.#stop = stop;
  }

  /** The one answer of the health endpoint; undefined where none is named. */
  health(): Promise<Health> | undefined {
    const { healthUrl, limits } = this.deployment;
    if (healthUrl === undefined) return undefined;
    this.#health ??= askHealth(healthUrl, limits.health, this.#stop);
    return this.#health;
  }

  /** @throws RedisUnavailable */
  redis(): Promise<RedisReader> {
    const { redisTarget, redisAccess, limits } = this.deployment;
    if (redisTarget === undefined) {
      return Promise.reject(
        new RedisUnavailable('no address: set LOGVEIL_REDIS_URL or `deployment.redis.url`'),
      );
    }
    this.#redis ??= RedisReader.connect(redisTarget, redisAccess, limits.redis);
    return this.#redis;
  }

  /**
   * The quickest of a few answers: how long Redis takes, rather than how busy we are.
   * @returns milliseconds
   * @throws RedisUnavailable
   */
  redisPing(): Promise<number> {
    this.#ping ??= this.redis().then(async (redis) => {
      let quickest = Number.POSITIVE_INFINITY;
      for (let ping = 0; ping < PINGS; ping++) quickest = Math.min(quickest, await redis.ping());
      return quickest;
    });
    return this.#ping;
  }

  /** @throws UsageError, ProblemsError, IoError */
  redaction(): Promise<Redaction> {
    const { settings } = this.deployment;
    this.#redaction ??= openRuleSet(settings.rules).then((rules) => new Redaction(settings, rules));
    return this.#redaction;
  }

  activity(): Promise<Activity> {
    this.#activity ??= this.hours().then((hours) =>
      readActivity(this.deployment, (instantMs) => hours.isOpen(instantMs), this.#stop),
    );
    return this.#activity;
  }

  hours(): Promise<BusinessHours> {
    this.#hours ??= openBusinessHours(this.deployment.businessHours);
    return this.#hours;
  }

  key(name: string): string {
    return this.deployment.keyPrefix + name;
  }

  async close(): Promise<void> {
    const redis = await this.#redis?.catch(() => undefined);
    redis?.close();
  }
}
