/** What the rounds of a watch have seen since the last summary, in memory that does not grow with their number. */
import type { CheckResult, Status, Trigger, Verification } from '../result.ts';

/** One check, over all rounds. */
export interface CheckHistory {
  readonly number: number;
  readonly id: string;
  readonly title: string;
  readonly counts: Readonly<Record<Status, number>>;
  /** The last that was not a pass, as it was observed. */
  readonly lastBad: { readonly at: string; readonly status: Status; readonly observed: string } | undefined;
}

/** A check that came to another status, or a trigger to another state. */
export interface Change {
  readonly at: string;
  readonly what: string;
  readonly from: string | undefined;
  readonly to: string;
  readonly observed: string;
}

/** Beyond, the oldest go; the counts go on. */
const MOST_CHANGES = 500;

export class History {
  #since: Date;
  #rounds = 0;
  #changes: Change[] = [];
  #dropped = 0;
  readonly #checks = new Map<string, CheckHistory>();
  readonly #status = new Map<string, string>();
  #latest: Verification | undefined;

  constructor(since: Date) {
    this.#since = since;
  }

  /**
   * @param looked ids of the checks that ran in this round
   * @returns what has changed with it
   */
  add(result: Verification, looked: readonly string[]): readonly Change[] {
    this.#latest = result;
    this.#rounds++;
    const at = new Date().toISOString();
    for (const check of result.checks) if (looked.includes(check.id)) this.#count(check, at);
    const changes = [
      ...result.checks.map((check) =>
        this.#compare(at, `check ${check.number}, ${check.title}`, check.status, check.observed),
      ),
      ...result.triggers.map(({ number, title, state, reason }: Trigger) =>
        this.#compare(at, `trigger ${number}, ${title}`, state, reason),
      ),
    ].filter((change) => change !== undefined);
    this.#changes.push(...changes);
    while (this.#changes.length > MOST_CHANGES) {
      this.#changes.shift();
      this.#dropped++;
    }
    return changes;
  }

  /** Begins to count anew; what is known of the present stays. */
  begin(since: Date): void {
    this.#since = since;
    this.#rounds = 0;
    this.#changes = [];
    this.#dropped = 0;
    this.#checks.clear();
  }

  get since(): Date {
    return this.#since;
  }

  get rounds(): number {
    return this.#rounds;
  }

  get changes(): readonly Change[] {
    return this.#changes;
  }

  /** Changes that are no longer kept. */
  get dropped(): number {
    return this.#dropped;
  }

  get checks(): readonly CheckHistory[] {
    return [...this.#checks.values()].sort((a, b) => a.number - b.number);
  }

  get latest(): Verification | undefined {
    return this.#latest;
  }

  #count(check: CheckResult, at: string): void {
    const { number, id, title, status, observed } = check;
    const known = this.#checks.get(id);
    const counts = known?.counts ?? { pass: 0, warn: 0, fail: 0, unknown: 0, skipped: 0 };
    const isBad = status !== 'pass' && status !== 'skipped';
    this.#checks.set(id, {
      number,
      id,
      title,
      counts: { ...counts, [status]: counts[status] + 1 },
      lastBad: isBad ? { at, status, observed } : known?.lastBad,
    });
  }

  #compare(at: string, what: string, to: string, observed: string): Change | undefined {
    const from = this.#status.get(what);
    if (from === to) return undefined;
    this.#status.set(what, to);
    return { at, what, from, to, observed };
  }
}
