/** When the entries with detections were written. */
import type { AuditResult, DayGroup } from '../../audit/result.ts';
import { columns } from '../charts/columns.ts';
import type { Context } from '../context.ts';
import type { Block } from '../document.ts';
import { WORST_FIRST } from '../measures.ts';

/** More bars than this are no longer bars. */
const MOST_BINS = 62;

type Severities = AuditResult['totals']['bySeverity'];

export function timeline(context: Context): Block[] {
  const { byDay, dated } = context.facts.audit.aggregates;
  if (byDay.length === 0) return [];
  const bins = binned(byDay);
  const peak = bins.reduce((most, bin) => (total(bin) > total(most) ? bin : most));
  const caption = context.t('summary.timeline');
  const text = context.t('summary.timelineText', {
    first: context.day((byDay[0] as DayGroup).day),
    last: context.day((byDay.at(-1) as DayGroup).day),
    count: total(peak),
    peak: peak.name,
    undated: dated.none,
  });
  const severities = WORST_FIRST.map((severity) => ({ severity, label: context.severity(severity).text }));
  return [
    {
      kind: 'chart',
      caption,
      summary: text,
      svg: columns({
        ...{
          id: 'timeline',
          title: caption,
          description: text,
          format: (value: number) => context.short(value),
        },
        legend: severities.map(({ severity, label }) => ({ label, fill: `var(--${severity})` })),
        bins: bins.map((bin) => ({
          label: bin.name,
          parts: severities.map(({ severity, label }) => ({
            label,
            value: bin.bySeverity[severity],
            fill: `var(--${severity})`,
          })),
        })),
      }),
    },
  ];
}

interface TimeBin {
  readonly name: string;
  readonly bySeverity: Severities;
}

/** By day, by month or by year: the finest that fits. Spans without detections are bars of no height. */
function binned(days: readonly DayGroup[]): TimeBin[] {
  for (const digits of [10, 7]) {
    const names = spanOf(days[0]?.day ?? '', days.at(-1)?.day ?? '', digits);
    if (names.length <= MOST_BINS) return fill(days, names, digits);
  }
  const [from, to] = [days[0], days.at(-1)].map((group) => Number(group?.day.slice(0, 4)));
  // A wrong clock may write year 1; more years than bars are cut to those with detections.
  const years = Array.from({ length: Math.max(0, to - from) + 1 }, (_, index) =>
    String(from + index).padStart(4, '0'),
  );
  const names = years.length <= MOST_BINS ? years : [...new Set(days.map(({ day }) => day.slice(0, 4)))];
  return fill(days, names, 4);
}

function fill(days: readonly DayGroup[], names: readonly string[], digits: number): TimeBin[] {
  const bins = new Map(names.map((name) => [name, { critical: 0, high: 0, medium: 0, low: 0 }]));
  for (const { day, bySeverity } of days) {
    const bin = bins.get(day.slice(0, digits));
    if (bin === undefined) continue;
    for (const severity of WORST_FIRST) bin[severity] += bySeverity[severity];
  }
  return [...bins].map(([name, bySeverity]) => ({ name, bySeverity }));
}

/** The names of all days or months from the first to the last; stops where there are too many. */
function spanOf(first: string, last: string, digits: number): string[] {
  const names = new Set<string>();
  const at = new Date(`${first}T00:00:00Z`);
  for (
    ;
    at.toISOString().slice(0, 10) <= last && names.size <= MOST_BINS;
    at.setUTCDate(at.getUTCDate() + 1)
  ) {
    names.add(at.toISOString().slice(0, digits));
  }
  return [...names];
}

function total({ bySeverity }: TimeBin): number {
  return WORST_FIRST.reduce((sum, severity) => sum + bySeverity[severity], 0);
}
