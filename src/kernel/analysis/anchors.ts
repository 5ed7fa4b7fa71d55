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
import { AFTER, BEFORE } from './context.ts';
import { type Gate, gatesOfRun } from './gates.ts';
import { common, eitherGate, gateFrom, gatesAlong, MOST_RUN_ITEMS, type Piece, soonest } from './gating.ts';
import {
  cross,
  edge,
  MAX_NEEDLE_BYTES,
  MAX_NEEDLES,
  mergeNeedles,
  type Needle,
  UNKNOWN_EDGE,
} from './needles.ts';
import { bytesOf, either, follow, NO_REACH, NOTHING, type Reach, times, unlimited } from './reach.ts';
import { type Anchor, better, gatedBy, inside, needleAnchor, runAnchor } from './requirement.ts';
import { shared, shareOf, union } from './sets.ts';

/** Of the branches of one alternation together: a list of a thousand names is still far better than no anchor. */
const MAX_REQUIRED_NEEDLES = 8192;
/** Anchors more common than this (share of places) would make nearly every line a candidate. */
const WORST_CHANCE = 0.05;

interface Facts extends Piece {
  /** All that the node can match, as needles; undefined when that is too much to write down. */
  readonly exact: readonly Needle[] | undefined;
  /** Every match begins with one of these, and ends with one of those; [[]] when nothing is known. */
  readonly prefix: readonly Needle[];
  readonly suffix: readonly Needle[];
  /** The best requirement found inside the node. */
  readonly best: Anchor | undefined;
}

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
