/** 4. Entity by category by service: detections, distinct values, confidence. */

import { heatMap } from '../charts/heatMap.ts';
import { stackedBars } from '../charts/stackedBars.ts';
import type { Context, Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';
import { largest, WORST_FIRST } from '../measures.ts';

const MOST_BARS = 12;
const MOST_SERVICES = 9;
const MOST_ROWS = 150;
const MOST_VALUES = 25;
/** Enough of a fingerprint to find it again in the result. */
const TOKEN_DIGITS = 12;

export function inventory(context: Context): Titled {
  const { audit } = context.facts;
  const blocks: Block[] = [{ kind: 'text', text: context.t('inventory.lead') }];
  if (audit.totals.findings === 0) {
    blocks.push({ kind: 'text', text: context.t('none') });
    return { id: 'inventory', blocks };
  }
  blocks.push(entityBars(context), serviceHeat(context), rowsTable(context), valuesTable(context));
  return { id: 'inventory', blocks };
}

function entityBars(context: Context): Block {
  const groups = largest(context.facts.audit.aggregates.byEntity, MOST_BARS);
  const caption = context.t('inventory.bars');
  const text = context.t('inventory.barsText', {
    items: groups.map(({ name, findings }) => `${name} ${context.number(findings)}`).join(', '),
  });
  const named = WORST_FIRST.map((severity) => ({ severity, label: context.severity(severity).text }));
  return {
    kind: 'chart',
    caption,
    summary: text,
    svg: stackedBars({
      ...{ id: 'entities', title: caption, description: text, isShare: false },
      bars: groups.map(({ name, findings, bySeverity }) => ({
        label: name,
        total: context.short(findings),
        parts: named.map(({ severity, label }) => ({
          label,
          value: bySeverity[severity],
          fill: `var(--${severity})`,
        })),
      })),
      legend: named.map(({ severity, label }) => ({ label, fill: `var(--${severity})` })),
      tip: (part, bar) => `${bar.label ?? ''}, ${part.label}: ${context.number(part.value)}`,
    }),
  };
}

function serviceHeat(context: Context): Block {
  const { audit } = context.facts;
  const rows = largest(audit.aggregates.byEntity, MOST_BARS).map(({ name }) => name);
  const services = largest(audit.aggregates.byService, MOST_SERVICES).map(({ name }) => name);
  const counts = new Map<string, number>();
  const keyOf = (entity: string, service: string): string => JSON.stringify([entity, service]);
  for (const { entity, service, findings } of audit.inventory) {
    const key = keyOf(entity, service);
    counts.set(key, (counts.get(key) ?? 0) + findings);
  }
  let most = { name: '–', count: 0 };
  for (const row of rows) {
    for (const service of services) {
      const count = counts.get(keyOf(row, service)) ?? 0;
      if (count > most.count) most = { name: `${row}, ${service}: ${context.number(count)}`, count };
    }
  }
  const caption = context.t('inventory.heat');
  const text = context.t('inventory.heatText', { most: most.name });
  return {
    kind: 'chart',
    caption,
    summary: text,
    svg: heatMap({
      ...{ id: 'heat', title: caption, description: text, rows, columns: services },
      valueAt: (row, service) => counts.get(keyOf(row, service)) ?? 0,
      format: (value) => context.short(value),
    }),
  };
}

function rowsTable(context: Context): Block {
  const { inventory: all, inventoryNotListed } = context.facts.audit;
  const { shown, hidden } = bounded(
    all.toSorted((a, b) => b.findings - a.findings),
    MOST_ROWS,
  );
  return {
    kind: 'table',
    caption: context.t('inventory.table'),
    columns: [
      { title: context.t('label.entity') },
      { title: context.t('label.rule') },
      { title: context.t('label.category') },
      { title: context.t('label.service') },
      { title: context.t('label.severity') },
      { title: context.t('label.detections'), isNumber: true },
      { title: context.t('label.distinct'), isNumber: true },
      { title: context.t('label.confidence'), isNumber: true },
    ],
    rows: shown.map((row): Cell[] => [
      row.entity,
      { text: row.rule, tone: 'muted' },
      context.category(row.category),
      row.service,
      context.severity(row.severity),
      context.number(row.findings),
      context.distinct(row.distinct),
      context.decimal(row.confidence.mean),
    ]),
    more: notListed(context, hidden, inventoryNotListed),
  };
}

function notListed(context: Context, rows: number, findings: number): string | undefined {
  const texts = [
    context.more(rows),
    findings > 0 ? context.t('inventory.notListed', { count: findings }) : undefined,
  ];
  const told = texts.filter((text) => text !== undefined);
  return told.length > 0 ? told.join(' ') : undefined;
}

function valuesTable(context: Context): Block {
  const { values, scope } = context.facts.audit;
  const { shown, hidden } = bounded(
    values.toSorted((a, b) => b.findings - a.findings),
    MOST_VALUES,
  );
  return {
    kind: 'table',
    caption: `${context.t('inventory.values')}. ${context.t('inventory.valuesNote', { most: scope.maxLocations })}`,
    columns: [
      { title: context.t('inventory.token') },
      { title: context.t('label.entity') },
      { title: context.t('label.severity') },
      { title: context.t('label.detections'), isNumber: true },
      { title: context.t('inventory.places') },
    ],
    rows: shown.map(({ fingerprint, entity, severity, findings, locations }): Cell[] => {
      const [first] = locations;
      const rest = findings > 1 ? ` ${context.t('inventory.morePlaces', { count: findings - 1 })}` : '';
      return [
        context.code(fingerprint.slice(0, TOKEN_DIGITS)),
        entity,
        context.severity(severity),
        context.number(findings),
        first === undefined ? context.unknown : context.code(`${first.path}:${first.line}${rest}`),
      ];
    }),
    more: context.more(hidden),
  };
}
