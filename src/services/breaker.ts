/**
 * A circuit breaker over shared state: closed, it passes calls and counts; open, it refuses them; after its open time one
 * call, of all processes, is let through as a probe and decides. The pattern is Nygard's (Release It!, 2007), the sliding
 * window and the failure rate are as in resilience4j.
 */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type {
  BreakerChange,
  BreakerPolicy,
  BreakerReason,
  BreakerState,
  BreakerView,
  StateStore,
} from '../state/store.ts';
import { BreakerOpenError } from './errors.ts';
import type { ProtectionMetrics } from './metrics.ts';
import type { BreakerStatus, CircuitBreaker } from './protection.ts';

/** A lease is renewed so often before it would run out. */
const RENEWALS = 3;

export interface BreakerEvent {
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** Undefined where another process changed it, and this one sees it now. */
  readonly reason?: BreakerReason;
}

export interface SharedBreakerOptions {
  /** Lower snake case. */
  readonly service: string;
  readonly store: StateStore;
  readonly policy: BreakerPolicy;
  readonly metrics?: ProtectionMetrics;
}

export class SharedBreaker implements CircuitBreaker {
  readonly service: string;
  /** `change`: once for each state this process sees it in. */
  readonly events = new EventEmitter<{ change: [BreakerEvent] }>();
  readonly #store: StateStore;
  readonly #policy: BreakerPolicy;
  readonly #metrics: ProtectionMetrics | undefined;
  #state: BreakerState = 'closed';

  constructor({ service, store, policy, metrics }: SharedBreakerOptions) {
    this.service = service;
    this.#store = store;
    this.#policy = policy;
    this.#metrics = metrics;
    metrics?.breakerIs(service, 'closed');
  }

  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean = () => true): Promise<T> {
    const owner = randomUUID();
    const admission = await this.#store.admit(this.service, owner, this.#policy);
    this.#saw(admission);
    if (admission.verdict === 'refuse') {
      this.#metrics?.called(this.service, 'refused');
      throw new BreakerOpenError(this.service, admission.retryInMs);
    }
    const stopRenewing = admission.verdict === 'probe' ? this.#keepRenewing(owner) : () => {};
    let value: T;
    try {
      value = await call();
    } catch (error) {
      stopRenewing();
      await this.#settle(owner, speaksAgainst(isFailure, error));
      throw error;
    }
    stopRenewing();
    await this.#settle(owner, false);
    return value;
  }

  async status(): Promise<BreakerStatus> {
    const view = await this.#store.breaker(this.service, this.#policy);
    this.#saw(view);
    return {
      service: this.service,
      state: view.state,
      ...(view.since > 0 && { since: view.since }),
      failureRate: view.calls === 0 ? 0 : view.failures / view.calls,
      calls: view.calls,
    };
  }

  async #settle(owner: string, isFailure: boolean): Promise<void> {
    this.#metrics?.called(this.service, isFailure ? 'failed' : 'succeeded');
    this.#saw(await this.#store.settle(this.service, owner, isFailure, this.#policy));
  }

  #keepRenewing(owner: string): () => void {
    const timer = setInterval(() => {
      // One that fails is made up for by the next.
      this.#store.renew(this.service, owner, this.#policy).catch(() => {});
    }, this.#policy.leaseMs / RENEWALS).unref();
    return () => clearInterval(timer);
  }

  #saw(view: BreakerView): void {
    for (const change of view.changes) this.#changed(change);
    if (view.state === this.#state) return;
    this.#changed({ at: view.since, from: this.#state, to: view.state });
  }

  #changed({ at, from, to, reason }: Omit<BreakerChange, 'reason'> & { reason?: BreakerReason }): void {
    this.#state = to;
    this.#metrics?.breakerIs(this.service, to);
    if (reason !== undefined) this.#metrics?.breakerChanged(this.service, to);
    this.events.emit('change', { service: this.service, at, from, to, ...(reason && { reason }) });
  }
}

/** What can't be judged speaks against the service. */
function speaksAgainst(isFailure: (error: unknown) => boolean, error: unknown): boolean {
  try {
    return isFailure(error);
  } catch {
    return true;
  }
}
