/**
 * Byte sets shared by content, so that the analysis compares them by identity and works out their shares once.
 *
 * Invariant: a set that came from here is never changed. The pool only grows while patterns are analysed; it holds some
 * hundred sets for a large pack.
 */
import type { ByteSet } from '../program/program.ts';
import { BYTE_SHARE } from './frequency.ts';

interface Known {
  readonly id: number;
  /** Share of all bytes of a log that are in the set. */
  readonly share: number;
}

const byContent = new Map<string, ByteSet>();
const known = new Map<ByteSet, Known>();
const unions = new Map<number, ByteSet>();
const steps = new Map<number, number>();
/** Two ids make one key. */
const ID_LIMIT = 1 << 20;

/** The one object for this content. */
export function shared(set: ByteSet): ByteSet {
  if (known.has(set)) return set;
  const key = Buffer.from(set.buffer, set.byteOffset, 256).toString('latin1');
  let one = byContent.get(key);
  if (one === undefined) {
    one = set;
    byContent.set(key, one);
    register(one);
  }
  return one;
}

/** Takes a set as it is, apart from others of the same content. */
export function register(set: ByteSet): ByteSet {
  let share = 0;
  for (let byte = 0; byte < 256; byte++) if (set[byte] === 1) share += BYTE_SHARE[byte] as number;
  known.set(set, { id: known.size, share: Math.min(share, 1) });
  return set;
}

export function idOf(set: ByteSet): number {
  return (known.get(set) as Known).id;
}

export function shareOf(set: ByteSet): number {
  return (known.get(set) as Known).share;
}

export function union(a: ByteSet, b: ByteSet): ByteSet {
  if (a === b) return a;
  const key = idOf(a) * ID_LIMIT + idOf(b);
  let joined = unions.get(key);
  if (joined === undefined) {
    const both = Uint8Array.from(a);
    for (let byte = 0; byte < 256; byte++) if (b[byte] === 1) both[byte] = 1;
    joined = shared(both);
    unions.set(key, joined);
  }
  return joined;
}

/** Chance of `set` right after a byte of `previous`: neighbours are alike, digits and letters come in runs. */
function stepChance(previous: ByteSet, set: ByteSet): number {
  const key = idOf(previous) * ID_LIMIT + idOf(set);
  let step = steps.get(key);
  if (step === undefined) {
    let common = 0;
    let kinds = 0;
    for (let byte = 0; byte < 256; byte++) {
      if (set[byte] === 1 && previous[byte] === 1) {
        common += BYTE_SHARE[byte] as number;
        kinds += 1;
      }
    }
    const share = shareOf(set);
    step = kinds < 4 ? share : share + (1 - share) * 0.6 * (common / Math.max(shareOf(previous), 1e-9));
    steps.set(key, step);
  }
  return step;
}

/** Estimated chance that a place in a log matches the byte sets from `from` to `to` of a sequence. */
export function sequenceChance(sets: readonly ByteSet[], from = 0, to = sets.length): number {
  let chance = 1;
  for (let at = from; at < to; at++) {
    const set = sets[at] as ByteSet;
    chance *= at === from ? shareOf(set) : stepChance(sets[at - 1] as ByteSet, set);
  }
  return chance;
}
