/**
 * What every match of a pattern must contain, derived from its syntax tree: one of a few short sequences of byte sets
 * (a literal is a sequence of sets of one), or a run of at least N bytes of one set. The idea of requiring factors is
 * old (Cox's "trigram index", Hyperscan's decomposition); everything here works on bytes after UTF-8 encoding and case
 * folding, so a folded k is the set {k, K, first byte of the Kelvin sign} wherever that is all one needs.
 *
 * Invariant: every match of the pattern contains, inside its own bytes, an occurrence of one of the sequences (or such a
 * run). Assertions are taken as met, which can only make the requirement weaker.
 */
import { isWordByte } from '../program/context.ts';
import type { ByteSet } from '../program/program.ts';
import { utf8Sequences } from '../program/utf8.ts';
import { ASSERT, type Node } from '../syntax/ast.ts';
import type { Ranges } from '../syntax/ranges.ts';
import { AFTER, BEFORE, isContext } from './context.ts';
import { type Gate, gatesOfRun, isNear, rarest } from './gates.ts';
import { bytesOf, either, follow, NO_REACH, NOTHING, type Reach, times, unlimited } from './reach.ts';
import { idOf, runChance, sequenceChance, shared, shareOf, union } from './sets.ts';

/** A sequence of byte sets, one for each byte. */
export type Needle = readonly ByteSet[];

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

/** More alternatives than this are not worth their cost in buckets. */
const MAX_NEEDLES = 24;
/** Of the branches of one alternation together: a list of a thousand names is still far better than no anchor. */
const MAX_REQUIRED_NEEDLES = 8192;
/** Edges are kept this short and this few, sets widened as needed: they only bridge two exact parts. */
const EDGE_BYTES = 3;
const LONG_EDGE_BYTES = 8;
const MAX_EDGES = 3;
/** Over so many items of a concatenation runs are followed. */
const MOST_RUN_ITEMS = 24;
/** What a stop of the SIMD pass costs beside a candidate line. */
const STOP_COST = 0.2;
/** Share of a log that lies around the runs gates are made of, about. */
const GATED_SHARE = 0.1;
/** A run is looked at byte by byte, and a candidate for each of its patterns. */
const RUN_COST = 2e-4;
/** The pass finds a few classes of runs only; one for a single pattern is dear. */
const OWN_CLASS_COST = 5e-3;
/** Longer ones verify no better. */
const MAX_NEEDLE_BYTES = 12;
/** Anchors more common than this (share of places) would make nearly every line a candidate. */
const WORST_CHANCE = 0.05;
/** Shorter runs are too common to be worth finding. */
const MIN_RUN = 7;

interface Facts {
  /** All that the node can match, as needles; undefined when that is too much to write down. */
  readonly exact: readonly Needle[] | undefined;
  /** Every match begins with one of these, and ends with one of those; [[]] when nothing is known. */
  readonly prefix: readonly Needle[];
  readonly suffix: readonly Needle[];
  /** The best requirement found inside the node. */
  readonly best: Anchor | undefined;
  /** All bytes that can occur in a match, and the least number of them. */
  readonly bytes: ByteSet;
  readonly minBytes: number;
  /** All that a match can be, as a stretch. */
  readonly reach: Reach;
  /** Runs that every match holds; of each class the one that begins soonest. */
  readonly gates: readonly Gate[];
}

const UNKNOWN_EDGE: readonly Needle[] = [[]];
const EMPTY_FACTS: Facts = {
  exact: [[]],
  prefix: UNKNOWN_EDGE,
  suffix: UNKNOWN_EDGE,
  best: undefined,
  bytes: NOTHING,
  minBytes: 0,
  reach: NO_REACH,
  gates: [],
};
/** What can't match at all. */
const IMPOSSIBLE: Facts = { ...EMPTY_FACTS, exact: [] };

/** The cheapest requirement found, undefined when there is none worth having. */
export function findAnchor(root: Node): Anchor | undefined {
  const best = outerFacts(root).best;
  return best !== undefined && best.chance <= WORST_CHANCE ? best : undefined;
}

