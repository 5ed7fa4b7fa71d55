/**
 * All counts of an audit, filled part by part in the order of the audit. Grows with the numbers of rules, services, days
 * and listed values, each bounded, never with the number of findings.
 */
import { DistinctCounter, type DistinctState } from '../findings/distinct.ts';
import { type Category, SEVERITIES, type Severity } from '../findings/finding.ts';
import {
  distinctValues,
  GROUP_DISTINCT,
  Groups,
  type GroupsState,
  noSeverities,
  OTHER,
  type SeverityCounts,
} from './groups.ts';
import type { AuditResult, DayGroup, InventoryRow } from './result.ts';
import { CONFIDENCE_BINS, type ExampleFacts, NO_DAY, type Partial, type RuleFacts } from './scan.ts';
import { type ValueLimits, ValueList, type ValueListState } from './valueList.ts';

const MOST_RULES = 10_000;
const MOST_SERVICES = 1000;
const MOST_HOSTS = 1000;
const MOST_ROWS = 5000;
/** Some thirty years. */
const MOST_DAYS = 11_000;
/** Lines shown of one rule. */
const EXAMPLES_PER_RULE = 10;

/** A line around a finding, with its file. */
export interface Example extends ExampleFacts {
  readonly source: string;
}

interface Row {
  readonly rule: number;
  readonly service: string;
  findings: number;
  files: number;
  lastFile: number;
  confidenceSum: number;
  confidenceMin: number;
  confidenceMax: number;
  firstDay: string;
  lastDay: string;
}

interface Day {
  findings: number;
  readonly bySeverity: SeverityCounts;
  readonly byCategory: { [Name in Category]?: number };
}

const GROUPINGS = [
  'byRule',
  'byEntity',
  'byCategory',
  'byGdpr',
  'bySeverity',
  'byService',
  'byHost',
] as const;
type Grouping = (typeof GROUPINGS)[number];
const LIMITS: Readonly<Record<Grouping, number>> = {
  byRule: MOST_RULES,
  byEntity: MOST_RULES,
  byCategory: MOST_RULES,
  byGdpr: MOST_RULES,
  bySeverity: MOST_RULES,
  byService: MOST_SERVICES,
  byHost: MOST_HOSTS,
};

export interface AggregateState {
  readonly groups: Readonly<Record<Grouping, GroupsState>>;
  readonly rows: readonly (readonly [Row, DistinctState])[];
  readonly rowsNotListed: number;
  readonly days: readonly (readonly [string, Day])[];
  readonly dated: { readonly line: number; readonly file: number; readonly none: number };
  readonly left: { readonly suppressed: number; readonly baseline: number; readonly outsideTime: number };
  readonly confidence: readonly (readonly [number, readonly number[], number])[];
  readonly distinct: DistinctState;
  readonly findings: number;
  readonly values: ValueListState;
  readonly examples: readonly (readonly [number, readonly Example[]])[];
}

export class Aggregate {
  readonly values: ValueList;
  findings = 0;
  readonly left = { suppressed: 0, baseline: 0, outsideTime: 0 };
  /** By rule; lines around its first findings. */
  readonly examples: Map<number, Example[]>;
  readonly #rules: readonly RuleFacts[];
  readonly #groups: Readonly<Record<Grouping, Groups>>;
  readonly #rows = new Map<string, { readonly row: Row; readonly distinct: DistinctCounter }>();
  #rowsNotListed = 0;
  readonly #days: Map<string, Day>;
  readonly #dated = { line: 0, file: 0, none: 0 };
  /** By rule: bins, and the sum of confidences. */
  readonly #confidence = new Map<number, { readonly bins: number[]; sum: number }>();
  readonly #distinct: DistinctCounter;

  constructor(rules: readonly RuleFacts[], limits: ValueLimits, state?: AggregateState) {
    this.#rules = rules;
    this.#groups = Object.fromEntries(
      GROUPINGS.map((name) => [name, new Groups(LIMITS[name], state?.groups[name])]),
    ) as Record<Grouping, Groups>;
    this.values = new ValueList(limits, state?.values);
    this.#days = new Map(state?.days);
    this.#distinct = new DistinctCounter(undefined, state?.distinct);
    this.examples = new Map(state?.examples.map(([rule, examples]) => [rule, [...examples]]));
    if (state === undefined) return;
    this.findings = state.findings;
    Object.assign(this.left, state.left);
    Object.assign(this.#dated, state.dated);
    this.#rowsNotListed = state.rowsNotListed;
    for (const [row, distinct] of state.rows) {
      const counter = new DistinctCounter(GROUP_DISTINCT, distinct);
      this.#rows.set(rowName(row.rule, row.service), { row: { ...row }, distinct: counter });
    }
    for (const [rule, bins, sum] of state.confidence) this.#confidence.set(rule, { bins: [...bins], sum });
  }

