/**
 * Sets of code points as flat, sorted, disjoint and non-adjacent closed ranges: [lo0, hi0, lo1, hi1, ...].
 *
 * Invariants: lo <= hi, each range ends at least two before the next begins, all within 0..MAX_RUNE. Every function
 * here returns a new normalised array and never changes its arguments.
 */

/** Closed ranges of code points, flat: even indexes are first members, odd ones last members. */
export type Ranges = readonly number[];

/** The largest code point of Unicode. */
export const MAX_RUNE = 0x10ffff;

/** Sorts, joins overlapping and adjacent ranges, drops what lies above MAX_RUNE. */
export function normalise(pairs: readonly number[]): Ranges {
  const order: [number, number][] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const lo = pairs[i] as number;
    const hi = Math.min(pairs[i + 1] as number, MAX_RUNE);
    if (lo <= hi) order.push([lo, hi]);
  }
  order.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [lo, hi] of order) {
    const last = out.length - 1;
    if (last > 0 && lo <= (out[last] as number) + 1) out[last] = Math.max(out[last] as number, hi);
    else out.push(lo, hi);
  }
  return out;
}

/** All code points that are not in `set`. */
export function negate(set: Ranges): Ranges {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    const lo = set[i] as number;
    if (next < lo) out.push(next, lo - 1);
    next = (set[i + 1] as number) + 1;
  }
  if (next <= MAX_RUNE) out.push(next, MAX_RUNE);
  return out;
}
