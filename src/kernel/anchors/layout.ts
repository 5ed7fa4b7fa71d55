/**
 * Lays out in the kernel's memory what its one pass over a block needs (assembly/scan.ts): nibble tables, the hash of
 * window spellings, needles with their byte sets, patterns of each needle, run classes, the list of candidates.
 *
 * Invariants: every pattern given with an anchor is reported for each place where its anchor stands (its window's first
 * byte, or the run's), and for no place at or beyond the block's end; the list has room for all candidates of one step
 * beyond its limit.
 */
import { type Anchor, MIN_RUN, type Needle } from '../analysis/anchors.ts';
import { AFTER, BEFORE } from '../analysis/context.ts';
import { idOf } from '../analysis/sets.ts';
import type { KernelMemory } from '../memory.ts';
import { isWordByte } from '../program/context.ts';
import type { ByteSet } from '../program/program.ts';
import { writeAutomaton } from './automaton.ts';
import { type Bucket, chooseWindow, fillBuckets, WINDOW_BYTES, type Window } from './windows.ts';

/** Byte offsets of the descriptor's fields, the same as in assembly/scan.ts. */
const FIELD = {
  tables: 0,
  exactBuckets: 4,
  heads: 8,
  entries: 12,
  needles: 16,
  patterns: 20,
  automaton: 24,
  bloom: 28,
  out: 32,
  limit: 36,
  runTables: 40,
  runMasks: 44,
  runs: 48,
  scratch: 52,
  groups: 56,
  hasRuns: 60,
  boundaryBuckets: 64,
  wordTables: 68,
} as const;

const DESCRIPTOR_BYTES = 128;
const HASH_BITS = 13;
const BLOOM_BITS = 16;
const NEEDLE_RECORD_BYTES = 32;
const HASH_FACTOR = 0x9e3779b1;
const GROUP_TABLE_BYTES = 2 * 16 * WINDOW_BYTES;
const MAX_RUN_CLASSES = 8;
const MAX_GROUPS = 4;
/** What one more group of buckets costs at each place, as a share of what a stop costs (0.15 ns to 19 ns: a branch mispredicted). */
const GROUP_COST = 0.008;
/** Pairs (position, pattern) one call of the scan may collect, about. */
const CANDIDATES = 65_536;
const SINGLE_CANDIDATES = 1024;

/** A scan's own working memory: two scans in progress must not share one. */
interface ScanState {
  /** What scanSetup takes. */
  readonly descriptor: number;
  /** Address of the candidates: pairs of 32-bit words, position and pattern; by line ascending. */
  readonly candidates: number;
}

export interface AnchorLayout {
  /** For walking over a block while other texts are looked at in between. */
  readonly block: ScanState;
  /** For single texts. */
  readonly single: ScanState;
  /** By pattern, 1 when its candidates are runs, of which one may hold several matches. */
  readonly isRun: Uint8Array;
  /** By pattern: a match begins at most so many bytes before its candidate; Infinity when there is no limit. */
  readonly reach: Float64Array;
  /** Patterns that could not be laid out; they have to be searched on every line. */
  readonly left: readonly number[];
  /** Estimated share of places the nibble tables let through. */
  readonly chance: number;
}

