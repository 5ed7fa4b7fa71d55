/** 9. Art. 15 and 17: searches for single persons, and what was erased. */
import type { Context, Titled } from '../context.ts';
import { type Block, bounded, type Cell } from '../document.ts';

const TOKEN_DIGITS = 12;
const MOST_ROWS = 50;

export function subject(context: Context): Titled {
  const { subjects, scrubbed } = context.facts;
  const blocks: Block[] = [{ kind: 'text', text: context.t('subject.lead') }];
  if (subjects.length === 0) {
    blocks.push({ kind: 'text', text: context.t('subject.none') });
  } else {
    const { shown, hidden } = bounded(subjects, MOST_ROWS);
    blocks.push({
      kind: 'table',
      caption: context.t('subject.table'),
      columns: [
        { title: context.t('inventory.token') },
        { title: context.t('subject.asked') },
        { title: context.t('label.files'), isNumber: true },
        { title: context.t('label.lines'), isNumber: true },
        { title: context.t('label.detections'), isNumber: true },
        { title: context.t('label.action') },
      ],
      rows: shown.map(({ token, asked, totals, action, failures }): Cell[] => [
        context.code(token.slice(0, TOKEN_DIGITS)),
        context.instant(asked),
        context.number(totals.files),
        context.number(totals.lines),
        context.number(totals.findings),
        failures.length > 0
          ? { text: context.t('subject.incomplete'), tone: 'warning' }
          : context.t(`subject.action.${action}`),
      ]),
      more: context.more(hidden),
    });
  }
  if (scrubbed.length > 0) {
    const { shown, hidden } = bounded(scrubbed, MOST_ROWS);
    blocks.push({
      kind: 'table',
      caption: context.t('subject.scrubbed'),
      columns: [
        { title: context.t('label.path') },
        { title: context.t('label.day') },
        { title: context.t('subject.values'), isNumber: true },
        { title: context.t('subject.after') },
      ],
      rows: shown.map(({ path, time, valuesChanged, sha256After }): Cell[] => [
        context.code(path),
        context.instant(time),
        context.number(valuesChanged),
        context.code(sha256After.slice(0, 16)),
      ]),
      more: context.more(hidden),
    });
  }
  return { id: 'subject', blocks };
}
