/**
 * Lays out a set of needles for the SIMD pass (assembly/anchors.ts): the hash of spellings, nibble
 * tables and automaton of windows, and each needle with its byte sets and the groups it stands for.
 */

import { AFTER, BEFORE } from '../analysis/context.ts';
import type { Needle } from '../analysis/needles.ts';
import type { KernelMemory } from '../memory.ts';
import type { ByteSet } from '../program/program.ts';
import { writeAutomaton } from './automaton.ts';
import {
  type Bucket,
  chooseSpelling,
  chooseWindow,
  fillBuckets,
  type Spelling,
  WINDOW_BYTES,
  type Window,
} from './windows.ts';

/** A needle and the groups of patterns it is an anchor of. */
export interface NeedleUse {
  readonly needle: Needle;
  readonly groups: readonly number[];
}

export interface NeedleSet {
  /** Of its fields; see assembly/anchors.ts. */
  readonly address: number;
  /** Estimated share of places the nibble tables let through. */
  readonly chance: number;
}

const FIELDS = 8;
const HASH_BITS = 15;
const HASH_FACTOR = 0x9e3779b1;
const ENTRY_WORDS = 4;
const NEEDLE_RECORD_BYTES = 32;
/** Of three groups. */
const BUCKETS = 24;
const GROUP_BUCKETS = 8;
const GROUP_TABLE_BYTES = 2 * 16 * WINDOW_BYTES;

/** How a needle is found: by a spelling or by a window. */
type Found =
  | { readonly kind: 'spelled'; readonly spelling: Spelling }
  | { readonly kind: 'window'; readonly window: Window };

/** @param lists the groups of all needles of all sets, appended to */
export function writeNeedleSet(
  memory: KernelMemory,
  needles: readonly NeedleUse[],
  lists: number[],
): NeedleSet {
  const found = findNeedles(needles);
  const byWindow = [...found.keys()].filter((id) => found[id]?.kind === 'window');
  const windows = found.map((one) => (one.kind === 'window' ? one.window : undefined));
  const buckets = fillBuckets(windows, byWindow, BUCKETS);
  const { table, heads, entries, chance } = writeHash(memory, found);
  const automaton = writeAutomaton(
    memory,
    needles.map(({ needle }, id) => needle.slice(windows[id]?.offset ?? 0)),
    byWindow,
  );
  const records = writeNeedles(memory, needles, found, lists, automaton.isSure);
  const address = memory.allocate(FIELDS * 4);
  const groups = Math.ceil(buckets.length / GROUP_BUCKETS);
  const fields = [writeTables(memory, buckets), table, heads, entries, records, automaton.address, groups];
  fields.push(found.length - byWindow.length);
  memory.words.set(fields, address >> 2);
  return { address, chance: buckets.reduce((sum, bucket) => sum + bucket.chance, chance) };
}

/** Needles with few ways to be spelled first: what the others share with them costs nothing more. */
function findNeedles(needles: readonly NeedleUse[]): Found[] {
  const inUse = new Set<number>();
  const found = new Array<Found>(needles.length);
  const inAscii = ({ needle }: NeedleUse): number =>
    needle.some((set) => set.indexOf(1, 0x80) >= 0) ? 1 : 0;
  const order = [...needles.keys()].sort(
    (a, b) => inAscii(needles[a] as NeedleUse) - inAscii(needles[b] as NeedleUse) || a - b,
  );
  for (const id of order) {
    const { needle } = needles[id] as NeedleUse;
    const spelling = chooseSpelling(needle, inUse);
    for (const key of spelling?.keys ?? []) inUse.add(key);
    found[id] =
      spelling === undefined
        ? { kind: 'window', window: chooseWindow(needle) }
        : { kind: 'spelled', spelling };
  }
  return found;
}

