/** How often bytes, and pairs of bytes, occur in logs: shares of byte sets by the table in bigrams.ts. */
import type { ByteSet } from '../program/program.ts';
import { BIGRAM_KINDS, BIGRAMS } from './bigrams.ts';

const KINDS = BIGRAM_KINDS;
const HIGH = 97;

/** Joint probability of two neighbours, by kind. */
const JOINT = Float64Array.from(BIGRAMS, (char) => 2 ** (-(char.charCodeAt(0) - 35) / 3));
/** Bytes of each kind: controls without the line end, and everything above printable ASCII, share one. */
const KIND_SIZE = Float64Array.from({ length: KINDS }, (_, kind) =>
  kind === 0 ? 31 : kind === HIGH ? 129 : 1,
);
const KIND_SHARE = Float64Array.from({ length: KINDS }, (_, kind) =>
  JOINT.subarray(kind * KINDS, (kind + 1) * KINDS).reduce((sum, share) => sum + share, 0),
);

function kindOf(byte: number): number {
  return byte >= 127 ? HIGH : byte >= 32 ? byte - 30 : byte === 10 ? 1 : 0;
}

/** Share of each byte value, adding up to about 1. */
export const BYTE_SHARE: Float64Array = Float64Array.from({ length: 256 }, (_, byte) => {
  const kind = kindOf(byte);
  return (KIND_SHARE[kind] as number) / (KIND_SIZE[kind] as number);
});

/** How much of each kind is in the set, 0 to 1. */
export function kindsIn(set: ByteSet): Float64Array {
  const kinds = new Float64Array(KINDS);
  for (let byte = 0; byte < 256; byte++) {
    if (set[byte] !== 1) continue;
    const kind = kindOf(byte);
    kinds[kind] = (kinds[kind] as number) + 1 / (KIND_SIZE[kind] as number);
  }
  return kinds;
}

/** By kind of the byte before: the joint probability with a byte of the set behind it. */
export function followedBy(kinds: Float64Array): Float64Array {
  return Float64Array.from({ length: KINDS }, (_, before) => {
    let share = 0;
    for (let kind = 0; kind < KINDS; kind++) {
      if (kinds[kind] !== 0) share += (kinds[kind] as number) * (JOINT[before * KINDS + kind] as number);
    }
    return share;
  });
}
