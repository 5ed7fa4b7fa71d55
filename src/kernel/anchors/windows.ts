/**
 * What the SIMD pass looks for of a needle: four bytes that can be spelled out, or a window of up to three byte sets, and
 * which bucket that goes to.
 *
 * Nibble tables tell only that a byte's low and high nibble both occur in a bucket, so a bucket should hold windows alike;
 * buckets are filled greedily by what each addition does to the estimated share of false candidates.
 */

import { AFTER, BEFORE } from '../analysis/context.ts';
import { BYTE_SHARE } from '../analysis/frequency.ts';
import type { Needle } from '../analysis/needles.ts';
import { sequenceChance } from '../analysis/sets.ts';
import type { ByteSet } from '../program/program.ts';

export const WINDOW_BYTES = 3;
const SPELLED_BYTES = 4;
/** Letters differ in this bit from their other case; bytes are looked up with it set. */
const FOLD = 0x20;
/** Stretches with more spellings are looked for by their sets. */
const MAX_SPELLINGS = 24;

/** Four bytes of a needle, spelled out. */
export interface Spelling {
  /** Offset in the needle. */
  readonly offset: number;
  /** Little-endian, each byte folded. */
  readonly keys: readonly number[];
  readonly chance: number;
}

export interface Window {
  /** Offset in the needle. */
  readonly offset: number;
  /** One to three sets; positions beyond fit any byte. */
  readonly sets: readonly ByteSet[];
}

/** Begin and end of what is a needle's own, context left out. */
function ownBytes(needle: Needle): [number, number] {
  return [needle[0] === BEFORE ? 1 : 0, needle.at(-1) === AFTER ? needle.length - 1 : needle.length];
}

/** What a needle more to compare costs where another is looked for, as a share of what looking there costs. */
const SHARED_COST = 1.5;
/** What one more entry of the table costs: places that are looked at for nothing, as long as the table is not full. */
const ENTRY_COST = 1e-7;

/**
 * The four bytes that cost least, undefined when there are none with few spellings.
 * @param inUse spellings that are looked for anyway
 */
export function chooseSpelling(needle: Needle, inUse: ReadonlySet<number>): Spelling | undefined {
  const [first, end] = ownBytes(needle);
  let best: Spelling | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (let offset = first; offset + SPELLED_BYTES <= end; offset++) {
    const keys = spellings(needle.slice(offset, offset + SPELLED_BYTES));
    if (keys === undefined) continue;
    const chance = sequenceChance(needle, offset, offset + SPELLED_BYTES);
    const added = keys.filter((key) => !inUse.has(key)).length / keys.length;
    const cost = added * (chance + keys.length * ENTRY_COST) + (1 - added) * SHARED_COST * chance;
    if (cost >= least) continue;
    least = cost;
    best = { offset, keys, chance };
  }
  return best;
}

function spellings(sets: readonly ByteSet[]): number[] | undefined {
  let keys = new Set([0]);
  for (const [at, set] of sets.entries()) {
    const longer = new Set<number>();
    for (let byte = 0; byte < 256; byte++) {
      if (set[byte] !== 1) continue;
      for (const key of keys) longer.add((key | ((byte | FOLD) << (8 * at))) >>> 0);
      if (longer.size > MAX_SPELLINGS) return undefined;
    }
    keys = longer;
  }
  return [...keys];
}

/** The rarest window of a needle, context left out: it is checked on its own. */
export function chooseWindow(needle: Needle): Window {
  const [first, end] = ownBytes(needle);
  const length = Math.min(WINDOW_BYTES, end - first);
  let offset = first;
  let least = Number.POSITIVE_INFINITY;
  for (let at = first; at + length <= end; at++) {
    const chance = sequenceChance(needle, at, at + length);
    if (chance < least) {
      least = chance;
      offset = at;
    }
  }
  return { offset, sets: needle.slice(offset, offset + length) };
}

/** Nibbles a bucket admits, per window position, as 16-bit masks. */
export interface Bucket {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly windows: readonly number[];
  readonly chance: number;
}