function writeTables(memory: KernelMemory, buckets: readonly Bucket[]): number {
  const tables = memory.allocate((BUCKETS / GROUP_BUCKETS) * GROUP_TABLE_BYTES);
  for (const [id, bucket] of buckets.entries()) {
    const bit = 1 << (id % GROUP_BUCKETS);
    for (let at = 0; at < WINDOW_BYTES; at++) {
      const low = tables + Math.floor(id / GROUP_BUCKETS) * GROUP_TABLE_BYTES + at * 32;
      for (let nibble = 0; nibble < 16; nibble++) {
        if ((((bucket.low[at] as number) >> nibble) & 1) === 1) orByte(memory, low + nibble, bit);
        if ((((bucket.high[at] as number) >> nibble) & 1) === 1) orByte(memory, low + 16 + nibble, bit);
      }
    }
  }
  return tables;
}

function writeHash(
  memory: KernelMemory,
  found: readonly Found[],
): Record<'table' | 'heads' | 'entries' | 'chance', number> {
  const table = memory.allocate(1 << HASH_BITS);
  const heads = memory.allocate(2 << HASH_BITS);
  const count = found.reduce((sum, one) => sum + (one.kind === 'spelled' ? one.spelling.keys.length : 0), 0);
  if (count >= 65_535) throw new Error('too many anchor spellings');
  // Entry 0 ends a chain.
  const entries = memory.allocate((count + 1) * ENTRY_WORDS * 4);
  const head16 = new Uint16Array(memory.bytes.buffer, heads, 1 << HASH_BITS);
  let next = 1;
  let used = 0;
  const chances = new Map<number, number>();
  for (const [needle, one] of found.entries()) {
    if (one.kind !== 'spelled') continue;
    for (const key of one.spelling.keys) {
      const slot = Math.imul(key, HASH_FACTOR) >>> (32 - HASH_BITS);
      const tag = 1 << ((Math.imul(key, HASH_FACTOR) >>> (29 - HASH_BITS)) & 7);
      if (((memory.bytes[table + slot] as number) & tag) === 0) used += 1;
      orByte(memory, table + slot, tag);
      const entry = [key | 0, needle, one.spelling.offset, head16[slot] as number];
      memory.words.set(entry, (entries >> 2) + next * ENTRY_WORDS);
      head16[slot] = next;
      next += 1;
      chances.set(key, one.spelling.chance / one.spelling.keys.length);
    }
  }
  const chance = [...chances.values()].reduce((sum, share) => sum + share, used / (8 << HASH_BITS));
  return { table, heads, entries, chance };
}

function writeNeedles(
  memory: KernelMemory,
  needles: readonly NeedleUse[],
  found: readonly Found[],
  lists: number[],
  isSure: (id: number) => boolean,
): number {
  const records = memory.allocate(Math.max(4, needles.length * NEEDLE_RECORD_BYTES));
  for (const [id, { needle, groups }] of needles.entries()) {
    const bitmaps = memory.allocate(needle.length * 32);
    for (const [i, set] of needle.entries()) writeBitmap(memory, bitmaps + i * 32, set);
    const one = found[id] as Found;
    const offset = one.kind === 'window' ? one.window.offset : 0;
    const record = [
      needle.length,
      offset,
      bitmaps,
      lists.length,
      groups.length,
      needle[0] === BEFORE ? 1 : 0,
      needle.at(-1) === AFTER ? 1 : 0,
      one.kind === 'window' && offset === 0 && isSure(id) ? 1 : 0,
    ];
    memory.words.set(record, (records + id * NEEDLE_RECORD_BYTES) >> 2);
    lists.push(...groups);
  }
  return records;
}

export function writeBitmap(memory: KernelMemory, address: number, set: ByteSet): void {
  for (let byte = 0; byte < 256; byte++)
    if (set[byte] === 1) orByte(memory, address + (byte >> 3), 1 << (byte & 7));
}

export function orByte(memory: KernelMemory, address: number, bits: number): void {
  memory.bytes[address] = (memory.bytes[address] as number) | bits;
}
