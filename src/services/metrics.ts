/** Breakers and limiters as Prometheus metrics, by service. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { BreakerState } from '../state/store.ts';

const STATE_VALUES: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };
const WAIT_SECONDS = [0.01, 0.1, 0.5, 1, 5, 15, 30, 60, 120];

export class ProtectionMetrics {
  readonly #state: Gauge;
  readonly #changes: Counter;
  readonly #calls: Counter;
  readonly #waiting: Gauge;
  readonly #waits: Histogram;
  readonly #refused: Counter;
  readonly #restrained: Counter;

  /** @param isShared whether state is shared in Redis now */
  constructor(registry: Registry, isShared: () => boolean) {
    const registers = [registry];
    const labelNames = ['service'];
    const named = (name: string, help: string) => ({ name, help, registers, labelNames });
    this.#state = new Gauge(named('logveil_breaker_state', '0 closed, 1 half open, 2 open'));
    this.#changes = new Counter({
      ...named('logveil_breaker_changes_total', 'Changes this process made, by the state after'),
      labelNames: ['service', 'to'],
    });
    this.#calls = new Counter({
      ...named('logveil_breaker_calls_total', 'Calls, by what became of them'),
      labelNames: ['service', 'outcome'],
    });
    this.#waiting = new Gauge(named('logveil_limiter_waiting', 'Callers in the queue'));
    this.#waits = new Histogram({
      ...named('logveil_limiter_wait_seconds', 'Wait for a call that was allowed'),
      buckets: WAIT_SECONDS,
    });
    this.#refused = new Counter(named('logveil_limiter_refused_total', 'Calls past their deadline'));
    this.#restrained = new Counter(
      named('logveil_limiter_restrained_total', 'Times the service asked for a pause'),
    );
    new Gauge({
      name: 'logveil_state_shared',
      help: 'Whether breakers and limits are shared in Redis now',
      registers,
      collect() {
        this.set(isShared() ? 1 : 0);
      },
    });
  }

  breakerIs(service: string, state: BreakerState): void {
    this.#state.set({ service }, STATE_VALUES[state]);
  }

  breakerChanged(service: string, to: BreakerState): void {
    this.#changes.inc({ service, to });
  }

  called(service: string, outcome: 'succeeded' | 'failed' | 'refused'): void {
    this.#calls.inc({ service, outcome });
  }

  waiting(service: string, count: number): void {
    this.#waiting.set({ service }, count);
  }

  granted(service: string, waitSeconds: number): void {
    this.#waits.observe({ service }, waitSeconds);
  }

  refused(service: string): void {
    this.#refused.inc({ service });
  }

  restrained(service: string): void {
    this.#restrained.inc({ service });
  }
}
