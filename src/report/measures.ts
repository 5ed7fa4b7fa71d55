/** Numbers that several sections tell: each is worked out in one way. */
import type { AuditResult, Group, InventoryRow } from '../audit/result.ts';
import { SEVERITIES } from '../findings/finding.ts';
import type { Context, ReportFacts } from './context.ts';

/** As they are read. */
export const WORST_FIRST = [...SEVERITIES].reverse();
/** What the audit calls the groups beyond its bounds. */
const OTHER = '(other)';

export function servicesWithDetections(audit: AuditResult): number {
  return audit.aggregates.byService.filter(({ findings, name }) => findings > 0 && name !== OTHER).length;
}

/** Of the listed files where all are listed; otherwise the most that any one group has, which is a lower bound. */
export function filesWithDetections(audit: AuditResult): number {
  const { entries, entriesNotListed } = audit.coverage;
  const listed = entries.filter(({ findings }) => findings > 0).length;
  if (entriesNotListed === 0) return listed;
  return Math.max(listed, ...audit.aggregates.byCategory.map(({ files }) => files));
}

const ARTICLES = { art9: /^art9\b/, art10: /^art10\b/, art87: /^art87\b/ } as const;

/** Rows whose data need more than Art. 6: Art. 9, Art. 10, Art. 87. */
export function specialRows(audit: AuditResult): InventoryRow[] {
  return audit.inventory.filter((row) => isSpecial(row));
}

export function isUnder(row: InventoryRow, article: 'art9' | 'art10' | 'art87'): boolean {
  if (row.gdpr.some((name) => ARTICLES[article].test(name))) return true;
  if (article === 'art87') return row.category === 'national-id';
  return article === 'art9' && (row.category === 'special' || row.category === 'health') && !isCriminal(row);
}

function isCriminal({ gdpr }: InventoryRow): boolean {
  return gdpr.some((name) => ARTICLES.art10.test(name));
}

function isSpecial(row: InventoryRow): boolean {
  return isUnder(row, 'art9') || isUnder(row, 'art10') || isUnder(row, 'art87');
}

export interface Pair {
  readonly entity: string;
  readonly service: string;
  readonly category: InventoryRow['category'];
  readonly findings: number;
  /** Names of the purposes that need it there. */
  readonly purposes: readonly string[];
}

/** Each entity in each service, and the purposes declared for it; most detections first. */
export function purposePairs({ audit, controller }: ReportFacts): Pair[] {
  const pairs = new Map<string, { row: InventoryRow; findings: number }>();
  for (const row of audit.inventory) {
    const key = JSON.stringify([row.entity, row.service]);
    const pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, { row, findings: row.findings });
    else pair.findings += row.findings;
  }
  return [...pairs.values()]
    .map(({ row: { entity, service, category }, findings }): Pair => {
      const purposes = (controller?.purposes ?? [])
        .filter(({ entities, categories }) => entities.includes(entity) || categories.includes(category))
        .filter(({ services }) => services.length === 0 || services.includes(service))
        .map(({ name }) => name);
      return { entity, service, category, findings, purposes };
    })
    .sort((a, b) => b.findings - a.findings);
}

export function unexplainedPairs(facts: ReportFacts): Pair[] {
  return purposePairs(facts).filter(({ purposes }) => purposes.length === 0);
}

/** Detections in entries older than the declared retention; undefined where none is declared. */
export function overRetention({
  audit,
  controller,
}: ReportFacts): { findings: number; dated: number } | undefined {
  const days = controller?.retention?.days;
  if (days === undefined) return undefined;
  const ended = Date.parse(audit.run.ended.slice(0, 10));
  let findings = 0;
  let dated = 0;
  for (const group of audit.aggregates.byDay) {
    dated += group.findings;
    if ((ended - Date.parse(group.day)) / 86_400_000 > days) findings += group.findings;
  }
  return { findings, dated };
}

/** The largest groups, those that are gathered under a common name left out. */
export function largest(groups: readonly Group[], most: number): Group[] {
  return groups
    .filter(({ name, findings }) => name !== OTHER && findings > 0)
    .toSorted((a, b) => b.findings - a.findings)
    .slice(0, most);
}

/** First and last day of the entries with detections. */
export function period(context: Context): string {
  const { byDay } = context.facts.audit.aggregates;
  const first = byDay[0]?.day;
  const last = byDay.at(-1)?.day;
  if (first === undefined || last === undefined) return context.t('label.unknown');
  return first === last ? context.day(first) : `${context.day(first)} – ${context.day(last)}`;
}

/**
 * Wilson's score interval of a share, 95 % (Wilson 1927, "Probable inference, the law of succession, and statistical
 * inference"): holds for small samples and shares near 1, where the normal one does not.
 */
export function wilson(confirmed: number, sampled: number): { readonly low: number; readonly high: number } {
  const z = 1.959964;
  const share = confirmed / sampled;
  const denominator = 1 + z ** 2 / sampled;
  const centre = (share + z ** 2 / (2 * sampled)) / denominator;
  const half = (z * Math.sqrt((share * (1 - share)) / sampled + z ** 2 / (4 * sampled ** 2))) / denominator;
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
