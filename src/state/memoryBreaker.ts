/** A circuit breaker's record in this process; step by step what `scripts/breaker.ts` does in Redis. */
import type {
  Admission,
  BreakerChange,
  BreakerPolicy,
  BreakerReason,
  BreakerState,
  BreakerView,
  KnownBreaker,
} from './store.ts';

/** Where only Redis could allow a probe: it may be back at any moment. */
const ASK_AGAIN_MS = 1000;

export class MemoryBreaker {
  #state: BreakerState = 'closed';
  #since = 0;
  #openedAt = 0;
  #till = 0;
  #owner: string | undefined;
  #lease = 0;
  /** Calls and failures by bucket; only those of the window. */
  readonly #window = new Map<number, { calls: number; failures: number }>();
  #changes: BreakerChange[] = [];
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Takes over what is known of the shared breaker. @param owner of a probe of this process that is under way */
  restore(known: KnownBreaker, owner: string | undefined, leaseTill: number): void {
    this.#state = owner === undefined ? 'open' : 'half_open';
    this.#since = known.since;
    this.#openedAt = known.openedAt;
    this.#till = known.till;
    this.#owner = owner;
    this.#lease = leaseTill;
  }

  /** @param mayProbe whether no other process could be probing at the same time */
  admit(now: number, owner: string, policy: BreakerPolicy, mayProbe: boolean): Admission {
    this.#begin(now, policy);
    if (!mayProbe && this.#state !== 'closed') {
      const known = this.#state === 'open' ? this.#till : this.#lease;
      return this.#admission(now, policy, 'refuse', Math.max(ASK_AGAIN_MS, known - now));
    }
    if (this.#state === 'open' && now >= this.#till) this.#move(now, policy, 'half_open', 'open_time_over');
    if (this.#state === 'closed') return this.#admission(now, policy, 'pass', 0);
    if (this.#state === 'open') return this.#admission(now, policy, 'refuse', this.#till - now);
    if (this.#owner !== undefined && this.#lease > now)
      return this.#admission(now, policy, 'refuse', this.#lease - now);
    this.#owner = owner;
    this.#lease = now + policy.leaseMs;
    return this.#admission(now, policy, 'probe', 0);
  }

  settle(now: number, owner: string, isFailure: boolean, policy: BreakerPolicy): BreakerView {
    this.#begin(now, policy);
    if (this.#state === 'closed') this.#count(now, isFailure, policy);
    else if (this.#state === 'half_open' && this.#owner === owner) {
      if (isFailure) this.#move(now, policy, 'open', 'probe_failed');
      else this.#move(now, policy, 'closed', 'probe_succeeded');
    }
    return this.#seen(now, policy);
  }

  renew(now: number, owner: string, policy: BreakerPolicy): BreakerView {
    this.#begin(now, policy);
    if (this.#owner === owner) this.#lease = now + policy.leaseMs;
    else if (this.#state !== 'closed' && (this.#owner === undefined || this.#lease <= now)) {
      if (this.#state === 'open') this.#move(now, policy, 'half_open', 'restored');
      this.#owner = owner;
      this.#lease = now + policy.leaseMs;
    }
    return this.#seen(now, policy);
  }

  view(now: number, policy: BreakerPolicy): BreakerView {
    return { ...this.#seen(now, policy), changes: [] };
  }

  /** With what this operation has changed. */
  #seen(now: number, policy: BreakerPolicy): BreakerView {
    const { calls, failures } = this.#totals(now, policy);
    return {
      state: this.#state,
      since: this.#since,
      openedAt: this.#openedAt,
      till: this.#till,
      calls,
      failures,
      changes: this.#changes,
    };
  }

  #begin(now: number, policy: BreakerPolicy): void {
    this.#changes = [];
    const current = bucketOf(now, policy);
    for (const bucket of this.#window.keys()) {
      if (bucket > current || current - bucket >= policy.buckets) this.#window.delete(bucket);
    }
  }

  #count(now: number, isFailure: boolean, policy: BreakerPolicy): void {
    const bucket = bucketOf(now, policy);
    const counts = this.#window.get(bucket) ?? { calls: 0, failures: 0 };
    counts.calls++;
    if (isFailure) counts.failures++;
    this.#window.set(bucket, counts);
    const { calls, failures } = this.#totals(now, policy);
    if (calls >= policy.minimumCalls && failures / calls >= policy.failureRate)
      this.#move(now, policy, 'open', 'failure_rate');
  }

  #totals(now: number, policy: BreakerPolicy): { readonly calls: number; readonly failures: number } {
    const current = bucketOf(now, policy);
    let [calls, failures] = [0, 0];
    for (const [bucket, counts] of this.#window) {
      if (bucket > current || current - bucket >= policy.buckets) continue;
      calls += counts.calls;
      failures += counts.failures;
    }
    return { calls, failures };
  }

  #move(now: number, policy: BreakerPolicy, to: BreakerState, reason: BreakerReason): void {
    this.#changes = [...this.#changes, { at: now, from: this.#state, to, reason }];
    if (to === 'open') {
      if (this.#state === 'closed') this.#openedAt = now;
      this.#till = now + Math.floor(policy.openMs * (1 + policy.jitter * (2 * this.#random() - 1)));
    } else if (to === 'closed') {
      this.#openedAt = 0;
      this.#till = 0;
    }
    this.#state = to;
    this.#since = now;
    this.#window.clear();
    this.#owner = undefined;
    this.#lease = 0;
  }

  #admission(
    now: number,
    policy: BreakerPolicy,
    verdict: Admission['verdict'],
    retryInMs: number,
  ): Admission {
    return { ...this.#seen(now, policy), verdict, retryInMs };
  }
}

function bucketOf(now: number, policy: BreakerPolicy): number {
  return Math.floor(now / Math.max(1, Math.floor(policy.windowMs / policy.buckets)));
}