/** @param anchors by pattern, undefined for patterns without one */
export function layOutAnchors(memory: KernelMemory, anchors: readonly (Anchor | undefined)[]): AnchorLayout {
  const reach = new Float64Array(anchors.length).fill(Number.POSITIVE_INFINITY);
  const needles = collectNeedles(anchors, reach);
  const runs = collectRuns(anchors, reach);
  const windows = needles.map(({ needle }) => chooseWindow(needle));
  for (const [id, { patterns }] of needles.entries()) {
    const { offset } = windows[id] as Window;
    for (const pattern of patterns) {
      const anchor = anchors[pattern] as Anchor;
      const known = reach[pattern] as number;
      const far = anchor.maxBefore + offset;
      reach[pattern] = known === Number.POSITIVE_INFINITY ? far : Math.max(known, far);
    }
  }
  const { buckets, exact, boundary } = placeWindows(windows);
  const words = writeWordTables(memory);
  const patternList: number[] = [];
  const entries = writeHash(memory, windows);
  const compared = [...windows.keys()].filter((id) => (windows[id] as Window).keys.length === 0);
  const automaton = writeAutomaton(
    memory,
    needles.map(({ needle }, id) => needle.slice((windows[id] as Window).offset)),
    compared,
  );
  const needleRecords = writeNeedles(memory, needles, windows, patternList, automaton.isSure);
  const runTables = writeRuns(memory, runs.classes, patternList);
  const patterns = memory.allocate(Math.max(4, patternList.length * 4));
  memory.words.set(patternList, patterns >> 2);
  const tables = writeTables(memory, buckets);
  // One step looks at 16 windows and 4 groups of each run class; each may report every pattern once for each needle.
  const perStep =
    16 * needles.reduce((sum, { patterns: list }) => sum + list.length, 0) + 32 * patternList.length;
  const makeState = (limit: number): ScanState => {
    const descriptor = memory.allocate(DESCRIPTOR_BYTES);
    const candidates = memory.allocate((limit + perStep + 1) * 8);
    const records = memory.allocate(MAX_RUN_CLASSES * 16);
    memory.words.copyWithin(
      records >> 2,
      runTables.records >> 2,
      (runTables.records + MAX_RUN_CLASSES * 16) >> 2,
    );
    const scratch = memory.allocate(16);
    const values: Record<keyof typeof FIELD, number> = {
      tables,
      exactBuckets: exact,
      heads: entries.heads,
      entries: entries.entries,
      needles: needleRecords,
      patterns,
      automaton: automaton.address,
      bloom: entries.bloom,
      out: candidates,
      limit,
      runTables: runTables.tables,
      runMasks: runTables.masks,
      runs: records,
      scratch,
      groups: Math.max(1, Math.ceil(buckets.length / 8)),
      hasRuns: runs.classes.length > 0 ? 1 : 0,
      boundaryBuckets: boundary,
      wordTables: words,
    };
    for (const [name, offset] of Object.entries(FIELD)) {
      memory.words[(descriptor + offset) >> 2] = values[name as keyof typeof FIELD];
    }
    return { descriptor, candidates };
  };
  const isRun = Uint8Array.from(anchors, (anchor) => (anchor?.kind === 'run' ? 1 : 0));
  const chance = buckets.reduce((sum, bucket) => sum + bucket.chance, 0);
  return {
    block: makeState(CANDIDATES),
    single: makeState(SINGLE_CANDIDATES),
    isRun,
    reach,
    left: runs.left,
    chance,
  };
}

interface NeedleUse {
  readonly needle: Needle;
  readonly patterns: number[];
}

function collectNeedles(anchors: readonly (Anchor | undefined)[], reach: Float64Array): NeedleUse[] {
  const byKey = new Map<string, NeedleUse>();
  for (const [pattern, anchor] of anchors.entries()) {
    if (anchor?.kind !== 'needles') continue;
    reach[pattern] = Number.POSITIVE_INFINITY;
    for (const needle of anchor.needles) {
      const key = needle.map(idOf).join();
      const use = byKey.get(key);
      if (use === undefined) byKey.set(key, { needle, patterns: [pattern] });
      else if (!use.patterns.includes(pattern)) use.patterns.push(pattern);
    }
  }
  return [...byKey.values()];
}

interface RunClass {
  readonly set: ByteSet;
  /** 4, 8 or 16: the aligned group every run of all its patterns covers. */
  readonly group: number;
  readonly uses: { readonly pattern: number; readonly minLength: number }[];
}

