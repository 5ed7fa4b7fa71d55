/** `/metrics`, for Prometheus. Labels are routes, statuses and names of rules: their number does not grow with requests. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { ErrorCatcher } from '../pipeline/errorCatcher.ts';
import { registerCaughtErrors, registerStages } from '../pipeline/metrics.ts';
import type { PerformanceMonitoring } from '../pipeline/performanceMonitoring.ts';
import { VERSION } from '../version.ts';
import type { ServerState } from './state.ts';

/** A small request takes a millisecond, a stream minutes. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600];
/** As the metrics of whoever calls the services have them. */
const BREAKER_VALUES = { closed: 0, half_open: 1, open: 2 } as const;

interface Middleware {
  readonly monitoring: PerformanceMonitoring;
  readonly catcher: ErrorCatcher;
}

export class HttpMetrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<'method' | 'route' | 'status'>;
  readonly #seconds: Histogram<'route'>;

  constructor(state: ServerState, { monitoring, catcher }: Middleware) {
    const registers = [this.#registry];
    this.#requests = new Counter({
      name: 'logveil_http_requests_total',
      help: 'Requests answered, or cut',
      labelNames: ['method', 'route', 'status'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'logveil_http_request_seconds',
      help: 'From the first byte of a request to the last of its answer',
      labelNames: ['route'],
      buckets: SECONDS,
      registers,
    });
    collectDefaultMetrics({ register: this.#registry, prefix: 'logveil_' });
    this.#registerTotals(state);
    this.#registerServices(state);
    registerStages(this.#registry, () => monitoring.figures());
    registerCaughtErrors(this.#registry, () => catcher.counts());
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** @param route the pattern, never the URL @param status 0 for a connection that ended before its answer */
  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.inc({ method, route, status });
    this.#seconds.observe({ route }, seconds);
  }

  #registerTotals(state: ServerState): void {
    const registers = [this.#registry];
    const { tally } = state.live;
    const counters: readonly (readonly [name: string, help: string, value: () => number])[] = [
      ['logveil_bytes_in_total', 'Bytes taken to be redacted', () => tally.bytesIn],
      ['logveil_bytes_out_total', 'Redacted bytes', () => tally.bytesOut],
      ['logveil_lines_total', 'Lines looked at', () => tally.lines],
      ['logveil_lines_changed_total', 'Lines in which something was replaced', () => tally.linesChanged],
      ['logveil_lines_withheld_total', 'Lines withheld after an error', () => tally.anomalies.linesWithheld],
      [
        'logveil_lines_passed_total',
        'Lines passed raw by --on-error pass',
        () => tally.anomalies.linesPassedOnError,
      ],
      ['logveil_sanitize_cut_total', 'Requests ended before their end', () => state.requestsCut],
    ];
    for (const [name, help, value] of counters) counter(this.#registry, name, help, value);
    gauge(this.#registry, 'logveil_sanitize_active', 'Requests being redacted', () => state.activeStreams);
    gauge(this.#registry, 'logveil_rules', 'Rules in effect', () => state.live.current.ruleCount);
    gauge(this.#registry, 'logveil_ready', 'Whether it can redact', () => (state.status === 'ok' ? 1 : 0));
    new Gauge({
      name: 'logveil_build_info',
      help: 'Version and rules',
      labelNames: ['version', 'rules_digest'],
      registers,
      collect() {
        this.reset();
        this.set({ version: VERSION, rules_digest: state.live.current.digest }, 1);
      },
    });
    new Counter({
      name: 'logveil_findings_total',
      help: 'Values found',
      labelNames: ['rule'],
      registers,
      collect() {
        this.reset();
        for (const [rule, count] of Object.entries(tally.counts().byRule)) this.inc({ rule }, count);
      },
    });
  }

  #registerServices(state: ServerState): void {
    const registers = [this.#registry];
    new Gauge({
      name: 'logveil_breaker_state',
      help: '0 closed, 1 half open, 2 open',
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const breaker of state.services.status.breakers) {
          this.set({ service: breaker.service }, BREAKER_VALUES[breaker.state]);
        }
      },
    });
    new Gauge({
      name: 'logveil_limiter_used',
      help: 'Calls in the running minute',
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const { service, used } of state.services.status.limiters) this.set({ service }, used);
      },
    });
    new Gauge({
      name: 'logveil_limiter_limit',
      help: 'Calls allowed in a minute',
      labelNames: ['service'],
      registers,
      collect() {
        this.reset();
        for (const { service, limit } of state.services.status.limiters) this.set({ service }, limit);
      },
    });
  }
}

function counter(registry: Registry, name: string, help: string, value: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(value());
    },
  });
}

function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(value());
    },
  });
}
