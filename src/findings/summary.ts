/**
 * What a run did, in numbers. Filled as the stream goes, read at its end; holds no value and grows with the number of
 * rules only.
 */
import { type DistinctCount, DistinctCounter } from './distinct.ts';
import { type Action, type Category, SEVERITIES, type Severity } from './finding.ts';
import type { KeySource } from './fingerprint.ts';

export const SUMMARY_SCHEMA = 'logveil.summary/1';

/** Why a line was not passed on as it should have been, or took an unusual way; each is counted. */
export interface Anomalies {
  /** Replaced by `[LOGVEIL: line withheld: ...]`. */
  linesWithheld: number;
  /** Passed raw because the user asked for it with `--on-error pass`. */
  linesPassedOnError: number;
  /** Removed by the action `drop-line`. */
  linesDropped: number;
  bytesDropped: number;
  /** Longer than the limit, redacted in overlapping windows. */
  longLines: number;
  /** Multi-line values whose end was never seen. */
  blocksWithoutEnd: number;
  /** Matches inside JSON keys, which stay so that the structure survives. */
  matchesInKeys: number;
  /** Findings that could not be written. */
  findingsLost: number;
}

/** The JSON of `--summary`. */
export interface Summary {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly version: string;
  readonly rulesDigest: string;
  readonly rules: number;
  readonly key: { readonly id: string; readonly source: KeySource };
  readonly started: string;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly lines: number;
  readonly linesChanged: number;
  readonly findings: number;
  readonly distinct: DistinctCount;
  readonly byRule: Readonly<Record<string, number>>;
  readonly byEntity: Readonly<Record<string, number>>;
  readonly byCategory: Readonly<Record<string, number>>;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly byAction: Readonly<Record<string, number>>;
  readonly anomalies: Readonly<Anomalies>;
  /** Messages of what went wrong; never a scanned byte. */
  readonly failures: readonly string[];
}

/** What is counted of a rule. */
export interface TalliedRule {
  /** Place in the list of rules. */
  readonly index: number;
  readonly id: string;
  readonly entity: string;
  readonly category: Category;
  readonly severity: Severity;
}

export class Tally {
  bytesIn = 0;
  bytesOut = 0;
  lines = 0;
  linesChanged = 0;
  readonly anomalies: Anomalies = {
    linesWithheld: 0,
    linesPassedOnError: 0,
    linesDropped: 0,
    bytesDropped: 0,
    longLines: 0,
    blocksWithoutEnd: 0,
    matchesInKeys: 0,
    findingsLost: 0,
  };
  readonly #distinct = new DistinctCounter();
  readonly #rules: readonly TalliedRule[];
  /** By rule index. */
  readonly #counts: Float64Array;
  readonly #byAction = new Map<Action, number>();

  constructor(rules: readonly TalliedRule[]) {
    this.#rules = rules;
    this.#counts = new Float64Array(rules.length);
  }

  /** @param fingerprint of the value; without it the value does not count among the distinct ones */
  addFinding(rule: TalliedRule, action: Action, fingerprint?: string): void {
    this.#counts[rule.index] = (this.#counts[rule.index] ?? 0) + 1;
    this.#byAction.set(action, (this.#byAction.get(action) ?? 0) + 1);
    if (fingerprint !== undefined) this.#distinct.add(fingerprint);
  }

  /** @param lines that are gone and have not been counted as changed */
  countDropped(lines: number, bytes: number): void {
    this.linesChanged += lines;
    this.anomalies.linesDropped += lines;
    this.anomalies.bytesDropped += bytes;
  }

  get findings(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Whether anything at or above the severity was found. */
  hasFindingsFrom(severity: Severity): boolean {
    const least = SEVERITIES.indexOf(severity);
    return this.#rules.some((rule) => this.#counts[rule.index] && SEVERITIES.indexOf(rule.severity) >= least);
  }

  /** The counts, grouped; names in the order of the rules, those without findings left out. */
  counts(): Pick<
    Summary,
    'findings' | 'distinct' | 'byRule' | 'byEntity' | 'byCategory' | 'bySeverity' | 'byAction'
  > {
    const bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<
      Severity,
      number
    >;
    const byRule: Record<string, number> = {};
    const byEntity: Record<string, number> = {};
    const byCategory: Record<string, number> = {};
    for (const rule of this.#rules) {
      const count = this.#counts[rule.index] ?? 0;
      if (count === 0) continue;
      byRule[rule.id] = count;
      byEntity[rule.entity] = (byEntity[rule.entity] ?? 0) + count;
      byCategory[rule.category] = (byCategory[rule.category] ?? 0) + count;
      bySeverity[rule.severity] += count;
    }
    return {
      findings: this.findings,
      distinct: this.#distinct.count(),
      byRule,
      byEntity,
      byCategory,
      bySeverity,
      byAction: Object.fromEntries(this.#byAction),
    };
  }
}
