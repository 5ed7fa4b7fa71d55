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

/** A set of rules and since when it is in effect. */
export interface RulesInEffect {
  /** As `rulesDigest`. */
  readonly digest: string;
  readonly rules: number;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/** The JSON of `--summary`. */
export interface Summary {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly version: string;
  readonly rulesDigest: string;
  readonly rules: number;
  /** The sets of rules that were in effect, the last one last; more than one after a reload. */
  readonly ruleSets: readonly RulesInEffect[];
  readonly key: { readonly id: string; readonly source: KeySource };
  readonly started: string;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly lines: number;
  readonly linesChanged: number;
  readonly findings: number;
  /** Found under a `logveil:allow` comment; none of the other counts holds them. */
  readonly suppressed: number;
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
  readonly id: string;
  readonly entity: string;
  readonly category: Category;
  readonly severity: Severity;
}

/** What was counted since the last time, on its way between threads that use the same rules. */
export interface TallyPart {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly lines: number;
  readonly linesChanged: number;
  readonly anomalies: Readonly<Anomalies>;
  /** Findings by place in the list of rules; rules without are left out. */
  readonly counts: readonly (readonly [rule: number, count: number])[];
  readonly byAction: readonly (readonly [action: Action, count: number])[];
  readonly fingerprints: readonly string[];
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
  /** By the rules in effect, in their order. */
  #counts = new Map<TalliedRule, number>();
  /** The same of earlier sets, in plain copies: the rules themselves hold compiled patterns. */
  readonly #earlier = new Map<string, { readonly rule: TalliedRule; count: number }>();
  readonly #byAction = new Map<Action, number>();
  #suppressed = 0;

  constructor(rules: readonly TalliedRule[]) {
    this.addRules(rules);
  }

  /** Another set of rules is in effect; streams that have not come to it yet may go on with the one before. */
  addRules(rules: readonly TalliedRule[]): void {
    for (const [{ id, entity, category, severity }, count] of this.#counts) {
      if (count === 0) continue;
      const key = [id, entity, category, severity].join('\0');
      const known = this.#earlier.get(key);
      if (known !== undefined) known.count += count;
      else this.#earlier.set(key, { rule: { id, entity, category, severity }, count });
    }
    this.#counts = new Map(rules.map((rule) => [rule, 0]));
  }

  /** Rules that have found something, those of earlier sets first; a rule may come twice. */
  *#found(): Generator<readonly [rule: TalliedRule, count: number]> {
    for (const { rule, count } of this.#earlier.values()) yield [rule, count];
    for (const entry of this.#counts) if (entry[1] > 0) yield entry;
  }

  /** @param fingerprint of the value; without it the value does not count among the distinct ones */
  addFinding(rule: TalliedRule, action: Action, fingerprint?: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    this.#byAction.set(action, (this.#byAction.get(action) ?? 0) + 1);
    if (fingerprint !== undefined) this.#distinct.add(fingerprint);
  }

  /**
   * Takes out what was counted since the last time, to be added to another.
   * @param fingerprints that were found since then; they are not kept here
   */
  take(fingerprints: readonly string[]): TallyPart {
    const { bytesIn, bytesOut, lines, linesChanged } = this;
    const counts: [number, number][] = [];
    let index = 0;
    for (const [rule, count] of this.#counts) {
      if (count > 0) {
        counts.push([index, count]);
        this.#counts.set(rule, 0);
      }
      index++;
    }
    const byAction = [...this.#byAction];
    const anomalies = { ...this.anomalies };
    this.bytesIn = 0;
    this.bytesOut = 0;
    this.lines = 0;
    this.linesChanged = 0;
    this.#byAction.clear();
    for (const name of Object.keys(anomalies) as (keyof Anomalies)[]) this.anomalies[name] = 0;
    return { bytesIn, bytesOut, lines, linesChanged, anomalies, counts, byAction, fingerprints };
  }

  /** Adds what another has counted. @param rules of both, in their order */
  add(part: TallyPart, rules: readonly TalliedRule[]): void {
    this.bytesIn += part.bytesIn;
    this.bytesOut += part.bytesOut;
    this.lines += part.lines;
    this.linesChanged += part.linesChanged;
    for (const [name, count] of Object.entries(part.anomalies) as [keyof Anomalies, number][]) {
      this.anomalies[name] += count;
    }
    for (const [index, count] of part.counts) {
      const rule = rules[index] as TalliedRule;
      this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + count);
    }
    for (const [action, count] of part.byAction) {
      this.#byAction.set(action, (this.#byAction.get(action) ?? 0) + count);
    }
    for (const fingerprint of part.fingerprints) this.#distinct.add(fingerprint);
  }

  /** A finding that a comment in the source suppresses: it is told of, and counts for nothing else. */
  addSuppressed(): void {
    this.#suppressed++;
  }

  /** @param lines that are gone and have not been counted as changed */
  countDropped(lines: number, bytes: number): void {
    this.linesChanged += lines;
    this.anomalies.linesDropped += lines;
    this.anomalies.bytesDropped += bytes;
  }

  get findings(): number {
    let sum = 0;
    for (const [, count] of this.#found()) sum += count;
    return sum;
  }

  /** Whether anything at or above the severity was found. */
  hasFindingsFrom(severity: Severity): boolean {
    const least = SEVERITIES.indexOf(severity);
    for (const [rule] of this.#found()) if (SEVERITIES.indexOf(rule.severity) >= least) return true;
    return false;
  }

  /** The counts, grouped; names in the order of the rules, those without findings left out. */
  counts(): Pick<
    Summary,
    'findings' | 'suppressed' | 'distinct' | 'byRule' | 'byEntity' | 'byCategory' | 'bySeverity' | 'byAction'
  > {
    const bySeverity = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<
      Severity,
      number
    >;
    const byRule: Record<string, number> = {};
    const byEntity: Record<string, number> = {};
    const byCategory: Record<string, number> = {};
    for (const [rule, count] of this.#found()) {
      byRule[rule.id] = (byRule[rule.id] ?? 0) + count;
      byEntity[rule.entity] = (byEntity[rule.entity] ?? 0) + count;
      byCategory[rule.category] = (byCategory[rule.category] ?? 0) + count;
      bySeverity[rule.severity] += count;
    }
    return {
      findings: this.findings,
      suppressed: this.#suppressed,
      distinct: this.#distinct.count(),
      byRule,
      byEntity,
      byCategory,
      bySeverity,
      byAction: Object.fromEntries(this.#byAction),
    };
  }
}
