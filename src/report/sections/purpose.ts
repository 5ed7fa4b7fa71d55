/** 5. Art. 5(1)(b) and (c): what was found against the purposes declared. */
import type { Context, Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';
import { purposePairs } from '../measures.ts';

const MOST_ROWS = 80;

export function purpose(context: Context): Titled {
  const purposes = context.facts.controller?.purposes ?? [];
  const pairs = purposePairs(context.facts);
  const unexplained = pairs.filter((pair) => pair.purposes.length === 0).length;
  const blocks: Block[] = [{ kind: 'text', text: context.t('purpose.lead') }];
  if (purposes.length === 0) {
    blocks.push({ kind: 'note', tone: 'warning', text: context.t('purpose.noPurposes') });
  } else {
    blocks.push({
      kind: 'table',
      caption: context.t('purpose.declared'),
      columns: [
        { title: context.t('label.purpose') },
        { title: context.t('purpose.needs') },
        { title: context.t('purpose.where') },
      ],
      rows: purposes.map(({ name, entities, categories, services }): Cell[] => {
        const needs = [...entities, ...categories.map((category) => context.category(category))];
        const where = services.length === 0 ? context.t('purpose.everywhere') : services.join(', ');
        return [name, needs.length === 0 ? context.missing : needs.join(', '), where];
      }),
    });
  }
  if (pairs.length === 0) return { id: 'purpose', blocks };
  // The unexplained first: they are what there is to do.
  const ordered = [...pairs].sort((a, b) => Number(a.purposes.length > 0) - Number(b.purposes.length > 0));
  const { shown, hidden } = bounded(ordered, MOST_ROWS);
  const note = context.t('purpose.unexplainedNote', { count: unexplained, all: pairs.length });
  blocks.push({ kind: 'note', tone: unexplained > 0 ? 'warning' : 'limit', text: note });
  blocks.push({
    kind: 'table',
    caption: context.t('purpose.table'),
    columns: [
      { title: context.t('label.entity') },
      { title: context.t('label.category') },
      { title: context.t('label.service') },
      { title: context.t('label.detections'), isNumber: true },
      { title: context.t('label.purpose') },
    ],
    rows: shown.map((pair): Cell[] => [
      pair.entity,
      context.category(pair.category),
      pair.service,
      context.number(pair.findings),
      pair.purposes.length === 0
        ? { text: context.t('purpose.unexplained'), tone: 'warning' }
        : pair.purposes.join(', '),
    ]),
    more: context.more(hidden),
  });
  return { id: 'purpose', blocks };
}