function collectRuns(
  anchors: readonly (Anchor | undefined)[],
  reach: Float64Array,
): { classes: RunClass[]; left: number[] } {
  const byKey = new Map<string, RunClass>();
  const left: number[] = [];
  for (const [pattern, anchor] of anchors.entries()) {
    if (anchor?.kind !== 'run') continue;
    const group = anchor.minLength >= 31 ? 16 : anchor.minLength >= 15 ? 8 : 4;
    if (anchor.minLength < MIN_RUN) throw new Error('run too short to be found');
    const key = `${group} ${idOf(anchor.set)}`;
    let found = byKey.get(key);
    if (found === undefined) {
      if (byKey.size === MAX_RUN_CLASSES) {
        left.push(pattern);
        continue;
      }
      found = { set: anchor.set, group, uses: [] };
      byKey.set(key, found);
    }
    found.uses.push({ pattern, minLength: anchor.minLength });
    reach[pattern] = anchor.maxBefore;
  }
  return { classes: [...byKey.values()], left };
}

/**
 * Buckets for all windows. Those looked up by spelling, those compared set by set, and of these those that want a
 * boundary before them, are kept apart; all that are compared lie in the first group of eight.
 */
function placeWindows(windows: readonly Window[]): { buckets: Bucket[]; exact: number; boundary: number } {
  const spelled: number[] = [];
  const bounded: number[] = [];
  const compared: number[] = [];
  for (const [id, window] of windows.entries()) {
    (window.keys.length > 0 ? spelled : window.boundary ? bounded : compared).push(id);
  }
  const most = spelled.length === 0 ? 8 : Math.min(8, compared.length + bounded.length);
  const forBounded = compared.length === 0 ? most : Math.max(1, most - Math.min(compared.length, most / 2));
  const boundedBuckets = fillBuckets(windows, bounded, forBounded);
  const comparedBuckets = fillBuckets(windows, compared, most - boundedBuckets.length);
  const others = boundedBuckets.length + comparedBuckets.length;
  // More groups cost the same everywhere, fewer cost stops.
  let spelledBuckets: Bucket[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const groups of [1, 2, MAX_GROUPS]) {
    if (spelled.length > 0 && groups * 8 === others) continue;
    const filled = fillBuckets(windows, spelled, groups * 8 - others);
    const cost = groups * GROUP_COST + filled.reduce((sum, { chance }) => sum + chance, 0);
    if (cost >= least) continue;
    least = cost;
    spelledBuckets = filled;
  }
  return {
    buckets: [...boundedBuckets, ...comparedBuckets, ...spelledBuckets],
    exact: spelledBuckets.reduce((mask, _, i) => mask | (1 << (others + i)), 0),
    boundary: (1 << boundedBuckets.length) - 1,
  };
}

/** Nibble tables that tell word bytes exactly: a bit of the low nibble's entry for each high nibble below 8. */
function writeWordTables(memory: KernelMemory): number {
  const tables = memory.allocate(32);
  for (let byte = 0; byte < 128; byte++)
    if (isWordByte(byte)) orByte(memory, tables + (byte & 15), 1 << (byte >> 4));
  for (let high = 0; high < 8; high++) orByte(memory, tables + 16 + high, 1 << high);
  return tables;
}

function writeTables(memory: KernelMemory, buckets: readonly Bucket[]): number {
  const tables = memory.allocate(MAX_GROUPS * GROUP_TABLE_BYTES);
  for (const [id, bucket] of buckets.entries()) {
    const bit = 1 << (id & 7);
    for (let at = 0; at < WINDOW_BYTES; at++) {
      const low = tables + (id >> 3) * GROUP_TABLE_BYTES + at * 32;
      for (let nibble = 0; nibble < 16; nibble++) {
        if ((((bucket.low[at] as number) >> nibble) & 1) === 1) orByte(memory, low + nibble, bit);
        if ((((bucket.high[at] as number) >> nibble) & 1) === 1) orByte(memory, low + 16 + nibble, bit);
      }
    }
  }
  return tables;
}

