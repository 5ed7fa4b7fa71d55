/** 2. What was found, how bad, how widespread, and where it comes from. */
import { stackedBars } from '../charts/stackedBars.ts';
import { trendLine } from '../charts/trendLine.ts';
import type { Context, Titled } from '../context.ts';
import type { Block, Cell } from '../document.ts';
import {
  filesWithDetections,
  overRetention,
  servicesWithDetections,
  specialRows,
  unexplainedPairs,
  WORST_FIRST,
} from '../measures.ts';
import { timeline } from './timeline.ts';

const TOP = 8;

export function summary(context: Context): Titled {
  const { audit } = context.facts;
  const { totals, coverage, aggregates } = audit;
  const severe = totals.bySeverity.critical + totals.bySeverity.high;
  const services = servicesWithDetections(audit);
  const files = filesWithDetections(audit);
  const blocks: Block[] = [];
  if (totals.findings === 0) {
    blocks.push({ kind: 'text', text: context.t('summary.clean') });
  } else {
    const distinct = context.distinct(totals.distinct);
    const values = { findings: totals.findings, distinct, files, services, severe };
    blocks.push({ kind: 'text', text: context.t('summary.lead', values) });
  }
  const gaps =
    coverage.files.partly + coverage.files.unreadable + coverage.files.binary + coverage.files.encoding;
  if (!coverage.complete)
    blocks.push({ kind: 'note', tone: 'warning', text: context.t('summary.gap', { files: gaps }) });
  blocks.push({
    kind: 'note',
    tone: 'limit',
    text: `${context.t('cover.absence')} ${context.t('cover.subjects')}`,
  });
  const { found, filtered, read } = coverage.bytes;
  const { count, exact, error } = totals.distinct;
  const distinctLabel = context.t('label.distinct');
  blocks.push({
    kind: 'figures',
    items: [
      { value: context.number(totals.findings), label: context.t('label.detections') },
      {
        value: `${exact ? '' : '≈ '}${context.number(count)}`,
        label: exact ? distinctLabel : `${distinctLabel} (± ${context.percent(error)})`,
      },
      { value: context.number(totals.bySeverity.critical), label: context.t('severity.critical') },
      { value: context.number(services), label: context.t('summary.services') },
      { value: context.number(files), label: context.t('summary.files') },
      {
        value: context.percent(found > filtered ? Math.min(1, read / (found - filtered)) : 1),
        label: context.t('summary.coverage'),
      },
    ],
  });
  if (totals.findings > 0) {
    blocks.push(severityBar(context), ...timeline(context));
    blocks.push(topTable());
  }
  blocks.push(...trend(context), ...standingOut(context));
  return { id: 'summary', blocks };

  function topTable(): Block {
    const top = [...aggregates.byEntity].sort((a, b) => b.findings - a.findings).slice(0, TOP);
    return {
      kind: 'table',
      caption: context.t('summary.top'),
      columns: [
        { title: context.t('label.entity') },
        { title: context.t('label.detections'), isNumber: true },
        { title: context.t('label.share'), isNumber: true },
        { title: context.t('label.distinct'), isNumber: true },
        { title: context.t('label.files'), isNumber: true },
      ],
      rows: top.map((group): Cell[] => [
        group.name,
        context.number(group.findings),
        context.percent(group.findings / totals.findings),
        context.distinct(group.distinct),
        context.number(group.files),
      ]),
      more: context.more(aggregates.byEntity.length - top.length),
    };
  }
}

function severityBar(context: Context): Block {
  const { bySeverity, findings } = context.facts.audit.totals;
  const caption = context.t('summary.bySeverity');
  const text = context.t('summary.severityText', bySeverity);
  const parts = WORST_FIRST.map((severity) => ({
    label: context.severity(severity).text,
    value: bySeverity[severity],
    fill: `var(--${severity})`,
  }));
  return {
    kind: 'chart',
    caption,
    summary: text,
    svg: stackedBars({
      ...{ id: 'severity', title: caption, description: text, isShare: true, bars: [{ parts }] },
      legend: parts.map(({ label, value, fill }) => ({ label: `${label}: ${context.number(value)}`, fill })),
      tip: (part) =>
        `${part.label}: ${context.number(part.value)} (${context.percent(part.value / findings)})`,
    }),
  };
}

function trend(context: Context): Block[] {
  const { audit, earlier } = context.facts;
  if (earlier.length === 0) return [];
  const audits = [...earlier, audit];
  const points = audits.map(({ run, totals }) => ({
    label: context.day(run.ended.slice(0, 10)),
    value: totals.findings,
  }));
  const caption = context.t('summary.trend');
  const text = context.t('summary.trendText', {
    points: points.map(({ label, value }) => `${label}: ${context.number(value)}`).join('; '),
  });
  const options = {
    id: 'trend',
    title: caption,
    description: text,
    points,
    format: (value: number) => context.short(value),
  };
  const blocks: Block[] = [{ kind: 'chart', caption, summary: text, svg: trendLine(options) }];
  const scope = JSON.stringify([audit.rules.digest, audit.config.digest, audit.scope.paths]);
  if (
    earlier.some(
      ({ rules, config, scope: { paths } }) => JSON.stringify([rules.digest, config.digest, paths]) !== scope,
    )
  ) {
    blocks.push({ kind: 'note', tone: 'warning', text: context.t('summary.trendLimit') });
  }
  return blocks;
}

function standingOut(context: Context): Block[] {
  const { audit, controller } = context.facts;
  const secrets = audit.aggregates.byCategory.find(({ name }) => name === 'secret')?.findings ?? 0;
  const special = specialRows(audit).reduce((sum, { findings }) => sum + findings, 0);
  const over = overRetention(context.facts)?.findings ?? 0;
  const unexplained = unexplainedPairs(context.facts).length;
  const items: Cell[] = [];
  if (secrets > 0)
    items.push({ text: context.t('summary.standSecret', { count: secrets }), tone: 'warning' });
  if (special > 0)
    items.push({ text: context.t('summary.standSpecial', { count: special }), tone: 'warning' });
  if (over > 0) items.push(context.t('summary.standOld', { count: over }));
  if (unexplained > 0) items.push(context.t('summary.standUnexplained', { count: unexplained }));
  if (
    controller?.name === undefined ||
    controller.purposes.length === 0 ||
    controller.retention === undefined
  ) {
    items.push(context.t('summary.standMissing'));
  }
  if (items.length === 0) return [];
  return [
    { kind: 'heading', text: context.t('summary.standOut') },
    { kind: 'list', items },
  ];
}