  /**
   * @param baseLine lines before the part's first, in its source
   * @param file number of the file (or member), to count each once
   */
  add(partial: Partial, baseLine: number, file: number): void {
    for (const name of ['suppressed', 'baseline', 'outsideTime'] as const)
      this.left[name] += partial.left[name];
    for (const name of ['line', 'file', 'none'] as const) this.#dated[name] += partial.dated[name];
    for (const cell of partial.cells) {
      const isKnown = this.values.add(cell, partial.source, baseLine);
      this.#addCell(cell, file, isKnown ? undefined : cell.fingerprint);
    }
    for (const [rule, day, count] of partial.days) this.#addDay(rule, day, count);
    for (const [rule, bins] of partial.confidence) {
      const known = this.#confidenceOf(rule);
      for (let bin = 0; bin < CONFIDENCE_BINS; bin++) known.bins[bin] += bins[bin] ?? 0;
    }
    for (const example of partial.examples) {
      const shown = this.examples.get(example.rule) ?? [];
      if (shown.length >= EXAMPLES_PER_RULE) continue;
      shown.push({ ...example, line: example.line + baseLine + 1, source: partial.source });
      this.examples.set(example.rule, shown);
    }
  }

  /** Whether anything at or above the severity was found. */
  hasFindingsFrom(severity: Severity): boolean {
    const least = SEVERITIES.indexOf(severity);
    return this.#groups.bySeverity.result().some(({ name }) => SEVERITIES.indexOf(name as Severity) >= least);
  }

