/**
 * Code point ranges as sequences of byte ranges of their UTF-8 encodings (Ken Thompson's method, as in RE2): split at
 * the encoding lengths, then where the leading bytes differ. Like RE2, 0x80..0x10FFFF as a whole is written with the
 * loose ranges C2-DF, E0-EF, F0-F4, which also take overlong forms; on valid text there is no difference.
 */
import type { Ranges } from '../syntax/ranges.ts';

/** One to four byte ranges, flat: [lo, hi, lo, hi, ...]. */
export type ByteSequence = readonly number[];

const LENGTH_LIMITS = [0x7f, 0x7ff, 0xffff] as const;

/** Byte sequences that together encode exactly the set, disjoint, in ascending order. */
export function utf8Sequences(set: Ranges): ByteSequence[] {
  const out: ByteSequence[] = [];
  for (let i = 0; i < set.length; i += 2) addRange(out, set[i] as number, set[i + 1] as number);
  return out;
}

function addRange(out: ByteSequence[], lo: number, hi: number): void {
  if (lo > hi) return;
  if (lo === 0x80 && hi === 0x10ffff) {
    out.push([0xc2, 0xdf, 0x80, 0xbf]);
    out.push([0xe0, 0xef, 0x80, 0xbf, 0x80, 0xbf]);
    out.push([0xf0, 0xf4, 0x80, 0xbf, 0x80, 0xbf, 0x80, 0xbf]);
    return;
  }
  for (const limit of LENGTH_LIMITS) {
    if (lo <= limit && limit < hi) {
      addRange(out, lo, limit);
      addRange(out, limit + 1, hi);
      return;
    }
  }
  if (hi < 0x80) {
    out.push([lo, hi]);
    return;
  }
  for (let i = 1; i < 4; i++) {
    const mask = (1 << (6 * i)) - 1;
    if ((lo & ~mask) !== (hi & ~mask)) {
      if ((lo & mask) !== 0) {
        addRange(out, lo, lo | mask);
        addRange(out, (lo | mask) + 1, hi);
        return;
      }
      if ((hi & mask) !== mask) {
        addRange(out, lo, (hi & ~mask) - 1);
        addRange(out, hi & ~mask, hi);
        return;
      }
    }
  }
  const first = encodeRune(lo);
  const last = encodeRune(hi);
  out.push(first.flatMap((byte, i) => [byte, last[i] as number]));
}

/** The UTF-8 bytes of a code point (surrogates by the same scheme). */
function encodeRune(rune: number): number[] {
  if (rune < 0x80) return [rune];
  if (rune < 0x800) return [0xc0 | (rune >> 6), 0x80 | (rune & 63)];
  if (rune < 0x10000) return [0xe0 | (rune >> 12), 0x80 | ((rune >> 6) & 63), 0x80 | (rune & 63)];
  return [0xf0 | (rune >> 18), 0x80 | ((rune >> 12) & 63), 0x80 | ((rune >> 6) & 63), 0x80 | (rune & 63)];
}
