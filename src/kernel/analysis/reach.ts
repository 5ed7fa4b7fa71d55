/**
 * How much of a match may stand before a place in it: at most so many bytes of any kind, and beside them any number of
 * bytes of one set. `(?:^|[^\w])[\w.]*key` has at most one byte and any number of [\w.] before `key`.
 */
import type { ByteSet } from '../program/program.ts';
import { shared, union } from './sets.ts';

export interface Reach {
  readonly bytes: number;
  /** Empty when the number of bytes is all there is. */
  readonly set: ByteSet;
}

export const NOTHING: ByteSet = shared(new Uint8Array(256));
export const NO_REACH: Reach = { bytes: 0, set: NOTHING };

/** Longer stretches are as good as unlimited: nothing walks back that far. */
const MOST_BYTES = 1 << 20;

/** One stretch after the other. */
export function follow(a: Reach, b: Reach): Reach {
  if (a === NO_REACH) return b;
  if (b === NO_REACH) return a;
  return { bytes: Math.min(a.bytes + b.bytes, MOST_BYTES), set: union(a.set, b.set) };
}

/** Either of two stretches. */
export function either(a: Reach, b: Reach): Reach {
  if (a === b) return a;
  return { bytes: Math.max(a.bytes, b.bytes), set: union(a.set, b.set) };
}

/** A stretch, `count` times over. */
export function times(a: Reach, count: number): Reach {
  return { bytes: Math.min(a.bytes * count, MOST_BYTES), set: a.set };
}

/** Any number of bytes of a set. */
export function unlimited(set: ByteSet): Reach {
  return { bytes: 0, set };
}

export function bytesOf(count: number): Reach {
  return { bytes: count, set: NOTHING };
}
