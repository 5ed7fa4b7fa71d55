/** Lays out the classes of runs for the SIMD pass (assembly/anchors.ts): class bits by nibble, and what each run means. */

import { BYTE_SHARE } from '../analysis/frequency.ts';
import type { RunClass } from '../analysis/gates.ts';
import { NO_REACH, type Reach } from '../analysis/reach.ts';
import { runChance } from '../analysis/sets.ts';
import type { KernelMemory } from '../memory.ts';
import type { ByteSet } from '../program/program.ts';
import { orByte, writeBitmap } from './needleSet.ts';

/** What a run of a class stands for. */
export interface RunUse extends RunClass {
  /** Groups whose matches hold such a run, with the length they need. */
  readonly groups: readonly { readonly group: number; readonly minLength: number }[];
  /** Needles that are looked for around the run, and how far before it. */
  readonly gated: { readonly set: number; readonly reach: Reach } | undefined;
}

export const MAX_RUN_CLASSES = 8;
/** Longer runs are found by their first bytes and measured afterwards. */
export const MAX_RUN_SEARCHED = 32;
const MAX_ATOMS = 8;
const RECORD_BYTES = 80;
const SHIFTS = 5;
/** Share of places at which a group may begin: looking at one costs some ten times what telling bit by bit costs. */
const MOST_LANES = 0.01;

/** @returns addresses for the scan's descriptor */
export function writeRuns(
  memory: KernelMemory,
  uses: readonly RunUse[],
): { tables: number; records: number; groups: number } {
  const tables = memory.allocate(32);
  const records = memory.allocate(Math.max(1, uses.length) * RECORD_BYTES);
  const atoms = atomsOf(uses);
  for (const [bit, { low, high }] of atoms.entries()) {
    for (let nibble = 0; nibble < 16; nibble++) {
      if (((low >> nibble) & 1) === 1) orByte(memory, tables + nibble, 1 << bit);
      if (((high >> nibble) & 1) === 1) orByte(memory, tables + 16 + nibble, 1 << bit);
    }
  }
  const list: number[] = [];
  for (const [id, { set, minLength, groups, gated }] of uses.entries()) {
    const record = records + id * RECORD_BYTES;
    const mask = atoms.reduce((bits, { classes }, bit) => bits | (((classes >> id) & 1) << bit), 0);
    memory.bytes.fill(mask, record, record + 16);
    memory.words.set(shiftsFor(minLength), (record + 16) >> 2);
    const bitmap = memory.allocate(32);
    writeBitmap(memory, bitmap, set);
    const reachSet = memory.allocate(32);
    const { bytes, set: bytesBefore } = gated?.reach ?? NO_REACH;
    writeBitmap(memory, reachSet, bytesBefore);
    const fields = [minLength, bitmap, 0, 0, list.length / 2, groups.length, bytes, reachSet];
    fields.push(gated?.set ?? 0, lanesFor(set, minLength));
    memory.words.set(fields, (record + 36) >> 2);
    for (const use of groups) list.push(use.group, use.minLength);
  }
  const groups = memory.allocate(Math.max(4, list.length * 4));
  memory.words.set(list, groups >> 2);
  return { tables, records, groups };
}

/**
 * The aligned group of bytes that every run of the class covers, where few other places do: 4, 8 or 16 bytes; 0 when runs
 * are better found bit by bit.
 */
function lanesFor(set: ByteSet, minLength: number): number {
  const lanes = minLength >= 31 ? 16 : minLength >= 15 ? 8 : minLength >= 7 ? 4 : 0;
  return lanes !== 0 && runChance(set, lanes) < MOST_LANES ? lanes : 0;
}

/** Shifts after which a bit stays only where `length` ones follow. */
function shiftsFor(length: number): number[] {
  const shifts: number[] = [];
  for (let have = 1; have < length; ) {
    const shift = Math.min(have, length - have);
    shifts.push(shift);
    have += shift;
  }
  while (shifts.length < SHIFTS) shifts.push(0);
  return shifts;
}

/** Bytes whose low and high nibble are both admitted, and the classes (bits) they are taken for. */
interface Atom {
  readonly low: number;
  readonly high: number;
  readonly classes: number;
}

/**
 * Splits the classes into at most eight products of nibbles. Where they need more, products are merged: then a class
 * takes some bytes for its own that are not, which costs a look but no match.
 */
function atomsOf(uses: readonly RunClass[]): Atom[] {
  const atoms: Atom[] = [];
  const signatures = new Map<number, number[]>();
  for (let byte = 0; byte < 256; byte++) {
    const signature = uses.reduce((bits, { set }, id) => bits | ((set[byte] as number) << id), 0);
    if (signature === 0) continue;
    const rows = signatures.get(signature) ?? new Array<number>(16).fill(0);
    rows[byte >> 4] = (rows[byte >> 4] as number) | (1 << (byte & 15));
    signatures.set(signature, rows);
  }
  for (const [classes, rows] of signatures) {
    const byLow = new Map<number, number>();
    for (const [high, low] of rows.entries())
      if (low !== 0) byLow.set(low, (byLow.get(low) ?? 0) | (1 << high));
    for (const [low, high] of byLow) atoms.push({ low, high, classes });
  }
  while (atoms.length > MAX_ATOMS) {
    let best: [number, number] = [0, 1];
    let least = Number.POSITIVE_INFINITY;
    for (let a = 0; a < atoms.length; a++) {
      for (let b = a + 1; b < atoms.length; b++) {
        const harm = harmOf(merged(atoms[a] as Atom, atoms[b] as Atom), uses);
        if (harm >= least) continue;
        least = harm;
        best = [a, b];
      }
    }
    const [a, b] = best;
    atoms[a] = merged(atoms[a] as Atom, atoms[b] as Atom);
    atoms.splice(b, 1);
  }
  return atoms;
}

function merged(a: Atom, b: Atom): Atom {
  return { low: a.low | b.low, high: a.high | b.high, classes: a.classes | b.classes };
}

/** Share of bytes that classes would wrongly take for their own. */
function harmOf(atom: Atom, uses: readonly RunClass[]): number {
  let harm = 0;
  for (let byte = 0; byte < 256; byte++) {
    if (((atom.low >> (byte & 15)) & 1) === 0 || ((atom.high >> (byte >> 4)) & 1) === 0) continue;
    for (const [id, { set }] of uses.entries()) {
      if (((atom.classes >> id) & 1) === 1 && set[byte] === 0) harm += (BYTE_SHARE[byte] as number) + 1e-9;
    }
  }
  return harm;
}
