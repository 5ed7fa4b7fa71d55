/** What every match of a pattern must hold, what looking for it costs, and which of two requirements is cheaper. */
import type { ByteSet } from '../program/program.ts';
import { type Gate, gatesOfRun, rarest } from './gates.ts';
import { type Needle, withoutCovered } from './needles.ts';
import { bytesOf, follow, NO_REACH, type Reach } from './reach.ts';
import { runChance, sequenceChance, shareOf } from './sets.ts';

export type Anchor =
  | {
      readonly kind: 'needles';
      readonly needles: readonly Needle[];
      /** A run that holds for all of them: they need to be looked for around such runs only. */
      readonly gate: Gate | undefined;
      readonly chance: number;
      /** Share of places where the SIMD pass has to stop for it. */
      readonly stops: number;
      /** What may stand in the match before the needle. */
      readonly reach: Reach;
    }
  | {
      readonly kind: 'run';
      readonly set: ByteSet;
      readonly minLength: number;
      readonly chance: number;
      readonly reach: Reach;
    };

/** What a stop of the SIMD pass costs beside a candidate line. */
const STOP_COST = 0.2;
/** Share of a log that lies around the runs gates are made of, about. */
const GATED_SHARE = 0.1;
/** A run is looked at byte by byte, and a candidate for each of its patterns. */
const RUN_COST = 2e-4;
/** The pass finds a few classes of runs only; one for a single pattern is dear. */
const OWN_CLASS_COST = 5e-3;
/** Shorter runs are too common to be worth finding. */
const MIN_RUN = 7;

/** A requirement made of complete needles behind such a stretch of the match, if it requires anything. */
export function needleAnchor(
  all: readonly Needle[],
  before: Reach,
  gate: Gate | undefined,
): Anchor | undefined {
  if (all.length === 0 || all.some((needle) => needle.length === 0)) return undefined;
  const { needles, shift } = withoutCovered(all);
  const reach = shift === 0 ? before : follow(before, bytesOf(shift));
  let chance = 0;
  let stops = 0;
  for (const needle of needles) {
    chance += sequenceChance(needle);
    stops += windowChance(needle);
  }
  return { kind: 'needles', needles, gate, chance, stops, reach };
}

/** Windows of three bytes are what the SIMD pass looks for; the rarest one counts. */
function windowChance(needle: Needle): number {
  let least = 1;
  for (let at = 0; at < Math.max(1, needle.length - 2); at++) {
    least = Math.min(least, sequenceChance(needle, at, Math.min(at + 3, needle.length)));
  }
  return least;
}

export function runAnchor(set: ByteSet, minLength: number, reach: Reach): Anchor | undefined {
  if (minLength < MIN_RUN) return undefined;
  const share = shareOf(set);
  const most = minLength >= 31 ? 0.9 : minLength >= 15 ? 0.75 : 0.6;
  // A run must not go over a line end: blocks hold many lines.
  if (share > most || set[0x0a] === 1 || (set[0x20] === 1 && minLength < 31)) return undefined;
  return { kind: 'run', set, minLength, chance: runChance(set, minLength), reach };
}

/** The rarer of two requirements; few needles win over many at a like chance, since buckets are shared by all rules. */
export function better(a: Anchor | undefined, b: Anchor | undefined): Anchor | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return cost(a) <= cost(b) ? a : b;
}

function cost(anchor: Anchor): number {
  if (anchor.kind === 'run') {
    return anchor.chance + (gatesOfRun(anchor.set, anchor.minLength).length > 0 ? RUN_COST : OWN_CLASS_COST);
  }
  const { chance, stops, needles, gate } = anchor;
  if (gate !== undefined) return GATED_SHARE * (chance + STOP_COST * stops) + 1e-7 * needles.length;
  return chance + STOP_COST * stops + 2e-6 * needles.length;
}

/**
 * A requirement of an item, seen from the concatenation it stands in behind such a stretch. A gate's reach is from the
 * needle on, so it stays.
 */
export function inside(anchor: Anchor, before: Reach, outerGate: Gate | undefined): Anchor {
  const reach = follow(before, anchor.reach);
  if (anchor.kind === 'run') return { ...anchor, reach };
  return { ...anchor, reach, gate: anchor.gate ?? outerGate };
}

/** What is required inside of a run may be looked for around such runs only. */
export function gatedBy(anchor: Anchor | undefined, gates: readonly Gate[]): Anchor | undefined {
  if (anchor?.kind !== 'needles' || anchor.gate !== undefined || gates.length === 0) return anchor;
  const gate = rarest(gates);
  return gate === undefined ? anchor : { ...anchor, gate: { id: gate.id, reach: NO_REACH } };
}