  get bySeverity(): SeverityCounts {
    const counts = noSeverities();
    for (const { name, findings } of this.#groups.bySeverity.result()) counts[name as Severity] = findings;
    return counts;
  }

  get distinct(): ReturnType<typeof distinctValues> {
    return distinctValues(this.#distinct);
  }

  result(): Pick<AuditResult, 'aggregates' | 'inventory' | 'inventoryNotListed' | 'accuracy'> {
    const groups = Object.fromEntries(GROUPINGS.map((name) => [name, this.#groups[name].result()]));
    const byDay = [...this.#days]
      .filter(([day]) => day !== NO_DAY)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([day, counts]): DayGroup => ({ day, ...counts }));
    return {
      aggregates: {
        ...(groups as Record<Grouping, ReturnType<Groups['result']>>),
        byDay,
        dated: this.#dated,
      },
      inventory: this.#inventory(),
      inventoryNotListed: this.#rowsNotListed,
      accuracy: this.#accuracy(),
    };
  }

  get state(): AggregateState {
    return {
      groups: Object.fromEntries(GROUPINGS.map((name) => [name, this.#groups[name].state])) as Record<
        Grouping,
        GroupsState
      >,
      rows: [...this.#rows.values()].map(({ row, distinct }) => [row, distinct.state]),
      rowsNotListed: this.#rowsNotListed,
      days: [...this.#days],
      dated: this.#dated,
      left: this.left,
      confidence: [...this.#confidence].map(([rule, { bins, sum }]) => [rule, bins, sum]),
      distinct: this.#distinct.state,
      findings: this.findings,
      values: this.values.state,
      examples: [...this.examples],
    };
  }

  #addCell(cell: Partial['cells'][number], file: number, fingerprint: string | undefined): void {
    const { entity, id, category, gdpr, severity } = this.#rules[cell.rule] as RuleFacts;
    const count = cell.findings;
    this.findings += count;
    if (fingerprint !== undefined) this.#distinct.add(fingerprint);
    const groups = this.#groups;
    groups.byRule.add(id, severity, count, file, fingerprint);
    groups.byEntity.add(entity, severity, count, file, fingerprint);
    groups.byCategory.add(category, severity, count, file, fingerprint);
    groups.bySeverity.add(severity, severity, count, file, fingerprint);
    for (const article of gdpr) groups.byGdpr.add(article, severity, count, file, fingerprint);
    groups.byService.add(cell.service, severity, count, file, fingerprint);
    if (cell.host !== '') groups.byHost.add(cell.host, severity, count, file, fingerprint);
    this.#confidenceOf(cell.rule).sum += cell.confidenceSum;
    this.#addRow(cell, file, fingerprint);
  }

  #addRow(cell: Partial['cells'][number], file: number, fingerprint: string | undefined): void {
    const name = rowName(cell.rule, cell.service);
    let known = this.#rows.get(name);
    if (known === undefined) {
      if (this.#rows.size >= MOST_ROWS) {
        this.#rowsNotListed += cell.findings;
        return;
      }
      const { rule, service, confidenceMin, confidenceMax, firstDay, lastDay } = cell;
      const row = { rule, service, findings: 0, files: 0, lastFile: -1, confidenceSum: 0 };
      known = {
        row: { ...row, confidenceMin, confidenceMax, firstDay, lastDay },
        distinct: new DistinctCounter(GROUP_DISTINCT),
      };
      this.#rows.set(name, known);
    }
    const { row, distinct } = known;
    row.findings += cell.findings;
    if (row.lastFile !== file) row.files++;
    row.lastFile = file;
    row.confidenceSum += cell.confidenceSum;
    row.confidenceMin = Math.min(row.confidenceMin, cell.confidenceMin);
    row.confidenceMax = Math.max(row.confidenceMax, cell.confidenceMax);
    if (cell.firstDay !== NO_DAY && (row.firstDay === NO_DAY || cell.firstDay < row.firstDay)) {
      row.firstDay = cell.firstDay;
    }
    if (cell.lastDay > row.lastDay) row.lastDay = cell.lastDay;
    if (fingerprint !== undefined) distinct.add(fingerprint);
  }

  #addDay(rule: number, day: string, count: number): void {
    const { severity, category } = this.#rules[rule] as RuleFacts;
    const name = this.#days.has(day) || this.#days.size < MOST_DAYS ? day : NO_DAY;
    const counts = this.#days.get(name) ?? { findings: 0, bySeverity: noSeverities(), byCategory: {} };
    counts.findings += count;
    counts.bySeverity[severity] += count;
    counts.byCategory[category] = (counts.byCategory[category] ?? 0) + count;
    this.#days.set(name, counts);
  }

  #confidenceOf(rule: number): { readonly bins: number[]; sum: number } {
    let known = this.#confidence.get(rule);
    if (known === undefined) {
      known = { bins: new Array<number>(CONFIDENCE_BINS).fill(0), sum: 0 };
      this.#confidence.set(rule, known);
    }
    return known;
  }

  #inventory(): InventoryRow[] {
    return [...this.#rows.values()]
      .map(({ row, distinct }): InventoryRow => {
        const facts = this.#rules[row.rule] as RuleFacts;
        const { entity, category, gdpr, severity, validators } = facts;
        return {
          rule: facts.id,
          entity,
          category,
          gdpr: [...gdpr],
          severity,
          service: row.service,
          findings: row.findings,
          distinct: distinctValues(distinct),
          files: row.files,
          confidence: {
            min: row.confidenceMin,
            mean: rounded(row.confidenceSum / row.findings),
            max: row.confidenceMax,
          },
          validated: validators.length > 0 ? row.findings : 0,
          ...(row.firstDay !== NO_DAY && { firstDay: row.firstDay, lastDay: row.lastDay }),
        };
      })
      .sort(
        (a, b) => b.findings - a.findings || (`${a.rule}\0${a.service}` < `${b.rule}\0${b.service}` ? -1 : 1),
      );
  }

  #accuracy(): AuditResult['accuracy'] {
    const all = { bins: new Array<number>(CONFIDENCE_BINS).fill(0), sum: 0, validated: 0, findings: 0 };
    const entities = new Map<string, typeof all>();
    for (const [rule, { bins, sum }] of this.#confidence) {
      const { entity, validators } = this.#rules[rule] as RuleFacts;
      const own = entities.get(entity) ?? { bins: bins.map(() => 0), sum: 0, validated: 0, findings: 0 };
      entities.set(entity, own);
      const findings = bins.reduce((total, count) => total + count, 0);
      for (const counts of [all, own]) {
        for (let bin = 0; bin < CONFIDENCE_BINS; bin++) counts.bins[bin] += bins[bin] as number;
        counts.sum += sum;
        counts.findings += findings;
        if (validators.length > 0) counts.validated += findings;
      }
    }
    const mean = ({ sum, findings }: typeof all): number => (findings === 0 ? 0 : rounded(sum / findings));
    return {
      confidence: all.bins.map((findings, bin) => ({
        from: bin / CONFIDENCE_BINS,
        to: (bin + 1) / CONFIDENCE_BINS,
        findings,
      })),
      mean: mean(all),
      validated: all.validated,
      validatedShare: all.findings === 0 ? 0 : rounded(all.validated / all.findings),
      byEntity: [...entities]
        .map(([entity, own]) => ({
          entity,
          findings: own.findings,
          mean: mean(own),
          validated: own.validated,
          bins: own.bins,
        }))
        .sort((a, b) => b.findings - a.findings || (a.entity < b.entity ? -1 : 1)),
    };
  }
}

function rowName(rule: number, service: string): string {
  return `${rule}\0${service === '' ? OTHER : service}`;
}

/** To four decimals: sums of floating point numbers differ in the last ones with their order. */
function rounded(share: number): number {
  return Math.min(1, Number(share.toFixed(4)));
}