/** Facts of the whole pattern, with what \b at its edges says of the bytes outside. */
function outerFacts(node: Node): Facts {
  if (node.op === 'group') return outerFacts(node.item);
  if (node.op === 'alt') return alternation(node.items.map(outerFacts));
  if (node.op !== 'cat') return facts(node);
  const items = node.items.map(facts);
  const begins = isBoundary(node.items[0]) && items.length > 1;
  const ends = isBoundary(node.items.at(-1)) && items.length > 1;
  const inner = items.slice(begins ? 1 : 0, ends ? -1 : undefined);
  const context = (set: ByteSet): Facts => ({
    ...EMPTY_FACTS,
    exact: [[set]],
    prefix: [[set]],
    suffix: [[set]],
  });
  const outer = [...inner];
  if (begins && isWordEdge(outerEdge(inner, 'front'), 'front')) outer.unshift(context(BEFORE));
  if (ends && isWordEdge(outerEdge(inner, 'back'), 'back')) outer.push(context(AFTER));
  return concatenation(outer);
}

function isBoundary(node: Node | undefined): boolean {
  return node?.op === 'assert' && node.assert === ASSERT.wordBoundary;
}

/** Is the outermost byte of every match a word byte? */
function isWordEdge(edges: readonly Needle[], side: 'front' | 'back'): boolean {
  return edges.every((needle) => {
    const set = side === 'front' ? needle[0] : needle.at(-1);
    return set?.every((has, byte) => has === 0 || isWordByte(byte)) === true;
  });
}

function facts(node: Node): Facts {
  switch (node.op) {
    case 'empty':
    case 'assert':
      return EMPTY_FACTS;
    case 'byte':
      return fromNeedles([[shared(new Uint8Array(256).fill(1))]]);
    case 'set':
      return setFacts(node.set);
    case 'group':
      return facts(node.item);
    case 'cat':
      return concatenation(node.items.map(facts));
    case 'alt':
      return alternation(node.items.map(facts));
    case 'repeat':
      return repetition(facts(node.item), node.min, node.max);
  }
}

const setCache = new Map<string, Facts>();

function setFacts(set: Ranges): Facts {
  const key = set.join();
  let known = setCache.get(key);
  if (known === undefined) {
    known = makeSetFacts(set);
    if (setCache.size > 2000) setCache.clear();
    setCache.set(key, known);
  }
  return known;
}

function makeSetFacts(set: Ranges): Facts {
  const sequences = utf8Sequences(set);
  if (sequences.length === 0) return IMPOSSIBLE;
  const bytes = new Uint8Array(256);
  // Sequences that differ in their first byte only become one needle.
  const byRest = new Map<string, Needle>();
  for (const sequence of sequences) {
    const needle: ByteSet[] = [];
    for (let i = 0; i < sequence.length; i += 2) {
      const one = new Uint8Array(256).fill(1, sequence[i], (sequence[i + 1] as number) + 1);
      bytes.fill(1, sequence[i], (sequence[i + 1] as number) + 1);
      needle.push(shared(one));
    }
    const rest = sequence.slice(2).join();
    const same = byRest.get(rest);
    if (same === undefined) byRest.set(rest, needle);
    else {
      byRest.set(rest, [union(same[0] as ByteSet, needle[0] as ByteSet), ...same.slice(1)]);
    }
  }
  const needles = [...byRest.values()];
  const minBytes = Math.min(...needles.map((needle) => needle.length));
  return {
    exact: needles.length <= MAX_NEEDLES ? needles : undefined,
    prefix: edge(needles, 'front'),
    suffix: edge(needles, 'back'),
    best: undefined,
    bytes: shared(bytes),
    minBytes,
    reach: bytesOf(Math.max(...needles.map((n) => n.length))),
    gates: [],
  };
}

