/**
 * Breakers and limiters as Redis holds them, read with SCAN and GET only, so that a user that may only read will do. Names
 * of services are looked for a little at a time: a large Redis must not feel it.
 */
import { Cluster, type Redis } from 'ioredis';
import { z } from 'zod';
import { type ProtectionConfig, serviceDefaults } from '../config/services.ts';
import type { BreakerStatus, LimiterStatus } from '../services/protection.ts';
import type { RedisKeys } from '../state/keys.ts';
import { BREAKER_STATES } from '../state/store.ts';
import type { ServiceSource } from './services.ts';

/** As the seed of the project names it; other services come from the configuration and from Redis. */
const CALCOM = 'calcom';
const SCAN_KEYS = 1000;
/** Steps of SCAN for one reading: 5000 keys, some milliseconds. */
const SCAN_STEPS = 5;
/** When all keys were looked at, they are looked at again after so long. */
const RESCAN_MS = 30_000;
/** More would not fit a page. */
const MOST_SERVICES = 64;
const BUCKETS = 10;
const MINUTE_CHARACTERS = 16;

/** What the script of the breaker keeps, as far as it is shown. */
const recordSchema = z.object({
  since: z.number().default(0),
  // An empty table of Lua is an empty list in JSON.
  window: z.union([z.record(z.string(), z.tuple([z.number(), z.number()])), z.array(z.never())]).default({}),
});
const stateSchema = z.enum(BREAKER_STATES);

export class RedisServices implements ServiceSource {
  readonly store = 'redis';
  readonly #client: Redis | Cluster;
  readonly #keys: RedisKeys;
  readonly #config: ProtectionConfig | undefined;
  readonly #found = new Set<string>();
  /** By node, where SCAN goes on. */
  #cursors: Map<Redis, string> | undefined;
  #scannedAt = Number.NEGATIVE_INFINITY;

  constructor(client: Redis | Cluster, keys: RedisKeys, config: ProtectionConfig | undefined) {
    this.#client = client;
    this.#keys = keys;
    this.#config = config;
  }

  async read(): ReturnType<ServiceSource['read']> {
    await this.#scan();
    const names = new Set([CALCOM, ...Object.keys(this.#config?.services ?? {}), ...this.#found]);
    const services = [...names].slice(0, MOST_SERVICES).sort();
    const breakers = await Promise.all(services.map((service) => this.#breaker(service)));
    const limiters = await Promise.all(services.map((service) => this.#limiter(service)));
    const isThere = <T>(status: T | undefined): status is T => status !== undefined;
    return { breakers: breakers.filter(isThere), limiters: limiters.filter(isThere) };
  }

  async close(): Promise<void> {
    this.#client.disconnect();
  }

  /** Looks at some more keys, for services that nobody has named. */
  async #scan(): Promise<void> {
    if (this.#cursors === undefined) {
      if (performance.now() - this.#scannedAt < RESCAN_MS) return;
      const nodes = this.#client instanceof Cluster ? this.#client.nodes('master') : [this.#client];
      this.#cursors = new Map(nodes.map((node) => [node, '0']));
    }
    const cursors = this.#cursors;
    for (const [node, from] of cursors) {
      const next = await this.#scanNode(node, from);
      if (next === '0') cursors.delete(node);
      else cursors.set(node, next);
    }
    if (cursors.size > 0) return;
    this.#cursors = undefined;
    this.#scannedAt = performance.now();
  }

  async #scanNode(node: Redis, from: string): Promise<string> {
    const pattern = this.#keys.breakerStatePattern;
    const [before = '', after = ''] = pattern.split('*');
    let cursor = from;
    for (let step = 0; step < SCAN_STEPS; step++) {
      const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_KEYS);
      for (const key of keys) {
        const name = key.slice(before.length, key.length - after.length);
        // Whatever else somebody has put there is no service, and must not be shown.
        if (/^[a-z][a-z0-9_]{0,63}$/.test(name) && this.#found.size < MOST_SERVICES) this.#found.add(name);
      }
      cursor = next;
      if (cursor === '0') break;
    }
    return cursor;
  }

  /** Undefined where no call was ever made. */
  async #breaker(service: string): Promise<BreakerStatus | undefined> {
    const state = stateSchema.safeParse(await this.#client.get(this.#keys.breakerState(service)));
    if (!state.success) return undefined;
    const { since, calls, failures } = this.#recordOf(
      service,
      await this.#client.get(this.#keys.breakerRecord(service)),
    );
    const openedAt = Number(await this.#client.get(this.#keys.breakerOpenedAt(service)));
    const changedAt = since > 0 ? since : openedAt;
    return {
      service,
      state: state.data,
      ...(changedAt > 0 && { since: changedAt }),
      failureRate: calls === 0 ? 0 : failures / calls,
      calls,
    };
  }

  /** Other programs write the state alone; then there is no more to tell. */
  #recordOf(service: string, text: string | null): { since: number; calls: number; failures: number } {
    const record = recordSchema.safeParse(parsed(text));
    if (!record.success) return { since: 0, calls: 0, failures: 0 };
    const { windowSeconds } = (this.#config?.services[service] ?? serviceDefaults()).breaker;
    const current = Math.floor(Date.now() / Math.max(1, Math.floor((windowSeconds * 1000) / BUCKETS)));
    const counts = Object.entries(record.data.window)
      .filter(([bucket]) => current - Number(bucket) < BUCKETS)
      .map(([, count]) => count as readonly [number, number]);
    const sum = (index: 0 | 1): number => counts.reduce((total, count) => total + count[index], 0);
    return { since: record.data.since, calls: sum(0), failures: sum(1) };
  }

  /** Undefined for a service that is neither configured nor called in this minute. */
  async #limiter(service: string): Promise<LimiterStatus | undefined> {
    const minute = new Date().toISOString().slice(0, MINUTE_CHARACTERS).replace(/[T:]/g, '-');
    const text = await this.#client.get(this.#keys.rateLimitCounter(service, minute));
    const settings = this.#config?.services[service];
    if (text === null && settings === undefined) return undefined;
    const used = /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
    const { limit } = settings ?? serviceDefaults();
    return { service, minute, used, limit: limit.calls, waiting: 0 };
  }
}

function parsed(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
