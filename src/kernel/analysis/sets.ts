/**
 * Byte sets shared by content, so that the analysis compares them by identity and works out their shares once.
 *
 * Invariant: a set that came from here is never changed. The pool only grows while patterns are analysed; it holds some
 * hundred sets for a large pack.
 */
import type { ByteSet } from '../program/program.ts';
import { BYTE_SHARE, followedBy, kindsIn } from './frequency.ts';

interface Known {
  readonly id: number;
  /** Share of all bytes of a log that are in the set. */
  readonly share: number;
}

const byContent = new Map<string, ByteSet>();
const known = new Map<ByteSet, Known>();
const unions = new Map<number, ByteSet>();
const steps = new Map<number, number>();
const kinds = new Map<ByteSet, Float64Array>();
const followers = new Map<ByteSet, Float64Array>();
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

/** Chance of `set` right after a byte of `previous`. */
function stepChance(previous: ByteSet, set: ByteSet): number {
  const key = idOf(previous) * ID_LIMIT + idOf(set);
  let step = steps.get(key);
  if (step === undefined) {
    const before = kindsOf(previous);
    const joint = followersOf(set);
    let share = 0;
    for (const [kind, part] of before.entries()) share += part * (joint[kind] as number);
    step = Math.min(1, share / Math.max(shareOf(previous), 1e-12));
    steps.set(key, step);
  }
  return step;
}

function kindsOf(set: ByteSet): Float64Array {
  let found = kinds.get(set);
  if (found === undefined) {
    found = kindsIn(set);
    kinds.set(set, found);
  }
  return found;
}

function followersOf(set: ByteSet): Float64Array {
  let found = followers.get(set);
  if (found === undefined) {
    found = followedBy(kindsOf(set));
    followers.set(set, found);
  }
  return found;
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

/** Chance that a place begins a run of at least `length` bytes of the set. */
export function runChance(set: ByteSet, length: number): number {
  const stay = stepChance(set, set);
  return shareOf(set) * (1 - stay) * stay ** (length - 1);
}

export function isSubset(inner: ByteSet, outer: ByteSet): boolean {
  return inner === outer || union(inner, outer) === outer;
}
