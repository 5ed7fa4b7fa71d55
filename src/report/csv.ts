/** Tables of the report as CSV (RFC 4180), safe to open in a spreadsheet. */
import type { Context } from './context.ts';
import type { Cell } from './document.ts';
import { csvField } from './escape.ts';
import { recordRows } from './sections/records.ts';

export type CsvTable = 'art30' | 'inventory';

/** @returns text with a byte order mark, without which Excel does not read it as UTF-8 */
export function renderCsv(context: Context, table: CsvTable): string {
  const rows = table === 'art30' ? art30(context) : inventory(context);
  return `\ufeff${rows.map((row) => `${row.map(csvField).join(',')}\r\n`).join('')}`;
}

/** The annex of Art. 30(1): a row for each fact, so that a register can take them one by one. */
function art30(context: Context): (string | number)[][] {
  const head = [
    context.t('records.row'),
    context.t('label.category'),
    context.t('records.content'),
    context.t('label.state'),
  ];
  const rows = recordRows(context).flatMap(({ letter, title, content }) =>
    content.map((cell) => [`(${letter})`, title, textOf(cell), isMissing(cell) ? context.t('missing') : '']),
  );
  return [head, ...rows];
}

/** Field names are those of the audit's result: this table is for programs. */
function inventory({ facts }: Context): (string | number)[][] {
  const head = [
    ...[
      'rule',
      'entity',
      'category',
      'gdpr',
      'severity',
      'service',
      'findings',
      'distinct',
      'distinct_exact',
      'files',
    ],
    ...['confidence_min', 'confidence_mean', 'confidence_max', 'validated', 'first_day', 'last_day'],
  ];
  const rows = facts.audit.inventory.map((row) => [
    ...[row.rule, row.entity, row.category, row.gdpr.join(' '), row.severity, row.service, row.findings],
    ...[row.distinct.count, String(row.distinct.exact), row.files],
    ...[row.confidence.min, row.confidence.mean, row.confidence.max, row.validated],
    ...[row.firstDay ?? '', row.lastDay ?? ''],
  ]);
  return [head, ...rows];
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function isMissing(cell: Cell): boolean {
  return typeof cell !== 'string' && cell.tone === 'missing';
}
