/** 3. What was looked at, what was not, and why. */

import type { FileState } from '../../audit/result.ts';
import { FILE_STATES } from '../../audit/result.ts';
import { type Part, stackedBars } from '../charts/stackedBars.ts';
import type { Context, Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';

const FILLS: Readonly<Record<FileState, string>> = {
  examined: 'var(--bar)',
  partly: 'var(--medium)',
  unreadable: 'var(--critical)',
  binary: 'var(--high)',
  encoding: 'var(--low)',
  filtered: 'var(--bar-soft)',
  'passed-over': 'var(--line)',
};
/** States in which a file is a gap: it should have been looked at. */
const GAPS: ReadonlySet<FileState> = new Set(['partly', 'unreadable', 'binary', 'encoding']);
const MOST_FILES = 40;

export function coverage(context: Context): Titled {
  const { audit } = context.facts;
  const { files, bytes, reasons, entries } = audit.coverage;
  const blocks: Block[] = [
    {
      kind: 'text',
      text: context.t('coverage.lead', {
        examined: files.examined,
        found: files.found,
        read: context.size(bytes.read),
        size: context.size(bytes.found),
        searched: context.size(bytes.searched),
      }),
    },
    coverageBar(context),
    { kind: 'facts', rows: scopeRows(context) },
  ];
  if (reasons.length > 0) {
    blocks.push({
      kind: 'table',
      caption: context.t('coverage.reasons'),
      columns: [
        { title: context.t('label.state') },
        { title: context.t('label.reason') },
        { title: context.t('label.files'), isNumber: true },
        { title: context.t('label.bytes'), isNumber: true },
      ],
      rows: reasons.map((row): Cell[] => [
        stateCell(context, row.state),
        row.reason,
        context.number(row.files),
        context.size(row.bytes),
      ]),
    });
  }
  const gaps = entries.filter(({ state }) => GAPS.has(state));
  const { shown, hidden } = bounded(gaps, MOST_FILES);
  if (gaps.length > 0) {
    blocks.push({
      kind: 'table',
      caption: context.t('coverage.gaps'),
      columns: [
        { title: context.t('label.path') },
        { title: context.t('label.state') },
        { title: context.t('label.reason') },
        { title: context.t('label.bytes'), isNumber: true },
      ],
      rows: shown.map((entry): Cell[] => [
        context.code(entry.path),
        stateCell(context, entry.state),
        entry.reason ?? '',
        context.size(entry.size),
      ]),
      more: context.more(hidden),
    });
  } else if (audit.coverage.complete) {
    blocks.push({ kind: 'text', text: context.t('coverage.noGaps') });
  }
  if (audit.failures.length > 0) {
    const { shown: told, hidden: untold } = bounded(audit.failures, MOST_FILES);
    blocks.push({ kind: 'heading', text: context.t('coverage.failures') }, { kind: 'list', items: told });
    const more = context.more(untold + audit.failuresNotListed);
    if (more !== undefined) blocks.push({ kind: 'text', text: more });
  }
  return { id: 'coverage', blocks };
}

function stateCell(context: Context, state: FileState): Cell {
  const text = context.t(`coverage.state.${state}`);
  return GAPS.has(state) ? { text, tone: 'warning' } : text;
}

function coverageBar(context: Context): Block {
  const { files, bytes } = context.facts.audit.coverage;
  const fileParts = FILE_STATES.map(
    (state): Part => ({
      label: context.t(`coverage.state.${state}`),
      value: files[state],
      fill: FILLS[state],
    }),
  ).filter(({ value }) => value > 0);
  const byteParts: Part[] = [
    { label: context.t('coverage.barRead'), value: bytes.read, fill: FILLS.examined },
    { label: context.t('coverage.barGap'), value: bytes.gap, fill: FILLS.unreadable },
    { label: context.t('coverage.barFiltered'), value: bytes.filtered, fill: FILLS.filtered },
  ];
  const text = context.t('coverage.barText', {
    files: fileParts.map(({ label, value }) => `${label} ${context.number(value)}`).join(', '),
    bytes: byteParts.map(({ label, value }) => `${label} ${context.size(value)}`).join(', '),
  });
  const caption = context.t('coverage.bar');
  const filesLabel = context.t('coverage.barFiles');
  return {
    kind: 'chart',
    caption,
    summary: text,
    svg: stackedBars({
      ...{ id: 'coverage-bar', title: caption, description: text, isShare: true },
      bars: [
        { label: filesLabel, parts: fileParts, total: context.short(files.found) },
        { label: context.t('coverage.barBytes'), parts: byteParts, total: context.size(bytes.found) },
      ],
      legend: [...fileParts, ...(bytes.gap > 0 ? [byteParts[1] as Part] : [])].map(({ label, fill }) => ({
        label,
        fill,
      })),
      tip: (part, bar) =>
        `${part.label}: ${bar.label === filesLabel ? context.number(part.value) : context.size(part.value)}`,
    }),
  };
}

function scopeRows(context: Context): [string, Cell | readonly Cell[]][] {
  const { scope, coverage: covered, anomalies, totals } = context.facts.audit;
  const codes = (texts: readonly string[]): Cell[] => texts.map((text) => context.code(text));
  const rows: [string, Cell | readonly Cell[]][] = [[context.t('coverage.paths'), codes(scope.paths)]];
  if (scope.include.length > 0) rows.push([context.t('coverage.include'), codes(scope.include)]);
  if (scope.exclude.length > 0) rows.push([context.t('coverage.exclude'), codes(scope.exclude)]);
  if (scope.since !== undefined || scope.until !== undefined) {
    const text = context.t('coverage.timeValue', {
      since: scope.since === undefined ? '…' : context.instant(scope.since),
      until: scope.until === undefined ? '…' : context.instant(scope.until),
      by: context.t(scope.timeBy === 'file' ? 'coverage.byFile' : 'coverage.byLine'),
    });
    rows.push([context.t('coverage.time'), text]);
  }
  if (scope.minSize !== undefined || scope.maxSize !== undefined) {
    const from = scope.minSize === undefined ? '…' : context.size(scope.minSize);
    const to = scope.maxSize === undefined ? '…' : context.size(scope.maxSize);
    rows.push([context.t('coverage.sizes'), `${from} – ${to}`]);
  }
  const sampled = covered.sampledShare < 1;
  rows.push([
    context.t('coverage.sample'),
    sampled
      ? {
          text: context.t('coverage.sampled', { share: context.percent(covered.sampledShare) }),
          tone: 'warning',
        }
      : context.t('coverage.all'),
  ]);
  const { examined, found } = covered.members;
  if (found > 0)
    rows.push([context.t('coverage.members'), context.t('coverage.membersText', { examined, found })]);
  rows.push([context.t('label.lines'), context.number(covered.lines)]);
  const counted = [
    ['coverage.withheld', anomalies.linesWithheld, true],
    ['coverage.long', anomalies.longLines, false],
    ['coverage.suppressed', totals.suppressed, false],
    ['coverage.baseline', totals.baseline, false],
    ['coverage.outside', totals.outsideTime, false],
  ] as const;
  for (const [key, count, isGap] of counted) {
    if (count === 0 && !isGap) continue;
    const text = context.number(count);
    rows.push([context.t(key), isGap && count > 0 ? { text, tone: 'warning' } : text]);
  }
  return rows;
}
