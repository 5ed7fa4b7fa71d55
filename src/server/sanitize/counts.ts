/**
 * What of the run's counts belongs to which request. Streams count into one tally; but they take turns, and what is
 * counted within a turn is its stream's. So a difference before and after costs nothing for each finding.
 */
import type { Summary, Tally } from '../../findings/summary.ts';

type Counts = Readonly<Record<string, number>>;

/** Findings of one request, or of one minute. */
export interface FoundCounts {
  readonly findings: number;
  readonly byRule: Counts;
  readonly byEntity: Counts;
  readonly byCategory: Counts;
  readonly bySeverity: Counts;
}

const GROUPS = ['byRule', 'byEntity', 'byCategory', 'bySeverity'] as const;

const NOTHING_FOUND: FoundCounts = {
  findings: 0,
  byRule: {},
  byEntity: {},
  byCategory: {},
  bySeverity: {},
};

/** Counts that grow; what is not there is 0. */
export class FoundTotals implements FoundCounts {
  findings = 0;
  readonly byRule: Record<string, number> = {};
  readonly byEntity: Record<string, number> = {};
  readonly byCategory: Record<string, number> = {};
  readonly bySeverity: Record<string, number> = {};

  add(counts: FoundCounts): void {
    this.findings += counts.findings;
    for (const group of GROUPS) {
      const own = this[group];
      for (const [name, count] of Object.entries(counts[group])) own[name] = (own[name] ?? 0) + count;
    }
  }
}

/** Tells what was counted since the last time; whoever asks must do so at the end of each turn. */
export class TallyDelta {
  readonly #tally: Tally;
  #findings: number;
  #last: Pick<Summary, (typeof GROUPS)[number]>;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#findings = tally.findings;
    this.#last = tally.counts();
  }

  take(): FoundCounts {
    const { findings } = this.#tally;
    if (findings === this.#findings) return NOTHING_FOUND;
    const now = this.#tally.counts();
    const last = this.#last;
    const part = (group: (typeof GROUPS)[number]): Counts => difference(now[group], last[group]);
    const found: FoundCounts = {
      findings: findings - this.#findings,
      byRule: part('byRule'),
      byEntity: part('byEntity'),
      byCategory: part('byCategory'),
      bySeverity: part('bySeverity'),
    };
    this.#findings = findings;
    this.#last = now;
    return found;
  }
}

function difference(now: Counts, before: Counts): Counts {
  const changed = Object.entries(now)
    .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  return Object.fromEntries(changed);
}
