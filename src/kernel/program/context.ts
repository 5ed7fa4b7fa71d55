/**
 * Which assertions hold between two bytes. Words are ASCII, as RE2's \b has them; the text's ends count as non-word.
 */
import { ASSERT } from '../syntax/ast.ts';

/** Stands for "no byte": before the first or after the last one. */
export const EDGE = -1;
const NEWLINE = 10;

export function isWordByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x41 && byte <= 0x5a) ||
    byte === 0x5f ||
    (byte >= 0x61 && byte <= 0x7a)
  );
}

/** @param before the byte before the place, or EDGE @param after the byte after it, or EDGE */
export function assertionsBetween(before: number, after: number): number {
  let holds = isWordByte(before) === isWordByte(after) ? ASSERT.noWordBoundary : ASSERT.wordBoundary;
  if (before === EDGE) holds |= ASSERT.beginText | ASSERT.beginLine;
  else if (before === NEWLINE) holds |= ASSERT.beginLine;
  if (after === EDGE) holds |= ASSERT.endText | ASSERT.endLine;
  else if (after === NEWLINE) holds |= ASSERT.endLine;
  return holds;
}
