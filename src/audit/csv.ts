/**
 * Findings as CSV (RFC 4180), one row each. A cell that a spreadsheet would take for a formula begins with an apostrophe
 * (OWASP, "CSV Injection"): paths come from outside.
 */
import type { Finding } from '../findings/finding.ts';
import { printable } from './printable.ts';

export const CSV_HEADER =
  'rule,entity,category,gdpr,severity,confidence,source,line,column,offset,length,day,service,fingerprint,keyId,suppressed\r\n';

/** @returns the row up to its line number, and what follows */
export function csvRow(
  finding: Finding & { readonly suppressed?: string },
  day: string,
  service: string,
): [head: string, tail: string] {
  const { rule, entity, category, gdpr, severity, confidence, source } = finding;
  const { column, offset, length, fingerprint, keyId, suppressed = '' } = finding;
  const head = [rule, entity, category, gdpr.join(' '), severity, confidence, source];
  const tail = [column, offset, length, day, service, fingerprint, keyId, suppressed];
  return [`${head.map(cell).join(',')},`, `,${tail.map(cell).join(',')}\r\n`];
}

const FORMULA_START = /^[=+\-@\uff1d\uff0b\uff0d\uff20]/;

function cell(content: string | number): string {
  if (typeof content === 'number') return String(content);
  const shown = printable(content);
  const safe = FORMULA_START.test(shown) ? `'${shown}` : shown;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
