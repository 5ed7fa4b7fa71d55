/** Which runs every match of a piece of a pattern holds, and which of them can be the gate of a needle. */
import type { ByteSet } from '../program/program.ts';
import { type Gate, gatesOfRun, isNear, rarest } from './gates.ts';
import { either, follow, NO_REACH, NOTHING, type Reach } from './reach.ts';
import { union } from './sets.ts';

/** Over so many items of a concatenation runs are followed. */
export const MOST_RUN_ITEMS = 24;

/** What matters here of a piece of a pattern. */
export interface Piece {
  /** All bytes that can occur in a match, and the least number of them. */
  readonly bytes: ByteSet;
  readonly minBytes: number;
  /** All that a match can be, as a stretch. */
  readonly reach: Reach;
  /** Runs that every match holds; of each class the one that begins soonest. */
  readonly gates: readonly Gate[];
}

/** A run that every match of a concatenation holds. */
interface RunAlong {
  /** Its reach is from the concatenation's begin. */
  readonly gate: Gate;
  /** The item it begins in, the stretch of that item before it, and the last item that is all of the run (-1: none). */
  readonly first: number;
  readonly into: Reach;
  readonly last: number;
}

export function gatesAlong(items: readonly Piece[]): RunAlong[] {
  const found: RunAlong[] = [];
  let before = NO_REACH;
  for (const [first, item] of items.entries()) {
    for (const { id, reach } of item.gates) {
      found.push({ gate: { id, reach: follow(before, reach) }, first, into: reach, last: -1 });
    }
    let set: ByteSet = NOTHING;
    let length = 0;
    for (let last = first; last < items.length && last < first + MOST_RUN_ITEMS; last++) {
      const next = items[last] as Piece;
      set = union(set, next.bytes);
      length += next.minBytes;
      if (last === first) continue;
      for (const id of gatesOfRun(set, length)) {
        found.push({ gate: { id, reach: before }, first, into: NO_REACH, last });
      }
    }
    before = follow(before, item.reach);
  }
  return found;
}

/** The rarest gate for a needle that begins in this item: a run that begins near behind it, or that it begins in. */
export function gateFrom(
  runsAlong: readonly RunAlong[],
  items: readonly Piece[],
  item: number,
): Gate | undefined {
  const near: Gate[] = [];
  for (const { gate, first, into, last } of runsAlong) {
    if (item < first) {
      const between = items.slice(item, first).reduce((sum, one) => follow(sum, one.reach), NO_REACH);
      const reach = follow(between, into);
      if (isNear(reach)) near.push({ id: gate.id, reach });
    } else if (item <= last) {
      near.push({ id: gate.id, reach: NO_REACH });
    }
  }
  return rarest(near);
}

/** Of each class the run that begins soonest. */
export function soonest(gates: readonly Gate[]): Gate[] {
  const byId = new Map<number, Gate>();
  for (const gate of gates) {
    const known = byId.get(gate.id);
    if (known === undefined || gate.reach.bytes < known.reach.bytes) byId.set(gate.id, gate);
  }
  return [...byId.values()];
}

/** Runs that both hold. */
export function common(a: readonly Gate[], b: readonly Gate[]): Gate[] {
  return a.flatMap(
    (gate) =>
      eitherGate(
        gate,
        b.find(({ id }) => id === gate.id),
      ) ?? [],
  );
}

export function eitherGate(a: Gate | undefined, b: Gate | undefined): Gate | undefined {
  return a === undefined || b === undefined || a.id !== b.id
    ? undefined
    : { id: a.id, reach: either(a.reach, b.reach) };
}
