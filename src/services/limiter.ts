/**
 * A rate limiter over shared state. Callers of this process stand in one queue, first come first served; only its head
 * asks the store, so a call that waits costs one question a second at most.
 */
import type { Grant, LimitPolicy, StateStore, WaitReason } from '../state/store.ts';
import { RateLimitedError } from './errors.ts';
import type { ProtectionMetrics } from './metrics.ts';
import type { LimiterStatus, RateLimiter } from './protection.ts';
import { restraintOf } from './rateLimitHeaders.ts';

/** The store is asked at least so often: another process may have given back what it held. */
const LONGEST_SLEEP_MS = 1000;
/** Processes that wait for the same moment do not ask at the same moment. */
const SPREAD_MS = 20;
/** A wait for certainty that is worth telling; a shorter one is that for Redis to come back. */
const LONG_MS = 2000;
/** The longest timer of Node.js, some 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface SharedLimiterOptions {
  /** Lower snake case. */
  readonly service: string;
  readonly store: StateStore;
  readonly policy: LimitPolicy;
  readonly metrics?: ProtectionMetrics;
  /** Told, once each time, that calls wait until it is certain what was granted before; seconds. */
  readonly onUncertain?: (seconds: number) => void;
}

interface Waiter {
  readonly since: number;
  /** Of `performance.now()`. */
  readonly deadline: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class SharedLimiter implements RateLimiter {
  readonly service: string;
  readonly #store: StateStore;
  readonly #policy: LimitPolicy;
  readonly #metrics: ProtectionMetrics | undefined;
  readonly #onUncertain: (seconds: number) => void;
  readonly #queue: Waiter[] = [];
  #isServing = false;
  /** The head was refused and waits; not while the store is asked. */
  #isSleeping = false;
  /** The service itself said so; of `performance.now()`. */
  #blockedTill = 0;
  /** When the head asks again; of `performance.now()`. */
  #retryAt = 0;
  #reason: WaitReason = 'limit';
  #wake: () => void = () => {};

  constructor({ service, store, policy, metrics, onUncertain }: SharedLimiterOptions) {
    this.service = service;
    this.#onUncertain = onUncertain ?? (() => {});
    this.#store = store;
    this.#policy = policy;
    this.#metrics = metrics;
  }

  async acquire(deadlineMs: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    // Nobody overtakes those who wait, nor waits with them unasked.
    if (deadlineMs <= 0 && this.#isSleeping) throw this.#refused();
    await new Promise<void>((resolve, reject) => this.#enqueue(deadlineMs, signal, resolve, reject));
  }

  observe(status: number, headers: Headers): void {
    const restraint = restraintOf(status, headers, this.#policy.windowMs);
    if (restraint === undefined) return;
    if (restraint.blockMs > 0) {
      this.#blockedTill = Math.max(this.#blockedTill, performance.now() + restraint.blockMs);
      this.#metrics?.restrained(this.service);
    }
    // This process knows already; what the others are not told, the service tells them.
    this.#store.restrain(this.service, restraint, this.#policy).catch(() => {});
  }

  async status(): Promise<LimiterStatus> {
    const { minute, used } = await this.#store.counted(this.service);
    return {
      service: this.service,
      minute,
      used,
      limit: this.#policy.limit,
      waiting: this.#queue.length,
    };
  }

  #enqueue(
    deadlineMs: number,
    signal: AbortSignal | undefined,
    resolve: () => void,
    reject: (error: unknown) => void,
  ): void {
    const since = performance.now();
    const abort = (): void => this.#remove(waiter, signal?.reason);
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.#metrics?.waiting(this.service, this.#queue.length);
    };
    const waiter: Waiter = {
      since,
      deadline: since + Math.max(0, deadlineMs),
      resolve: () => {
        end();
        resolve();
      },
      reject: (error) => {
        end();
        reject(error);
      },
    };
    // One that does not wait is answered by the store, however long that takes.
    const timer =
      deadlineMs > 0
        ? setTimeout(() => this.#remove(waiter, this.#refused()), Math.min(deadlineMs, LONGEST_TIMER_MS))
        : undefined;
    signal?.addEventListener('abort', abort, { once: true });
    this.#queue.push(waiter);
    this.#metrics?.waiting(this.service, this.#queue.length);
    void this.#serve();
  }

  #remove(waiter: Waiter, error: unknown): void {
    const at = this.#queue.indexOf(waiter);
    if (at === -1) return;
    this.#queue.splice(at, 1);
    waiter.reject(error);
    if (this.#queue.length === 0) this.#wake();
  }

  /** Serves the queue until it is empty. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#queue.length > 0) {
        const grant = await this.#ask();
        if (grant.isGranted) this.#hand();
        else {
          this.#turnAway(grant);
          if (this.#queue.length > 0) await this.#sleep(grant.retryInMs);
        }
      }
    } catch (error) {
      for (const waiter of this.#queue.splice(0)) waiter.reject(error);
    } finally {
      this.#isServing = false;
    }
  }

  async #ask(): Promise<Grant> {
    const askedAt = performance.now();
    const blockedMs = this.#blockedTill - askedAt;
    if (blockedMs > 0) return { isGranted: false, reason: 'service', retryInMs: blockedMs };
    const grant = await this.#store.take(this.service, this.#policy);
    // The window counts a grant for its time and this margin; what comes later is not to be used.
    const isLate = performance.now() - askedAt > this.#policy.marginMs;
    return grant.isGranted && isLate ? { ...grant, isGranted: false, retryInMs: 1 } : grant;
  }

  #hand(): void {
    // Those who have gone meanwhile are out of the queue; a grant that nobody takes is lost, and counted.
    const waiter = this.#queue.shift();
    this.#reason = 'limit';
    if (waiter === undefined) return;
    this.#metrics?.granted(this.service, (performance.now() - waiter.since) / 1000);
    waiter.resolve();
  }

  /** Whoever would wait in vain is told now. */
  #turnAway({ retryInMs, reason }: Grant): void {
    this.#retryAt = performance.now() + retryInMs;
    const isNews = reason === 'uncertain' && this.#reason !== reason && retryInMs >= LONG_MS;
    this.#reason = reason;
    if (isNews) this.#onUncertain(Math.ceil(retryInMs / 1000));
    for (const waiter of this.#queue.filter(({ deadline }) => deadline < this.#retryAt))
      this.#remove(waiter, this.#refused());
  }

  async #sleep(retryInMs: number): Promise<void> {
    this.#isSleeping = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(retryInMs, LONGEST_SLEEP_MS) + Math.random() * SPREAD_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => {};
    this.#isSleeping = false;
  }

  #refused(): RateLimitedError {
    this.#metrics?.refused(this.service);
    const retryInMs = Math.max(1, Math.ceil(this.#retryAt - performance.now()));
    return new RateLimitedError(this.service, this.#reason, retryInMs);
  }
}
