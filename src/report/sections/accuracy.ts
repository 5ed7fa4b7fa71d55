/** 14. How sure the detections are. */
import { columns } from '../charts/columns.ts';
import type { Context, Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';
import { wilson } from '../measures.ts';

const MOST_ROWS = 30;

export function accuracy(context: Context): Titled {
  const { accuracy: measured, totals } = context.facts.audit;
  const blocks: Block[] = [];
  if (totals.findings > 0) {
    const values = { share: context.percent(measured.validatedShare), mean: context.decimal(measured.mean) };
    blocks.push({ kind: 'text', text: context.t('accuracy.lead', values) }, confidenceChart(context));
  }
  blocks.push({ kind: 'heading', text: context.t('accuracy.review') }, reviewBlock(context));
  if (measured.byEntity.length > 0) {
    const { shown, hidden } = bounded(measured.byEntity, MOST_ROWS);
    blocks.push({
      kind: 'table',
      caption: context.t('accuracy.table'),
      columns: [
        { title: context.t('label.entity') },
        { title: context.t('label.detections'), isNumber: true },
        { title: context.t('label.validated'), isNumber: true },
        { title: context.t('label.confidence'), isNumber: true },
      ],
      rows: shown.map(({ entity, findings, validated, mean }): Cell[] => [
        entity,
        context.number(findings),
        context.percent(findings === 0 ? 0 : validated / findings),
        context.decimal(mean),
      ]),
      more: context.more(hidden),
    });
  }
  blocks.push({ kind: 'note', tone: 'limit', text: context.t('accuracy.recall') });
  return { id: 'accuracy', blocks };
}

function confidenceChart(context: Context): Block {
  const caption = context.t('accuracy.chart');
  const bins = context.facts.audit.accuracy.confidence.map(({ from, to, findings }) => {
    const label = `${context.decimal(from)}–${context.decimal(to)}`;
    return { label, value: context.short(findings), parts: [{ label, value: findings, fill: 'var(--bar)' }] };
  });
  const text = context.t('accuracy.chartText', {
    items: bins.map(({ label, value }) => `${label}: ${value}`).join('; '),
  });
  return {
    kind: 'chart',
    caption,
    summary: text,
    svg: columns({
      id: 'confidence',
      title: caption,
      description: text,
      bins,
      format: (value) => context.short(value),
    }),
  };
}

function reviewBlock(context: Context): Block {
  const review = context.facts.controller?.review;
  if (review === undefined) return { kind: 'text', text: context.t('accuracy.noReview') };
  const { sampled, confirmed, date, by } = review;
  const { low, high } = wilson(confirmed, sampled);
  const values = {
    precision: context.percent(confirmed / sampled),
    low: context.percent(low),
    high: context.percent(high),
  };
  const reviewed = [date === undefined ? undefined : context.day(date), by].filter(
    (text) => text !== undefined,
  );
  return {
    kind: 'facts',
    rows: [
      [context.t('accuracy.precision'), context.t('accuracy.precisionValue', values)],
      [context.t('accuracy.sample'), context.t('accuracy.sampleValue', { confirmed, sampled })],
      [context.t('accuracy.by'), reviewed.length === 0 ? context.missing : reviewed.join(', ')],
    ],
  };
}
