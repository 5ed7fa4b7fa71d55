/**
 * What stands between logveil and a service of others: a circuit breaker and a rate limiter. Callers know these shapes
 * only; whether the state is shared in Redis or kept in memory is not theirs to know.
 */

import type { BreakerState } from '../state/store.ts';

export interface BreakerStatus {
  /** Lower snake case, as in the key `circuit_breaker:<service>:state`. */
  readonly service: string;
  readonly state: BreakerState;
  /** When it went into this state, milliseconds since 1970; undefined where it never left `closed`. */
  readonly since?: number;
  /** Failed share of the calls in the window, 0 to 1; 0 without calls. */
  readonly failureRate: number;
  /** Calls in the window. */
  readonly calls: number;
}

export interface CircuitBreaker {
  readonly service: string;
  /**
   * Makes the call if the breaker allows it, and keeps its outcome.
   * @param isFailure says which errors speak against the service; all without it (a refusal of our own input is none)
   * @throws BreakerOpenError without calling; whatever the call throws
   */
  run<T>(call: () => Promise<T>, isFailure?: (error: unknown) => boolean): Promise<T>;
  status(): Promise<BreakerStatus>;
}

export interface LimiterStatus {
  readonly service: string;
  /** UTC minute, `YYYY-MM-DD-HH-MM`. */
  readonly minute: string;
  readonly used: number;
  readonly limit: number;
  /** Callers in the queue of this process. */
  readonly waiting: number;
}

export interface RateLimiter {
  readonly service: string;
  /**
   * Waits, first come first served, until a call may be made.
   * @param deadlineMs longest wait in milliseconds; 0 asks without waiting
   * @throws RateLimitedError when the deadline would pass before
   */
  acquire(deadlineMs: number, signal?: AbortSignal): Promise<void>;
  /** Takes what the service itself said: `Retry-After`, `X-RateLimit-Remaining`, `X-RateLimit-Reset`. */
  observe(status: number, headers: Headers): void;
  status(): Promise<LimiterStatus>;
}
