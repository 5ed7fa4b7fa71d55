/**
 * Simple case folding as RE2 does it under (?i): a character stands for its whole orbit, e.g. k, K and the Kelvin
 * sign U+212A; s, S and the long s U+017F.
 */
import { FOLD_ORBITS } from './fold-table.ts';
import { normalise, type Ranges } from './ranges.ts';

interface FoldTable {
  readonly orbitOf: ReadonlyMap<number, readonly number[]>;
  /** All code points with an orbit, ascending. */
  readonly members: readonly number[];
}

let table: FoldTable | undefined;

function foldTable(): FoldTable {
  if (table !== undefined) return table;
  const orbitOf = new Map<number, readonly number[]>();
  let first = 0;
  for (const word of FOLD_ORBITS.split(' ')) {
    const [steps, times] = word.split('*') as [string, string | undefined];
    const numbers = steps.split('.').map((digits) => Number.parseInt(digits, 36));
    for (let n = times === undefined ? 1 : Number.parseInt(times, 36); n > 0; n--) {
      first += numbers[0] as number;
      const orbit = [first];
      for (let i = 1; i < numbers.length; i++) orbit.push((orbit[i - 1] as number) + (numbers[i] as number));
      for (const rune of orbit) orbitOf.set(rune, orbit);
    }
  }
  table = { orbitOf, members: [...orbitOf.keys()].sort((a, b) => a - b) };
  return table;
}

/** All characters `rune` stands for under (?i), itself included. */
export function foldRune(rune: number): readonly number[] {
  return foldTable().orbitOf.get(rune) ?? [rune];
}

/** The set with the orbit of each member added. */
export function foldRanges(set: Ranges): Ranges {
  const { orbitOf, members } = foldTable();
  const out = [...set];
  for (let i = 0; i < set.length; i += 2) {
    const lo = set[i] as number;
    const hi = set[i + 1] as number;
    for (let at = lowerBound(members, lo); at < members.length && (members[at] as number) <= hi; at++) {
      for (const rune of orbitOf.get(members[at] as number) ?? []) out.push(rune, rune);
    }
  }
  return normalise(out);
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((sorted[mid] as number) < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
