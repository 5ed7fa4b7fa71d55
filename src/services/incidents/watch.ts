/**
 * Reviews for a run that goes on: gathers leaks as they are found, and has them dealt with now and then. It keeps counts
 * in bounded memory, waits for nothing, and throws nothing: the stream does not notice it.
 */
import { type Finding, SEVERITIES, type Severity } from '../../findings/finding.ts';
import { type Leak, MOST_FINGERPRINTS } from './incident.ts';
import type { IncidentReviews, ReviewReport } from './reviews.ts';

export interface WatchOptions {
  readonly reviews: Pick<IncidentReviews, 'review'>;
  readonly minSeverity: Severity;
  readonly everyMs: number;
  readonly onReport: (report: ReviewReport) => void;
  /** The folder can't be read or written; leaks are kept in memory until it can. */
  readonly onFailure: (error: unknown) => void;
}

export class ReviewWatch {
  readonly #options: WatchOptions;
  readonly #least: number;
  readonly #timer: NodeJS.Timeout;
  #leaks = new Map<string, Leak>();
  #work: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#least = SEVERITIES.indexOf(options.minSeverity);
    this.#timer = setInterval(() => this.#deal(), options.everyMs);
    this.#timer.unref();
  }

  /** Takes a finding; what is milder than asked for, suppressed, or too much to remember is passed over. */
  readonly add = ({ fingerprint, rule, severity, suppressed }: Finding): void => {
    if (SEVERITIES.indexOf(severity) < this.#least || suppressed !== undefined) return;
    const findings = this.#leaks.get(fingerprint)?.findings ?? 0;
    if (findings === 0 && this.#leaks.size >= MOST_FINGERPRINTS) return;
    this.#leaks.set(fingerprint, { fingerprint, rule, severity, findings: findings + 1 });
  };

  /** Deals with what is left, and ends. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
    this.#deal();
    await this.#work;
  }

  #deal(): void {
    if (this.#work !== undefined) return;
    this.#work = this.#review().finally(() => {
      this.#work = undefined;
    });
  }

  async #review(): Promise<void> {
    const leaks = this.#leaks;
    this.#leaks = new Map();
    try {
      this.#options.onReport(await this.#options.reviews.review([...leaks.values()]));
    } catch (error) {
      for (const [fingerprint, leak] of leaks)
        if (!this.#leaks.has(fingerprint)) this.#leaks.set(fingerprint, leak);
      this.#options.onFailure(error);
    }
  }
}