/** What all of the needles begin (end) with, cut to one short length and merged to a few. */
function edge(needles: readonly Needle[], side: 'front' | 'back'): readonly Needle[] {
  if (needles.length === 0) return UNKNOWN_EDGE;
  if (needles.some((needle) => needle.some(isContext))) return UNKNOWN_EDGE;
  const shortest = Math.min(...needles.map((needle) => needle.length));
  if (shortest === 0) return UNKNOWN_EDGE;
  const cutTo = (length: number): Needle[] =>
    needles.map((n) => (side === 'front' ? n.slice(0, length) : n.slice(n.length - length)));
  // One needle may stay long.
  const long = mergeNeedles(cutTo(Math.min(LONG_EDGE_BYTES, shortest)));
  if (long.length === 1) return long;
  const cut = cutTo(Math.min(EDGE_BYTES, shortest));
  const few = mergeNeedles(cut);
  if (few.length <= MAX_EDGES) return few;
  return [few.reduce((a, b) => a.map((set, i) => union(set, b[i] as ByteSet)))];
}

function fromNeedles(needles: readonly Needle[]): Facts {
  let bytes = NOTHING;
  for (const needle of needles) for (const set of needle) bytes = union(bytes, set);
  const minBytes = Math.min(...needles.map((n) => n.length));
  return {
    exact: needles,
    prefix: edge(needles, 'front'),
    suffix: edge(needles, 'back'),
    best: undefined,
    bytes: shared(bytes),
    minBytes,
    reach: bytesOf(Math.max(...needles.map((n) => n.length))),
    gates: [],
  };
}

