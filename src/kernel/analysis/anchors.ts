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
import { idOf, sequenceChance, shared, shareOf, union } from './sets.ts';

/** A sequence of byte sets, one for each byte. */
export type Needle = readonly ByteSet[];

export type Anchor =
  | {
      readonly kind: 'needles';
      readonly needles: readonly Needle[];
      readonly chance: number;
      /** Share of places where the SIMD pass has to stop for it. */
      readonly stops: number;
      /** The occurrence begins at most so many bytes after the match does; Infinity when there is no limit. */
      readonly maxBefore: number;
    }
  | {
      readonly kind: 'run';
      readonly set: ByteSet;
      readonly minLength: number;
      readonly chance: number;
      readonly maxBefore: number;
    };

/** More alternatives than this are not worth their cost in buckets. */
const MAX_NEEDLES = 24;
/** Of the branches of one alternation together: a list of a hundred names is still far better than no anchor. */
const MAX_REQUIRED_NEEDLES = 512;
/** Edges are kept this short and this few, sets widened as needed: they only bridge two exact parts. */
const EDGE_BYTES = 3;
const LONG_EDGE_BYTES = 8;
const MAX_EDGES = 3;
/** What a stop of the SIMD pass costs beside a candidate line. */
const STOP_COST = 0.2;
/** Longer ones verify no better. */
const MAX_NEEDLE_BYTES = 12;
/** Anchors more common than this (share of places) would make nearly every line a candidate. */
const WORST_CHANCE = 0.05;
/** A run of this length is sure to cover an aligned group of 4 bytes; see assembly/scan.ts. */
export const MIN_RUN = 7;

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
  /** Infinity when there is no limit. */
  readonly maxBytes: number;
}

const NOTHING: ByteSet = shared(new Uint8Array(256));
const UNKNOWN_EDGE: readonly Needle[] = [[]];
const EMPTY_FACTS: Facts = {
  exact: [[]],
  prefix: UNKNOWN_EDGE,
  suffix: UNKNOWN_EDGE,
  best: undefined,
  bytes: NOTHING,
  minBytes: 0,
  maxBytes: 0,
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
    maxBytes: Math.max(...needles.map((n) => n.length)),
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
    maxBytes: Math.max(...needles.map((n) => n.length)),
  };
}

/** A requirement made of complete needles that begin at most `maxBefore` bytes in, if it requires anything. */
function needleAnchor(all: readonly Needle[], before: number): Anchor | undefined {
  if (all.length === 0 || all.some((needle) => needle.length === 0)) return undefined;
  const { needles, shift } = withoutCovered(all);
  const maxBefore = before + shift;
  let chance = 0;
  let stops = 0;
  for (const needle of needles) {
    chance += sequenceChance(needle);
    stops += windowChance(needle);
  }
  return { kind: 'needles', needles, chance, stops, maxBefore };
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

/** The chance of a run, with a floor: what runs in one place runs in others. */
function runAnchor(set: ByteSet, minLength: number, maxBefore: number): Anchor | undefined {
  if (minLength < MIN_RUN) return undefined;
  const share = shareOf(set);
  const most = minLength >= 31 ? 0.9 : minLength >= 15 ? 0.75 : 0.6;
  // A run must not go over a line end: blocks hold many lines.
  if (share > most || set[0x0a] === 1 || (set[0x20] === 1 && minLength < 31)) return undefined;
  // Longer runs get rarer fast, whatever they are made of.
  const chance = share * Math.exp(-0.25 * (Math.min(minLength, 60) - 5));
  return { kind: 'run', set, minLength, chance, maxBefore };
}

/** The rarer of two requirements; few needles win over many at a like chance, since buckets are shared by all rules. */
function better(a: Anchor | undefined, b: Anchor | undefined): Anchor | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return cost(a) <= cost(b) ? a : b;
}

function cost(anchor: Anchor): number {
  if (anchor.kind === 'run') return anchor.chance + 2e-4;
  return anchor.chance + STOP_COST * anchor.stops + 2e-6 * anchor.needles.length;
}

