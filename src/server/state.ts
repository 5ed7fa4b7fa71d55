/** What the server knows of itself: counts, times, and whether it can do its work. */
import { basename } from 'node:path';
import type { z } from 'zod';
import type { LiveRedaction } from '../app/liveRedaction.ts';
import type { ServeSettings } from '../config/serve.ts';
import { VERSION } from '../version.ts';
import { HISTORY_MINUTES, History } from './history.ts';
import type { findingsSchema, healthSchema, Status } from './schemas.ts';
import { SelfTest } from './selfTest.ts';
import type { ServiceBoard } from './services.ts';
import { SAMPLE_MS, Throughput } from './throughput.ts';
import { VerificationFile } from './verification.ts';

type Health = z.infer<typeof healthSchema>;
type Findings = z.infer<typeof findingsSchema>;

export interface StateOptions {
  readonly live: LiveRedaction;
  readonly settings: ServeSettings;
  readonly services: ServiceBoard;
}

export class ServerState {
  readonly history = new History();
  readonly throughput: Throughput;
  readonly services: ServiceBoard;
  readonly live: LiveRedaction;
  isStopping = false;
  /** Requests that are being redacted. */
  activeStreams = 0;
  requests = 0;
  requestsCut = 0;
  readonly #settings: ServeSettings;
  readonly #selfTest: SelfTest;
  readonly #verification: VerificationFile;
  readonly #started = new Date().toISOString();
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;

  constructor({ live, settings, services }: StateOptions) {
    this.live = live;
    this.services = services;
    this.#settings = settings;
    this.#selfTest = new SelfTest(live);
    this.#verification = new VerificationFile(settings.verification);
    this.throughput = new Throughput(live.tally);
    this.#timer = setInterval(() => this.throughput.sample(), SAMPLE_MS).unref();
  }

  get status(): Health['status'] {
    if (!this.#selfTest.isGood()) return 'failed';
    return this.isStopping ? 'stopping' : 'ok';
  }

  get uptimeSeconds(): number {
    return Number(((performance.now() - this.#startedAt) / 1000).toFixed(3));
  }

  health(): Health {
    const { status } = this;
    const breakers = { closed: 0, open: 0, half_open: 0 };
    for (const { state } of this.services.status.breakers) breakers[state]++;
    const { digest, ruleCount } = this.live.current;
    return {
      status,
      version: VERSION,
      uptimeSeconds: this.uptimeSeconds,
      rules: { count: ruleCount, digest },
      redacts: status !== 'failed',
      breakers,
    };
  }

  findings(minutes: number): Findings {
    const { findings, byRule, byEntity, byCategory, bySeverity, byAction } = this.live.tally.counts();
    return {
      schema: 'logveil.findings-summary/1',
      since: this.#started,
      ...{ findings, byRule, byEntity, byCategory, bySeverity, byAction },
      perMinute: this.history.minutes(minutes),
    };
  }

  snapshot(): Status {
    const { tally, current } = this.live;
    const { byEntity, bySeverity, byRule, findings } = tally.counts();
    const { bytesIn, bytesOut, lines, linesChanged, anomalies } = tally;
    const { requests, requestsCut } = this;
    const perMinute = this.history
      .minutes(HISTORY_MINUTES)
      .map((one) => ({ minute: one.minute, findings: one.findings, byEntity: one.byEntity }));
    return {
      schema: 'logveil.status/1',
      at: new Date().toISOString(),
      version: VERSION,
      started: this.#started,
      uptimeSeconds: this.uptimeSeconds,
      status: this.status,
      totals: {
        ...{ requests, requestsCut, bytesIn, bytesOut, lines, linesChanged, findings },
        linesWithheld: anomalies.linesWithheld,
        linesPassedRaw: anomalies.linesPassedOnError,
      },
      streams: { active: this.activeStreams, limit: this.#settings.maxStreams },
      throughput: [...this.throughput.samples],
      findings: { byEntity, bySeverity, byRule, perMinute },
      services: this.#servicesStatus(),
      verification: this.#verification.read(),
      rules: {
        count: current.ruleCount,
        digest: current.digest,
        packs: current.settings.rules.map((name) => (/\.ya?ml$|^[./]/.test(name) ? basename(name) : name)),
        since: current.ruleSets.at(-1)?.since ?? this.#started,
      },
    };
  }

  #servicesStatus(): Status['services'] {
    const { breakers, limiters, ...rest } = this.services.status;
    return { ...rest, breakers: [...breakers], limiters: [...limiters] };
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
