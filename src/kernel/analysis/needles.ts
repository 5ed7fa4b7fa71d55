/** Needles: short sequences of byte sets, of which a pattern's every match holds one. How they are joined, merged and cut. */
import type { ByteSet } from '../program/program.ts';
import { isContext } from './context.ts';
import { idOf, shareOf, union } from './sets.ts';

/** A sequence of byte sets, one for each byte. */
export type Needle = readonly ByteSet[];

/** More alternatives than this are not worth their cost in buckets. */
export const MAX_NEEDLES = 24;
/** Edges are kept this short and this few, sets widened as needed: they only bridge two exact parts. */
const EDGE_BYTES = 3;
const LONG_EDGE_BYTES = 8;
const MAX_EDGES = 3;
/** Longer ones verify no better. */
export const MAX_NEEDLE_BYTES = 12;
export const UNKNOWN_EDGE: readonly Needle[] = [[]];

/** What all of the needles begin (end) with, cut to one short length and merged to a few. */
export function edge(needles: readonly Needle[], side: 'front' | 'back'): readonly Needle[] {
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

export function cross(a: readonly Needle[], b: readonly Needle[]): readonly Needle[] | undefined {
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
export function mergeNeedles(needles: readonly Needle[]): readonly Needle[] {
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

/**
 * Leaves out needles that hold another one: where they stand the other does too.
 * @returns the rest, and how much further in those may now stand
 */
export function withoutCovered(all: readonly Needle[]): { needles: readonly Needle[]; shift: number } {
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
