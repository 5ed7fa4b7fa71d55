/**
 * Runs of one kind of bytes that hold most secrets and numbers, and that are rare enough in logs to be worth finding
 * first. A pattern whose every match holds such a run is looked for around those only: its gate. The SIMD pass finds
 * runs exactly and all at once, so hundreds of gated patterns cost what one does.
 */
import type { ByteSet } from '../program/program.ts';
import type { Reach } from './reach.ts';
import { isSubset, runChance, shared } from './sets.ts';

/** A run of at least `minLength` bytes of `set`. */
export interface RunClass {
  readonly set: ByteSet;
  readonly minLength: number;
}

/**
 * A run of class `id` that a match must hold, and how far behind it begins at most: behind the match's own begin or, where
 * it is the gate of a needle, behind the needle's. A needle never begins behind its run.
 */
export interface Gate {
  /** Index into GATES. */
  readonly id: number;
  readonly reach: Reach;
}

function setOf(text: string, ...ranges: string[]): ByteSet {
  const set = new Uint8Array(256);
  for (const char of text) set[char.charCodeAt(0)] = 1;
  for (const range of ranges) set.fill(1, range.charCodeAt(0), range.charCodeAt(1) + 1);
  return shared(set);
}

export const GATES: readonly RunClass[] = [
  // Tokens. Time stamps, most words and names are shorter; UUIDs and hex digests are not.
  { set: setOf('_-', '09', 'AZ', 'az'), minLength: 15 },
  // Base64 and dotted tokens; paths and qualified names of that length are few.
  { set: setOf('_-+/=.~%', '09', 'AZ', 'az'), minLength: 32 },
  { set: setOf('', '09'), minLength: 12 },
  // Card numbers in groups.
  { set: setOf(' -', '09'), minLength: 14 },
  // Dotted quads; most decimal numbers are shorter.
  { set: setOf('.', '09'), minLength: 7 },
  // IPv6, fingerprints; longer than a time of day.
  { set: setOf(':', '09', 'AF', 'af'), minLength: 10 },
];

const CHANCES = GATES.map(({ set, minLength }) => runChance(set, minLength));
const BLANKS = setOf(' \t');
/** Around each run so much is searched at most, blanks not counted: farther away a pattern is better off without. */
const MOST_REACH = 96;

/** Gates whose run a stretch of at least `length` bytes, all of `set`, is sure to hold. */
export function gatesOfRun(set: ByteSet, length: number): number[] {
  return GATES.flatMap((gate, id) => (length >= gate.minLength && isSubset(set, gate.set) ? [id] : []));
}

/** Whether looking back from the run so far stays cheap. */
export function isNear(reach: Reach): boolean {
  return reach.bytes <= MOST_REACH && isSubset(reach.set, BLANKS);
}

/** The gate that the least of a log lies around. */
export function rarest(gates: readonly Gate[]): Gate | undefined {
  let best: Gate | undefined;
  for (const gate of gates)
    if (best === undefined || (CHANCES[gate.id] as number) < (CHANCES[best.id] as number)) best = gate;
  return best;
}
