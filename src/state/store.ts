/**
 * The contract of shared state: what breakers and limiters keep, so that all processes act as one. Each operation is
 * atomic; time is the store's own, in milliseconds since 1970. `redisStore.ts` keeps it in Redis, `memoryStore.ts` in this
 * process, and one contract test runs on both.
 */

export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** Why a breaker changed. */
export type BreakerReason =
  | 'failure_rate'
  | 'open_time_over'
  | 'probe_succeeded'
  | 'probe_failed'
  /** Redis had lost an open breaker; a process that knew has put it back. */
  | 'restored';

export interface BreakerChange {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
  readonly reason: BreakerReason;
}

export interface BreakerPolicy {
  /** Calls of so long count, in so many buckets that expire one by one. */
  readonly windowMs: number;
  readonly buckets: number;
  /** With fewer calls in the window it never opens. */
  readonly minimumCalls: number;
  /** Failed share of the calls from which it opens, 0 to 1. */
  readonly failureRate: number;
  /** Time until a probe, give or take the share `jitter`. */
  readonly openMs: number;
  readonly jitter: number;
  /** A probe whose process is not heard of for so long is given up; longer than a call may take. */
  readonly leaseMs: number;
  /** Changes kept. */
  readonly history: number;
}

/** What is known of a breaker that is not closed, to put it back where it was lost. */
export interface KnownBreaker {
  readonly since: number;
  readonly openedAt: number;
  readonly till: number;
}

export interface BreakerView {
  readonly state: BreakerState;
  /** When it went into this state; 0 if it never left `closed`. */
  readonly since: number;
  /** When it left `closed`; 0 while closed. */
  readonly openedAt: number;
  /** No probe before; 0 while closed. */
  readonly till: number;
  /** In the window. */
  readonly calls: number;
  readonly failures: number;
  /** What this operation changed. */
  readonly changes: readonly BreakerChange[];
}

export interface Admission extends BreakerView {
  /** `probe`: this caller alone may call, and its outcome decides. */
  readonly verdict: 'pass' | 'probe' | 'refuse';
  /** For a refusal: milliseconds until it is worth asking again. */
  readonly retryInMs: number;
}

export interface LimitPolicy {
  /** Never more than `limit` calls within any `windowMs`. */
  readonly limit: number;
  readonly windowMs: number;
  /** Longest time from a grant to the call it is for; added to the window. */
  readonly marginMs: number;
  /** Grants a process may hold in reserve, for the case that Redis goes away, and for how long they then last. */
  readonly reserve: number;
  readonly reserveMs: number;
  /** The only process that calls the service: it need not wait for what others may have done. */
  readonly isSole: boolean;
}

/** Why a call has to wait: the limit, the service's own word, or that what was granted is not known for certain. */
export type WaitReason = 'limit' | 'service' | 'uncertain';

export interface Grant {
  readonly isGranted: boolean;
  readonly reason: WaitReason;
  /** When it is worth asking again; 0 when granted. */
  readonly retryInMs: number;
}

/** What the service said of itself. */
export interface Restraint {
  /** No call for so long; 0 for no such word. */
  readonly blockMs: number;
  /** At most so many calls in the next `remainingMs`. */
  readonly remaining?: number;
  readonly remainingMs?: number;
}

export interface MinuteCount {
  /** UTC minute, `YYYY-MM-DD-HH-MM`. */
  readonly minute: string;
  readonly used: number;
}

export interface StateStore {
  /** Whether a call may be made. @param owner names this call, for a probe */
  admit(service: string, owner: string, policy: BreakerPolicy): Promise<Admission>;
  /** Keeps the outcome of a call that was admitted. A probe that was given up meanwhile decides nothing. */
  settle(service: string, owner: string, isFailure: boolean, policy: BreakerPolicy): Promise<BreakerView>;
  /** A probe that is still under way. */
  renew(service: string, owner: string, policy: BreakerPolicy): Promise<BreakerView>;
  breaker(service: string, policy: BreakerPolicy): Promise<BreakerView>;

  /** Takes one call out of the limit, if there is one. */
  take(service: string, policy: LimitPolicy): Promise<Grant>;
  restrain(service: string, restraint: Restraint, policy: LimitPolicy): Promise<void>;
  counted(service: string): Promise<MinuteCount>;

  close(): Promise<void>;
}

/** The store does not answer, or refuses; `message` holds nothing of its address. */
export class StateUnavailable extends Error {
  override readonly name = 'StateUnavailable';
}

const MINUTE_MS = 60_000;

/** @param time milliseconds since 1970 */
export function minuteOf(time: number): number {
  return Math.floor(time / MINUTE_MS);
}

/** `YYYY-MM-DD-HH-MM` in UTC. @param minute since 1970 */
export function minuteName(minute: number): string {
  return new Date(minute * MINUTE_MS).toISOString().slice(0, 16).replace(/[T:]/g, '-');
}
