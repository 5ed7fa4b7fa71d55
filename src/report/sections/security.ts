/** 8. Art. 5(1)(f), 25, 32: credentials in clear, and how redaction works where it runs. */
import type { Summary } from '../../findings/summary.ts';
import { type Context, sumOf, type Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';
import { liveChecks } from './liveChecks.ts';

const MOST_ROWS = 60;

export function security(context: Context): Titled {
  const { audit, summaries, controller } = context.facts;
  const blocks: Block[] = [{ kind: 'text', text: context.t('security.lead') }, ...credentials(context)];
  blocks.push(...liveChecks(context));
  blocks.push({ kind: 'heading', text: context.t('security.redaction') });
  if (summaries.length === 0) blocks.push({ kind: 'text', text: context.t('security.noRedaction') });
  else blocks.push({ kind: 'facts', rows: redactionRows(context, summaries) });
  const keys = [
    ...new Set([audit.key, ...summaries.map(({ key }) => key)].map(({ id, source }) => `${id} (${source})`)),
  ];
  const rotated = controller?.keyRotated;
  blocks.push({
    kind: 'facts',
    rows: [
      [context.t('security.keys'), keys.map((key) => context.code(key))],
      [context.t('security.rotated'), rotated === undefined ? context.missing : context.day(rotated)],
      [context.t('security.measures'), context.toldList(controller?.measures)],
    ],
  });
  return { id: 'security', blocks };
}

function credentials(context: Context): Block[] {
  const secrets = context.facts.audit.inventory.filter(({ category }) => category === 'secret');
  if (secrets.length === 0) return [{ kind: 'text', text: context.t('security.noSecrets') }];
  const order = ['critical', 'high', 'medium', 'low'];
  const sorted = secrets.toSorted(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity) || b.findings - a.findings,
  );
  const { shown, hidden } = bounded(sorted, MOST_ROWS);
  return [
    { kind: 'note', tone: 'warning', text: context.t('security.secretsNote') },
    {
      kind: 'table',
      caption: context.t('security.secrets'),
      columns: [
        { title: context.t('label.entity') },
        { title: context.t('label.service') },
        { title: context.t('label.severity') },
        { title: context.t('label.distinct'), isNumber: true },
        { title: context.t('label.detections'), isNumber: true },
        { title: context.t('label.last') },
      ],
      rows: shown.map((row): Cell[] => [
        row.entity,
        row.service,
        context.severity(row.severity),
        context.distinct(row.distinct),
        context.number(row.findings),
        row.lastDay === undefined ? context.unknown : context.day(row.lastDay),
      ]),
      more: context.more(hidden),
    },
  ];
}

function redactionRows(context: Context, summaries: readonly Summary[]): [string, Cell][] {
  const all = sumOf(summaries.map(({ findings }) => findings));
  const kept = sumOf(summaries.map(({ byAction }) => byAction.keep ?? 0));
  const total = (name: keyof Summary['anomalies']): number =>
    sumOf(summaries.map(({ anomalies }) => anomalies[name]));
  const share = all === 0 ? '–' : context.percent((all - kept) / all);
  const counts = [
    ['security.withheld', 'linesWithheld', false],
    ['security.passed', 'linesPassedOnError', true],
    ['security.dropped', 'linesDropped', false],
    ['security.inKeys', 'matchesInKeys', true],
    ['security.lost', 'findingsLost', true],
    ['security.unended', 'blocksWithoutEnd', false],
  ] as const;
  return [
    [context.t('security.rate'), context.t('security.rateValue', { share, changed: all - kept, all })],
    ...counts.map(([key, name, isBad]): [string, Cell] => {
      const text = context.number(total(name));
      return [context.t(key), isBad && total(name) > 0 ? { text, tone: 'warning' } : text];
    }),
  ];
}