/** A requirement made of complete needles behind such a stretch of the match, if it requires anything. */
function needleAnchor(all: readonly Needle[], before: Reach, gate: Gate | undefined): Anchor | undefined {
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

/**
 * Leaves out needles that hold another one: where they stand the other does too.
 * @returns the rest, and how much further in those may now stand
 */
function withoutCovered(all: readonly Needle[]): { needles: readonly Needle[]; shift: number } {
  if (all.length === 1) return { needles: all, shift: 0 };
  const needles: Needle[] = [];
  let shift = 0;
  for (const needle of [...all].sort((a, b) => a.length - b.length)) {
    let at = -1;
    for (const shorter of needles) {
      at = needle.findIndex((_, offset) => shorter.every((set, i) => isWithin(needle[offset + i], set)));
      if (at >= 0) break;
    }
    if (at >= 0) shift = Math.max(shift, at);
    else needles.push(needle);
  }
  return { needles, shift };
}

function isWithin(inner: ByteSet | undefined, outer: ByteSet): boolean {
  if (inner === undefined || inner === outer) return inner === outer;
  if (isContext(inner) || isContext(outer) || shareOf(inner) > shareOf(outer)) return false;
  return union(inner, outer) === outer;
}

/** Windows of three bytes are what the SIMD pass looks for; the rarest one counts. */
function windowChance(needle: Needle): number {
  let least = 1;
  for (let at = 0; at < Math.max(1, needle.length - 2); at++) {
    least = Math.min(least, sequenceChance(needle, at, Math.min(at + 3, needle.length)));
  }
  return least;
}

function runAnchor(set: ByteSet, minLength: number, reach: Reach): Anchor | undefined {
  if (minLength < MIN_RUN) return undefined;
  const share = shareOf(set);
  const most = minLength >= 31 ? 0.9 : minLength >= 15 ? 0.75 : 0.6;
  // A run must not go over a line end: blocks hold many lines.
  if (share > most || set[0x0a] === 1 || (set[0x20] === 1 && minLength < 31)) return undefined;
  return { kind: 'run', set, minLength, chance: runChance(set, minLength), reach };
}

/** The rarer of two requirements; few needles win over many at a like chance, since buckets are shared by all rules. */
function better(a: Anchor | undefined, b: Anchor | undefined): Anchor | undefined {
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

function concatenation(items: readonly Facts[]): Facts {
  const runsAlong = gatesAlong(items);
  const gateFor = (item: number): Gate | undefined => gateFrom(runsAlong, items, item);
  let best: Anchor | undefined;
  let current: readonly Needle[] = [[]];
  /** What may stand before `current`, and the item it begins in. */
  let currentBefore = NO_REACH;
  let currentItem = 0;
  let whole = true;
  let bytes = NOTHING;
  let minBytes = 0;
  let reach = NO_REACH;
  for (const [index, item] of items.entries()) {
    bytes = union(bytes, item.bytes);
    minBytes += item.minBytes;
    if (item.best !== undefined) best = better(best, inside(item.best, reach, gateFor(index)));
    if (item.exact?.length === 0) return IMPOSSIBLE;
    const crossed = item.exact === undefined ? undefined : cross(current, item.exact);
    if (crossed !== undefined) {
      current = crossed;
      reach = follow(reach, item.reach);
      continue;
    }
    // Not to be written down, or too many or too long: what was collected is one requirement, what lies around the
    // border another, and this item begins the next.
    whole = false;
    const gate = gateFor(currentItem);
    const bridge = cross(current, item.prefix);
    if (bridge !== undefined) best = better(best, needleAnchor(bridge, currentBefore, gate));
    else {
      const short = cross(edge(current, 'back'), item.prefix);
      if (short !== undefined) best = better(best, needleAnchor(short, reach, gate));
    }
    best = better(best, needleAnchor(current, currentBefore, gate));
    if (item.exact !== undefined && item.exact.length <= MAX_NEEDLES / 2) {
      current = item.exact;
      currentBefore = reach;
      currentItem = index;
      reach = follow(reach, item.reach);
    } else {
      current = item.suffix;
      reach = follow(reach, item.reach);
      currentBefore = reach;
      currentItem = index;
    }
  }
  best = better(best, needleAnchor(current, currentBefore, gateFor(currentItem)));
  for (const run of runs(items)) best = better(best, run);
  return {
    exact: whole ? current : undefined,
    prefix: whole ? edge(current, 'front') : outerEdge(items, 'front'),
    suffix: whole ? edge(current, 'back') : outerEdge(items, 'back'),
    best,
    bytes,
    minBytes,
    reach,
    gates: soonest(runsAlong.map(({ gate }) => gate)),
  };
}

/**
 * A requirement of an item, seen from the concatenation it stands in behind such a stretch. A gate's reach is from the
 * needle on, so it stays.
 */
function inside(anchor: Anchor, before: Reach, outerGate: Gate | undefined): Anchor {
  const reach = follow(before, anchor.reach);
  if (anchor.kind === 'run') return { ...anchor, reach };
  return { ...anchor, reach, gate: anchor.gate ?? outerGate };
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

function gatesAlong(items: readonly Facts[]): RunAlong[] {
  const found: RunAlong[] = [];
  let before = NO_REACH;
  for (const [first, item] of items.entries()) {
    for (const { id, reach } of item.gates) {
      found.push({ gate: { id, reach: follow(before, reach) }, first, into: reach, last: -1 });
    }
    let set: ByteSet = NOTHING;
    let length = 0;
    for (let last = first; last < items.length && last < first + MOST_RUN_ITEMS; last++) {
      const next = items[last] as Facts;
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
function gateFrom(runsAlong: readonly RunAlong[], items: readonly Facts[], item: number): Gate | undefined {
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
function soonest(gates: readonly Gate[]): Gate[] {
  const byId = new Map<number, Gate>();
  for (const gate of gates) {
    const known = byId.get(gate.id);
    if (known === undefined || gate.reach.bytes < known.reach.bytes) byId.set(gate.id, gate);
  }
  return [...byId.values()];
}

/** What a concatenation begins (ends) with, over as many items as are exact and one more. */
function outerEdge(items: readonly Facts[], side: 'front' | 'back'): readonly Needle[] {
  let found: readonly Needle[] = UNKNOWN_EDGE;
  for (let n = 0; n < items.length; n++) {
    const item = items[side === 'front' ? n : items.length - 1 - n] as Facts;
    const next = item.exact ?? (side === 'front' ? item.prefix : item.suffix);
    const crossed = side === 'front' ? cross(found, next) : cross(next, found);
    if (crossed === undefined) break;
    found = crossed;
    if (item.exact === undefined) break;
  }
  return edge(found, side);
}

/** Runs of one byte set over consecutive items: from each item on, as long as the set stays small. */
function runs(items: readonly Facts[]): Anchor[] {
  const out: Anchor[] = [];
  let before = NO_REACH;
  for (let first = 0; first < items.length; first++) {
    if (first > 0) before = follow(before, (items[first - 1] as Facts).reach);
    let set: ByteSet = NOTHING;
    let length = 0;
    for (let i = first; i < items.length && i < first + MOST_RUN_ITEMS; i++) {
      const item = items[i] as Facts;
      set = union(set, item.bytes);
      length += item.minBytes;
      const run = runAnchor(set, length, before);
      if (run !== undefined) out.push(run);
      if (shareOf(set) > 0.9) break;
    }
  }
  return out;
}

function cross(a: readonly Needle[], b: readonly Needle[]): readonly Needle[] | undefined {
  if (a.length * b.length > MAX_NEEDLES) return undefined;
  const out: Needle[] = [];
  for (const left of a) {
    for (const right of b) {
      if (left.length + right.length > MAX_NEEDLE_BYTES) return undefined;
      out.push([...left, ...right]);
    }
  }
  return mergeNeedles(out);
}

/** Needles that differ in one byte only become one with a wider set. */
function mergeNeedles(needles: readonly Needle[]): readonly Needle[] {
  const byKey = new Map<string, Needle>();
  for (const needle of needles) byKey.set(needle.map(idOf).join(), needle);
  const merged: Needle[] = [];
  for (const needle of byKey.values()) {
    let done = false;
    for (let i = 0; i < merged.length && !done; i++) {
      const other = merged[i] as Needle;
      if (other.length !== needle.length || needle.length === 0) continue;
      const different: number[] = [];
      for (let at = 0; at < needle.length && different.length < 2; at++) {
        if (other[at] !== needle[at]) different.push(at);
      }
      const at = different[0] as number;
      if (different.length === 1 && !isContext(other[at] as ByteSet) && !isContext(needle[at] as ByteSet)) {
        merged[i] = other.map((set, n) => (n === at ? union(set, needle[n] as ByteSet) : set));
        done = true;
      }
    }
    if (!done) merged.push(needle);
  }
  return merged;
}

function alternation(items: readonly Facts[]): Facts {
  let bytes: ByteSet = NOTHING;
  let minBytes = Number.MAX_SAFE_INTEGER;
  const exact: Needle[] = [];
  const fronts: Needle[] = [];
  const backs: Needle[] = [];
  let isExact = true;
  let required: Needle[] | undefined = [];
  let requiredBefore = NO_REACH;
  let reach: Reach | undefined;
  /** Undefined before the first branch. */
  let gates: readonly Gate[] | undefined;
  let gate: Gate | undefined | 'any' = 'any';
  for (const item of items) {
    // A branch that can't match at all requires nothing of the others.
    if (item.exact?.length === 0) continue;
    bytes = union(bytes, item.bytes);
    minBytes = Math.min(minBytes, item.minBytes);
    if (item.exact === undefined) isExact = false;
    else exact.push(...item.exact);
    fronts.push(...item.prefix);
    backs.push(...item.suffix);
    reach = reach === undefined ? item.reach : either(reach, item.reach);
    gates = gates === undefined ? item.gates : common(gates, item.gates);
    const whole = item.exact === undefined ? undefined : needleAnchor(item.exact, NO_REACH, undefined);
    const anchor = better(item.best, whole);
    if (anchor === undefined || anchor.kind === 'run') required = undefined;
    else {
      required?.push(...anchor.needles);
      requiredBefore = either(requiredBefore, anchor.reach);
      gate = gate === 'any' ? anchor.gate : eitherGate(gate, anchor.gate);
    }
  }
  if (minBytes === Number.MAX_SAFE_INTEGER) return IMPOSSIBLE;
  const few =
    required === undefined || required.length > MAX_REQUIRED_NEEDLES ? undefined : mergeNeedles(required);
  const best = better(
    few === undefined ? undefined : needleAnchor(few, requiredBefore, gate === 'any' ? undefined : gate),
    runAnchor(bytes, minBytes, NO_REACH),
  );
  const all = isExact ? mergeNeedles(exact) : exact;
  return {
    exact: isExact && all.length <= MAX_NEEDLES ? all : undefined,
    prefix: edge(fronts, 'front'),
    suffix: edge(backs, 'back'),
    best,
    bytes,
    minBytes,
    reach: reach ?? NO_REACH,
    gates: soonest([...(gates ?? []), ...gatesOfRun(bytes, minBytes).map((id) => ({ id, reach: NO_REACH }))]),
  };
}

/** Runs that both hold. */
function common(a: readonly Gate[], b: readonly Gate[]): Gate[] {
  return a.flatMap(
    (gate) =>
      eitherGate(
        gate,
        b.find(({ id }) => id === gate.id),
      ) ?? [],
  );
}

function eitherGate(a: Gate | undefined, b: Gate | undefined): Gate | undefined {
  return a === undefined || b === undefined || a.id !== b.id
    ? undefined
    : { id: a.id, reach: either(a.reach, b.reach) };
}

/** What is required inside of a run may be looked for around such runs only. */
function gatedBy(anchor: Anchor | undefined, gates: readonly Gate[]): Anchor | undefined {
  if (anchor?.kind !== 'needles' || anchor.gate !== undefined || gates.length === 0) return anchor;
  const gate = rarest(gates);
  return gate === undefined ? anchor : { ...anchor, gate: { id: gate.id, reach: NO_REACH } };
}

function repetition(item: Facts, min: number, max: number): Facts {
  if (max === 0) return EMPTY_FACTS;
  const minBytes = Math.min(item.minBytes * min, 1 << 20);
  const reach = max < 0 ? unlimited(item.bytes) : times(item.reach, max);
  const runsOfAll = gatesOfRun(item.bytes, minBytes).map((id) => ({ id, reach: NO_REACH }));
  const few = fewCopies(item, min, max);
  if (few !== undefined) {
    return {
      exact: few,
      prefix: edge(few, 'front'),
      suffix: edge(few, 'back'),
      best: gatedBy(needleAnchor(few, NO_REACH, undefined), min === 0 ? [] : runsOfAll),
      bytes: item.bytes,
      minBytes,
      reach,
      gates: min === 0 ? [] : soonest([...item.gates, ...runsOfAll]),
    };
  }
  if (min === 0) {
    return {
      exact: undefined,
      prefix: UNKNOWN_EDGE,
      suffix: UNKNOWN_EDGE,
      best: undefined,
      bytes: item.bytes,
      minBytes: 0,
      reach,
      gates: [],
    };
  }
  // One after the other as often as the copies matter; whatever may follow ends the exact part.
  const copies = Math.min(min, MAX_NEEDLE_BYTES);
  const parts: Facts[] = new Array<Facts>(copies).fill(item);
  const more = max !== min || copies < min;
  if (more) {
    const optional = { exact: undefined, prefix: UNKNOWN_EDGE, best: undefined, minBytes: 0, gates: [] };
    parts.push({ ...item, ...optional });
  }
  const joined = concatenation(parts);
  const best = better(gatedBy(joined.best, runsOfAll), runAnchor(item.bytes, minBytes, NO_REACH));
  const gates = soonest([...joined.gates, ...runsOfAll]);
  return { ...joined, suffix: more ? item.suffix : joined.suffix, best, minBytes, reach, gates };
}

/** All of item{min,max} written down, if that stays short. */
function fewCopies(item: Facts, min: number, max: number): readonly Needle[] | undefined {
  if (max < 0 || max > 4 || max === min || item.exact === undefined) return undefined;
  let copies: readonly Needle[] | undefined = [[]];
  const all: Needle[] = min === 0 ? [[]] : [];
  for (let n = 1; n <= max; n++) {
    copies = cross(copies, item.exact);
    if (copies === undefined) return undefined;
    if (n >= min) all.push(...copies);
    if (all.length > 6) return undefined;
  }
  return mergeNeedles(all);
}
