/**
 * RE2 reads UTF-8 and matches nothing at an invalid byte: `[^\s]+` would stop there and leave the rest of a password
 * raw. So patterns are shown a copy in which each invalid byte is one harmless, valid byte; offsets stay the same.
 */
import { isUtf8 } from 'node:buffer';

/** ASCII SUB, made for this: it is no letter, no digit, no space, no quote and no separator. */
export const SUBSTITUTE = 0x1a;

/** @returns the bytes themselves when they are valid UTF-8, else a copy with each invalid byte substituted */
export function toValidUtf8(bytes: Buffer): Buffer {
  if (isUtf8(bytes)) return bytes;
  const copy = Buffer.from(bytes);
  substituteInvalid(copy);
  return copy;
}

/** Overwrites each invalid byte. */
export function substituteInvalid(bytes: Buffer): void {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) bytes[at] = SUBSTITUTE;
    at += length === 0 ? 1 : length;
  }
}

/**
 * Length of the well-formed sequence at `at`, 0 when there is none (The Unicode Standard, table 3-7: overlong forms,
 * surrogates and code points above U+10FFFF are ill-formed).
 */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + length > bytes.length) return 0;
  const second = bytes[at + 1];
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) {
    if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  }
  return length;
}