function orByte(memory: KernelMemory, address: number, bits: number): void {
  memory.bytes[address] = (memory.bytes[address] as number) | bits;
}

function writeHash(
  memory: KernelMemory,
  windows: readonly Window[],
): Record<'heads' | 'entries' | 'bloom', number> {
  const bloom = memory.allocate(1 << (BLOOM_BITS - 3));
  const heads = memory.allocate(2 << HASH_BITS);
  const count = windows.reduce((sum, { keys }) => sum + keys.length, 0);
  // Entry 0 ends a chain.
  const entries = memory.allocate((count + 1) * 12);
  if (count >= 65_536) throw new Error('too many anchor spellings');
  const head16 = new Uint16Array(memory.bytes.buffer, heads, 1 << HASH_BITS);
  let next = 1;
  for (const [needle, { keys }] of windows.entries()) {
    for (const key of keys) {
      const slot = Math.imul(key, HASH_FACTOR) >>> (32 - HASH_BITS);
      memory.words.set([key, needle, head16[slot] as number], (entries + next * 12) >> 2);
      head16[slot] = next;
      const bit = Math.imul(key, HASH_FACTOR) >>> (32 - BLOOM_BITS);
      orByte(memory, bloom + (bit >> 3), 1 << (bit & 7));
      next += 1;
    }
  }
  return { heads, entries, bloom };
}

function writeNeedles(
  memory: KernelMemory,
  needles: readonly NeedleUse[],
  windows: readonly Window[],
  patternList: number[],
  isSure: (id: number) => boolean,
): number {
  const records = memory.allocate(Math.max(4, needles.length * NEEDLE_RECORD_BYTES));
  for (const [id, { needle, patterns }] of needles.entries()) {
    const bitmaps = memory.allocate(needle.length * 32);
    for (const [i, set] of needle.entries()) writeBitmap(memory, bitmaps + i * 32, set);
    const record = [
      needle.length,
      (windows[id] as Window).offset,
      bitmaps,
      patternList.length,
      patterns.length,
      needle[0] === BEFORE ? 1 : 0,
      needle.at(-1) === AFTER ? 1 : 0,
      // Nothing stands before the window, or only the boundary the SIMD pass has seen.
      isSure(id) && ((windows[id] as Window).offset === 0 || (windows[id] as Window).boundary) ? 1 : 0,
    ];
    memory.words.set(record, (records + id * NEEDLE_RECORD_BYTES) >> 2);
    patternList.push(...patterns);
  }
  return records;
}

function writeBitmap(memory: KernelMemory, address: number, set: ByteSet): void {
  for (let byte = 0; byte < 256; byte++)
    if (set[byte] === 1) orByte(memory, address + (byte >> 3), 1 << (byte & 7));
}

function writeRuns(
  memory: KernelMemory,
  classes: readonly RunClass[],
  patternList: number[],
): { tables: number; masks: number; records: number } {
  const tables = memory.allocate(32);
  const masks = memory.allocate(48);
  const records = memory.allocate(MAX_RUN_CLASSES * 16);
  for (const [id, { set, group, uses }] of classes.entries()) {
    const bit = 1 << id;
    for (let byte = 0; byte < 256; byte++) {
      if (set[byte] !== 1) continue;
      orByte(memory, tables + (byte & 15), bit);
      orByte(memory, tables + 16 + (byte >> 4), bit);
    }
    const mask = masks + (group === 4 ? 0 : group === 8 ? 16 : 32);
    for (let i = 0; i < 16; i++) orByte(memory, mask + i, bit);
    const bitmap = memory.allocate(32);
    writeBitmap(memory, bitmap, set);
    memory.words.set([bitmap, 0, patternList.length, uses.length], (records + id * 16) >> 2);
    for (const { pattern, minLength } of uses) patternList.push(pattern, minLength);
  }
  return { tables, masks, records };
}
