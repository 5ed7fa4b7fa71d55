/**
 * What \b at the edge of a pattern says of the byte outside: no word byte, or the text's edge. As the first or last set of
 * a needle these two objects (told apart by identity) stand for that byte, which is not part of the match and may be
 * missing at the edge of a text.
 */
import { isWordByte } from '../program/context.ts';
import type { ByteSet } from '../program/program.ts';
import { register } from './sets.ts';

export const BEFORE: ByteSet = register(
  Uint8Array.from({ length: 256 }, (_, byte) => (isWordByte(byte) ? 0 : 1)),
);
export const AFTER: ByteSet = register(Uint8Array.from(BEFORE));

export function isContext(set: ByteSet): boolean {
  return set === BEFORE || set === AFTER;
}
