/** 7. Art. 6, 9, 10, 87: the basis as entered, and data that need more. */
import type { InventoryRow } from '../../audit/result.ts';
import { type Context, sumOf, type Titled } from '../context.ts';
import type { Block, Cell } from '../document.ts';
import { isUnder } from '../measures.ts';

const ARTICLES = ['art9', 'art10', 'art87'] as const;
const MOST_PAIRS = 12;

export function basis(context: Context): Titled {
  const purposes = context.facts.controller?.purposes ?? [];
  const blocks: Block[] = [{ kind: 'text', text: context.t('basis.lead') }];
  if (purposes.length === 0) {
    blocks.push({ kind: 'facts', rows: [[context.t('basis.table'), context.missing]] });
  } else {
    blocks.push({
      kind: 'table',
      caption: context.t('basis.table'),
      columns: [
        { title: context.t('label.purpose') },
        { title: context.t('label.basis') },
        { title: '' },
      ].slice(0, 2),
      rows: purposes.map(({ name, legalBasis, note }): Cell[] => [
        name,
        legalBasis === undefined
          ? context.missing
          : note === undefined
            ? legalBasis
            : `${legalBasis}: ${note}`,
      ]),
    });
  }
  blocks.push({
    kind: 'table',
    caption: context.t('basis.special'),
    columns: [
      { title: context.t('label.article') },
      { title: context.t('label.detections'), isNumber: true },
      { title: context.t('basis.where') },
    ],
    rows: ARTICLES.map((article): Cell[] => {
      const rows = context.facts.audit.inventory.filter((row) => isUnder(row, article));
      const count = sumOf(rows.map(({ findings }) => findings));
      const name = `Art. ${article.slice(3)}: ${context.t(`basis.${article}`)}`;
      if (count === 0) return [name, '0', { text: context.t('basis.noneFound'), tone: 'muted' }];
      return [
        { text: name, tone: 'warning' },
        { text: context.number(count), tone: 'warning' },
        pairsText(context, rows),
      ];
    }),
  });
  blocks.push({ kind: 'note', tone: 'limit', text: context.t('basis.limit') });
  return { id: 'basis', blocks };
}

function pairsText(context: Context, rows: readonly InventoryRow[]): string {
  const sorted = rows.toSorted((a, b) => b.findings - a.findings);
  const texts = sorted
    .slice(0, MOST_PAIRS)
    .map(({ entity, service, findings }) => `${entity} (${service}): ${context.number(findings)}`);
  const hidden = sorted.length - texts.length;
  return `${texts.join('; ')}${hidden > 0 ? `; + ${hidden}` : ''}`;
}