/** More clusters than this are merged greedily, these few by the best pair. */
const MAX_CLUSTERS = 40;

/** Fills at most `count` buckets with the windows at `ids`. */
export function fillBuckets(
  windows: readonly (Window | undefined)[],
  ids: readonly number[],
  count: number,
): Bucket[] {
  const buckets: Bucket[] = [];
  const masks = ids.map((id) => windowMasks(windows[id] as Window));
  const chances = masks.map(chanceOf);
  // Rare windows last: they find their place beside common ones at no cost.
  const order = ids.map((_, i) => i).sort((a, b) => (chances[b] as number) - (chances[a] as number));
  for (const i of order) {
    const mask = masks[i] as Masks;
    let best: Bucket | undefined;
    let bestGrowth = buckets.length < MAX_CLUSTERS ? (chances[i] as number) : Number.POSITIVE_INFINITY;
    for (const bucket of buckets) {
      if (bestGrowth === 0) break;
      const growth = chanceOf(join(bucket, mask)) - bucket.chance;
      if (growth < bestGrowth) {
        best = bucket;
        bestGrowth = growth;
      }
    }
    const alone = { ...mask, windows: [ids[i] as number], chance: chances[i] as number };
    if (best === undefined) buckets.push(alone);
    else buckets[buckets.indexOf(best)] = merge(best, alone);
  }
  while (buckets.length > Math.max(count, 1)) {
    let left = 0;
    let right = 1;
    let least = Number.POSITIVE_INFINITY;
    for (let a = 0; a < buckets.length; a++) {
      for (let b = a + 1; b < buckets.length; b++) {
        const one = buckets[a] as Bucket;
        const two = buckets[b] as Bucket;
        const growth = chanceOf(join(one, two)) - one.chance - two.chance;
        if (growth < least) {
          least = growth;
          left = a;
          right = b;
        }
      }
    }
    buckets[left] = merge(buckets[left] as Bucket, buckets[right] as Bucket);
    buckets.splice(right, 1);
  }
  return buckets;
}

function merge(a: Bucket, b: Bucket): Bucket {
  const masks = join(a, b);
  return { ...masks, windows: [...a.windows, ...b.windows], chance: chanceOf(masks) };
}

interface Masks {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

function windowMasks(window: Window): Masks {
  const low: number[] = [];
  const high: number[] = [];
  for (let at = 0; at < WINDOW_BYTES; at++) {
    const set = window.sets[at];
    let lowMask = 0;
    let highMask = 0;
    for (let byte = 0; byte < 256; byte++) {
      if (set !== undefined && set[byte] !== 1) continue;
      lowMask |= 1 << (byte & 15);
      highMask |= 1 << (byte >> 4);
    }
    low.push(lowMask);
    high.push(highMask);
  }
  return { low, high };
}

function join(a: Masks, b: Masks): Masks {
  return {
    low: a.low.map((mask, i) => mask | (b.low[i] as number)),
    high: a.high.map((mask, i) => mask | (b.high[i] as number)),
  };
}

function chanceOf(masks: Masks): number {
  let chance = 1;
  for (let at = 0; at < WINDOW_BYTES; at++) {
    const low = masks.low[at] as number;
    const high = masks.high[at] as number;
    const share = productShare(low, high);
    chance *= Math.min(1, share + 1e-4);
  }
  return chance;
}

const productShares = new Map<number, number>();

/** Share of the bytes whose low and high nibble are both admitted. */
function productShare(low: number, high: number): number {
  const key = low * 0x10000 + high;
  let share = productShares.get(key);
  if (share !== undefined) return share;
  share = 0;
  for (let h = 0; h < 8; h++) {
    if (((high >> h) & 1) === 0) continue;
    for (let l = 0; l < 16; l++) if (((low >> l) & 1) === 1) share += BYTE_SHARE[h * 16 + l] as number;
  }
  productShares.set(key, share);
  return share;
}