function concatenation(items: readonly Facts[]): Facts {
  let best: Anchor | undefined;
  let current: readonly Needle[] = [[]];
  /** `current` begins at most so far into the match. */
  let currentBefore = 0;
  let whole = true;
  let bytes = NOTHING;
  let minBytes = 0;
  let maxBytes = 0;
  for (const item of items) {
    bytes = union(bytes, item.bytes);
    minBytes += item.minBytes;
    if (item.best !== undefined)
      best = better(best, { ...item.best, maxBefore: item.best.maxBefore + maxBytes });
    if (item.exact?.length === 0) return IMPOSSIBLE;
    const crossed = item.exact === undefined ? undefined : cross(current, item.exact);
    if (crossed !== undefined) {
      current = crossed;
      maxBytes += item.maxBytes;
      continue;
    }
    // Not to be written down, or too many or too long: what was collected is one requirement, what lies around the
    // border another, and this item begins the next.
    whole = false;
    const bridge = cross(current, item.prefix);
    if (bridge !== undefined) best = better(best, needleAnchor(bridge, currentBefore));
    else {
      const short = cross(edge(current, 'back'), item.prefix);
      if (short !== undefined) best = better(best, needleAnchor(short, maxBytes));
    }
    best = better(best, needleAnchor(current, currentBefore));
    if (item.exact !== undefined && item.exact.length <= MAX_NEEDLES / 2) {
      current = item.exact;
      currentBefore = maxBytes;
      maxBytes += item.maxBytes;
    } else {
      current = item.suffix;
      maxBytes += item.maxBytes;
      currentBefore = maxBytes;
    }
  }
  best = better(best, needleAnchor(current, currentBefore));
  for (const run of runs(items)) best = better(best, run);
  return {
    exact: whole ? current : undefined,
    prefix: whole ? edge(current, 'front') : outerEdge(items, 'front'),
    suffix: whole ? edge(current, 'back') : outerEdge(items, 'back'),
    best,
    bytes,
    minBytes,
    maxBytes,
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
  let before = 0;
  for (let first = 0; first < items.length; first++) {
    if (first > 0) before += (items[first - 1] as Facts).maxBytes;
    let set: ByteSet = NOTHING;
    let length = 0;
    for (let i = first; i < items.length && i < first + 24; i++) {
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
  let requiredBefore = 0;
  let maxBytes = 0;
  for (const item of items) {
    // A branch that can't match at all requires nothing of the others.
    if (item.exact?.length === 0) continue;
    bytes = union(bytes, item.bytes);
    minBytes = Math.min(minBytes, item.minBytes);
    if (item.exact === undefined) isExact = false;
    else exact.push(...item.exact);
    fronts.push(...item.prefix);
    backs.push(...item.suffix);
    maxBytes = Math.max(maxBytes, item.maxBytes);
    const anchor = better(item.best, item.exact === undefined ? undefined : needleAnchor(item.exact, 0));
    if (anchor === undefined || anchor.kind === 'run') required = undefined;
    else {
      required?.push(...anchor.needles);
      requiredBefore = Math.max(requiredBefore, anchor.maxBefore);
    }
  }
  if (minBytes === Number.MAX_SAFE_INTEGER) return IMPOSSIBLE;
  const few =
    required === undefined || required.length > MAX_REQUIRED_NEEDLES ? undefined : mergeNeedles(required);
  const best = better(
    few === undefined ? undefined : needleAnchor(few, requiredBefore),
    runAnchor(bytes, minBytes, 0),
  );
  const all = isExact ? mergeNeedles(exact) : exact;
  return {
    exact: isExact && all.length <= MAX_NEEDLES ? all : undefined,
    prefix: edge(fronts, 'front'),
    suffix: edge(backs, 'back'),
    best,
    bytes,
    minBytes,
    maxBytes,
  };
}

function repetition(item: Facts, min: number, max: number): Facts {
  if (max === 0) return EMPTY_FACTS;
  const minBytes = Math.min(item.minBytes * min, 1 << 20);
  const maxBytes = item.maxBytes === 0 ? 0 : max < 0 ? Infinity : item.maxBytes * max;
  const few = fewCopies(item, min, max);
  if (few !== undefined) {
    return {
      exact: few,
      prefix: edge(few, 'front'),
      suffix: edge(few, 'back'),
      best: needleAnchor(few, 0),
      bytes: item.bytes,
      minBytes,
      maxBytes,
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
      maxBytes,
    };
  }
  // One after the other as often as the copies matter; whatever may follow ends the exact part.
  const copies = Math.min(min, MAX_NEEDLE_BYTES);
  const parts: Facts[] = new Array<Facts>(copies).fill(item);
  const more = max !== min || copies < min;
  if (more) parts.push({ ...item, exact: undefined, prefix: UNKNOWN_EDGE, best: undefined, minBytes: 0 });
  const joined = concatenation(parts);
  const best = better(joined.best, runAnchor(item.bytes, minBytes, 0));
  return { ...joined, suffix: more ? item.suffix : joined.suffix, best, minBytes, maxBytes };
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
