/** Findings minute by minute, for an hour; memory grows with what is found in a minute only. */
import { type FoundCounts, FoundTotals } from './sanitize/counts.ts';

const MINUTE_MS = 60_000;
export const HISTORY_MINUTES = 60;

export interface MinuteCounts extends FoundCounts {
  /** Its begin, ISO 8601 in UTC. */
  readonly minute: string;
}

export class History {
  /** By minutes since 1970, oldest first. */
  readonly #minutes = new Map<number, FoundTotals>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  add(found: FoundCounts): void {
    if (found.findings === 0) return;
    const minute = Math.floor(this.#now() / MINUTE_MS);
    let totals = this.#minutes.get(minute);
    if (totals === undefined) {
      totals = new FoundTotals();
      this.#minutes.set(minute, totals);
      for (const old of this.#minutes.keys()) if (old <= minute - HISTORY_MINUTES) this.#minutes.delete(old);
    }
    totals.add(found);
  }

  /** The last minutes, oldest first, the running one last; minutes without findings too. */
  minutes(count: number): MinuteCounts[] {
    const last = Math.floor(this.#now() / MINUTE_MS);
    return Array.from({ length: count }, (_, index) => {
      const minute = last - count + 1 + index;
      const totals = this.#minutes.get(minute) ?? new FoundTotals();
      const { findings, byRule, byEntity, byCategory, bySeverity } = totals;
      return {
        minute: new Date(minute * MINUTE_MS).toISOString(),
        ...{ findings, byRule, byEntity, byCategory, bySeverity },
      };
    });
  }
}
