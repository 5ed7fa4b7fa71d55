/**
 * JSON in a quoted field of CSV, where each quote is written twice (RFC 4180, section 2, rule 7):
 * `1,"{""name"":""Ana""}",2`.
 */
import { composeWith, type DecodedString } from '../json/decode.ts';

const QUOTE = 0x22;
const OBJECT_START = Buffer.from('{""');

/** Pattern of lines that may hold such a field, for an engine that looks at many lines at once. */
export const CSV_JSON_SIGN = '[{]""';

/** An object in a field, half-open: up to the quote that ends the field, or the end of the text. */
export interface CsvField {
  readonly start: number;
  readonly end: number;
}

/** The first object at `from` or behind. Called with the end of the last one, all calls together take linear time. */
export function nextCsvJson(source: Buffer, from: number): CsvField | undefined {
  const start = source.indexOf(OBJECT_START, from);
  if (start === -1) return undefined;
  let end = source.indexOf(QUOTE, start);
  while (end !== -1 && source[end + 1] === QUOTE) end = source.indexOf(QUOTE, end + 2);
  return { start, end: end === -1 ? source.length : end };
}

/**
 * Undoes the doubled quotes of a field; see `decodeString` for what the maps mean.
 * @param out overwritten; must not be `parent`
 * @param parent given when `source` is decoded itself: the maps then lead to where its maps lead
 */
export function decodeCsvJson(
  source: Uint8Array,
  { start, end }: CsvField,
  out: DecodedString,
  parent: DecodedString | null,
): void {
  out.reserve(end - start);
  const { bytes, rawStart, rawEnd } = out;
  let length = 0;
  for (let at = start; at < end; ) {
    const unit = source[at] === QUOTE ? 2 : 1;
    bytes[length] = source[at] as number;
    rawStart[length] = at;
    at += unit;
    rawEnd[length++] = at;
  }
  out.length = length;
  if (parent !== null) composeWith(out, parent);
}
