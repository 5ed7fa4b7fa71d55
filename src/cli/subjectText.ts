/** Where one person's values were found, for people. */
import type { SubjectResult } from '../subject/result.ts';
import type { Paint } from '../telemetry/colour.ts';

const TOKEN_DIGITS = 12;

/** @returns whole lines */
export function subjectText(result: SubjectResult, paint: Paint): string {
  const { token, totals, matches, searched, tried, failures } = result;
  const incomplete = searched.filter(({ complete }) => !complete);
  const found =
    totals.findings === 0
      ? 'nothing found'
      : `${totals.findings} findings in ${totals.lines} lines of ${totals.files} files`;
  const rows = [
    `${paint('bold', found)}  ${paint('dim', `token ${token.slice(0, TOKEN_DIGITS)}, key ${result.keyId}`)}`,
  ];
  for (const { entity, rules, findings, places, placesNotListed } of matches) {
    rows.push(`  ${entity} ${paint('dim', `(${rules.join(', ')})`)}: ${findings}`);
    for (const { path, line, column } of places) rows.push(`    ${printable(path)}:${line}:${column}`);
    if (placesNotListed > 0) rows.push(paint('dim', `    and ${placesNotListed} more places`));
  }
  rows.push(
    paint(
      'dim',
      `searched: ${searched.map(({ path }) => printable(path)).join(', ')}; ${tried} fingerprints tried`,
    ),
  );
  if (incomplete.length > 0) {
    const names = incomplete.map(({ path }) => printable(path)).join(', ');
    rows.push(paint('yellow', `not all was searched or listed in ${names}: what is not found may be there`));
  }
  if (totals.findings === 0 && failures.length === 0 && incomplete.length === 0) {
    rows.push('No finding does not mean no personal data: only these spellings were searched.');
  }
  return `${rows.join('\n')}\n`;
}

/** A file's name may hold what a terminal would obey. */
function printable(name: string): string {
  return name.replace(/\p{C}/gu, '?');
}
