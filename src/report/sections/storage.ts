/** 6. Art. 5(1)(e): the age of what was found against the declared retention. */
import { columns } from '../charts/columns.ts';
import type { Context, Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';
import { overRetention } from '../measures.ts';

/** Days: months as people speak of them, and the steps of CNIL deliberation 2021-122 (6 months, 1 year, 3 years). */
const EDGES = [30, 90, 183, 365, 730, 1095];
/** Edges closer than this share of the retention would make a bin of a few days. */
const CLOSE_SHARE = 0.2;
const MOST_ROWS = 25;

export function storage(context: Context): Titled {
  const { audit, controller } = context.facts;
  const retention = controller?.retention;
  const { dated } = audit.aggregates;
  const blocks: Block[] = [
    {
      kind: 'facts',
      rows: [
        [
          context.t('storage.declared'),
          retention === undefined ? context.missing : context.t('storage.days', { days: retention.days }),
        ],
        [context.t('storage.justification'), context.told(retention?.justification)],
      ],
    },
  ];
  if (audit.aggregates.byDay.length > 0) blocks.push(ageChart(context));
  blocks.push({ kind: 'text', text: context.t('storage.dates', dated) });
  const over = overRetention(context.facts);
  if (over !== undefined && retention !== undefined && over.dated > 0) {
    const values = {
      count: over.findings,
      share: context.percent(over.findings / over.dated),
      days: retention.days,
    };
    blocks.push({
      kind: 'note',
      tone: over.findings > 0 ? 'warning' : 'limit',
      text: context.t('storage.overNote', values),
    });
  }
  blocks.push(...oldServices(context), ...oldFiles(context));
  blocks.push({ kind: 'note', tone: 'limit', text: context.t('storage.reference') });
  return { id: 'storage', blocks };
}

function ageChart(context: Context): Block {
  const { audit, controller } = context.facts;
  const { byDay, dated } = audit.aggregates;
  const days = controller?.retention?.days;
  const edges = edgesWith(days);
  // A bin ends with its edge; the last has none.
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const { day, findings } of byDay) {
    const age = context.ageOf(day);
    const index = edges.findIndex((edge) => age <= edge);
    const bin = index === -1 ? edges.length : index;
    counts[bin] = (counts[bin] ?? 0) + findings;
  }
  const within = context.t('storage.within');
  const old = context.t('storage.over');
  const plain = context.t('storage.noRetention');
  const bins = counts.map((count, index) => {
    const from = index === 0 ? 0 : (edges[index - 1] ?? 0) + 1;
    const to = edges[index];
    const isOver = days !== undefined && from > days;
    const [label, fill] = isOver ? [old, 'var(--high)'] : [days === undefined ? plain : within, 'var(--bar)'];
    return {
      label:
        to === undefined
          ? context.t('storage.binOpen', { from: from - 1 })
          : context.t('storage.bin', { from, to }),
      value: context.short(count),
      parts: [{ label, value: count, fill }],
    };
  });
  const caption = context.t('storage.chart');
  const text = context.t('storage.chartText', {
    items: bins.map(({ label, value }) => `${label}: ${value}`).join('; '),
    undated: dated.none,
  });
  const legend =
    days === undefined
      ? []
      : [
          { label: within, fill: 'var(--bar)' },
          { label: old, fill: 'var(--high)' },
        ];
  return {
    kind: 'chart',
    caption,
    summary: text,
    svg: columns({
      ...{
        id: 'ages',
        title: caption,
        description: text,
        bins,
        legend,
        format: (value: number) => context.short(value),
      },
      ...(days !== undefined && {
        mark: { before: edges.indexOf(days) + 1, label: context.t('storage.mark', { days }) },
      }),
    }),
  };
}

/** The retention is an edge; a usual one that lies close to it gives way. */
function edgesWith(days: number | undefined): number[] {
  if (days === undefined) return EDGES;
  const apart = EDGES.filter((edge) => Math.abs(edge - days) > CLOSE_SHARE * days);
  return [...apart, days].sort((a, b) => a - b);
}

function oldServices(context: Context): Block[] {
  const { audit, controller } = context.facts;
  const retention = controller?.retention;
  if (retention === undefined) return [];
  const oldest = new Map<string, { day: string; findings: number }>();
  for (const { service, firstDay, findings } of audit.inventory) {
    if (firstDay === undefined) continue;
    const known = oldest.get(service);
    oldest.set(service, {
      day: known === undefined || firstDay < known.day ? firstDay : known.day,
      findings: (known?.findings ?? 0) + findings,
    });
  }
  const daysOf = (service: string): number => retention.services[service] ?? retention.days;
  const old = [...oldest].filter(([service, { day }]) => context.ageOf(day) > daysOf(service));
  if (old.length === 0) return [];
  const { shown, hidden } = bounded(
    old.sort(([, a], [, b]) => (a.day < b.day ? -1 : 1)),
    MOST_ROWS,
  );
  return [
    {
      kind: 'table',
      caption: context.t('storage.services'),
      columns: [
        { title: context.t('label.service') },
        { title: context.t('storage.oldest') },
        { title: context.t('label.age'), isNumber: true },
        { title: context.t('storage.retention'), isNumber: true },
        { title: context.t('label.detections'), isNumber: true },
      ],
      rows: shown.map(([service, { day, findings }]): Cell[] => [
        service,
        context.day(day),
        context.number(context.ageOf(day)),
        context.number(daysOf(service)),
        context.number(findings),
      ]),
      more: context.more(hidden),
    },
  ];
}

function oldFiles(context: Context): Block[] {
  const { audit, controller } = context.facts;
  const retention = controller?.retention;
  if (retention === undefined) return [];
  const old = audit.coverage.entries
    .filter(({ ageDays, service }) => (ageDays ?? 0) > (retention.services[service] ?? retention.days))
    .sort((a, b) => (b.ageDays ?? 0) - (a.ageDays ?? 0));
  if (old.length === 0) return [];
  const { shown, hidden } = bounded(old, MOST_ROWS);
  return [
    {
      kind: 'table',
      caption: context.t('storage.files'),
      columns: [
        { title: context.t('label.path') },
        { title: context.t('label.age'), isNumber: true },
        { title: context.t('label.bytes'), isNumber: true },
        { title: context.t('label.detections'), isNumber: true },
      ],
      rows: shown.map(({ path, ageDays = 0, size, findings }): Cell[] => [
        context.code(path),
        context.number(ageDays),
        context.size(size),
        context.number(findings),
      ]),
      more: context.more(hidden),
    },
  ];
}
