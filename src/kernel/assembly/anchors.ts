/**
 * One pass over a block for the anchors of all patterns.
 *
 * Most needles hold four bytes that can be spelled out, letter case aside. At each place of the text the four bytes from
 * there on are hashed and looked up in a table of 32 kB; its cost does not depend on how many needles there are.
 * The others are looked for by windows of up to three byte classes with nibble tables as in Teddy (Hyperscan; Geoff
 * Langdale's description): for each of three positions one table gives, for a byte's low and high nibble, the set of
 * buckets the byte fits; the three sets together leave the buckets whose window ends at each byte. Either way a find is
 * only a stop: the needle is compared byte by byte before it is a candidate.
 *
 * Runs of at least N bytes of one class: a fourth table gives class bits; rare classes show by an aligned group of bytes
 * that are all of it, the others are gathered to one bit a byte, and shifting that word over itself leaves the places
 * where N ones follow. Most patterns are gated by a run:
 * each
 * class has tables of its own, which only the surroundings of its runs are searched with.
 *
 * Candidates are four words: address, group, first address no match that it stands for can begin at, unused. One step
 * finds them kind by kind and sorts them, so the lines they lie in never go back; inside a line a run is reported when it
 * ends.
 *
 * Reads up to 80 bytes past the end of the block (the host keeps that much room), never reports anything there.
 * The host lays out everything the descriptors point to; see src/kernel/anchors/ for the fields.
 */
import { findAfterLast, findByte } from './bytes';

/** Fields of the scan's descriptor. */
const OPEN_SET: i32 = 0;
const RUN_TABLES: i32 = 4;
const RUNS: i32 = 8;
const RUN_COUNT: i32 = 12;
const RUN_GROUPS: i32 = 16;
const LISTS: i32 = 20;

/** Fields of a set of needles. */
const TABLES: i32 = 0;
const HASH_TABLE: i32 = 4;
const HEADS: i32 = 8;
const ENTRIES: i32 = 12;
const NEEDLES: i32 = 16;
const AUTOMATON: i32 = 20;
const BUCKET_GROUPS: i32 = 24;
const SPELLINGS: i32 = 28;

/** Fields of a run class. */
const RUN_MASK: i32 = 0;
const RUN_SHIFTS: i32 = 16;
const RUN_LENGTH: i32 = 36;
const RUN_BITMAP: i32 = 40;
const RUN_CARRY: i32 = 44;
const RUN_DONE: i32 = 48;
const RUN_FIRST: i32 = 52;
const RUN_USES: i32 = 56;
const RUN_REACH: i32 = 60;
const RUN_REACH_SET: i32 = 64;
/** Needles that are looked for around the run, 0 for none. */
const RUN_SET: i32 = 68;
const RUN_LANES: i32 = 72;
const RUN_BYTES: i32 = 80;

/** Nibble tables of one group of eight buckets: three positions, low and high. */
const GROUP_BYTES: i32 = 96;
const HASH_BITS: i32 = 15;
const HASH_FACTOR: u32 = 0x9e3779b1;
/** Letters differ in this bit from their other case. */
const FOLD: u32 = 0x20202020;
const NEEDLE_BYTES: i32 = 32;
const CANDIDATE_BYTES: i32 = 16;
/** Needles are no longer, so windows begin no farther into them. */
const MOST_OFFSET: i32 = 12;
const NEWLINE: i32 = 10;

let descriptor: i32 = 0;
/** The set of needles in use. */
let set: i32 = 0;
let out: i32 = 0;
let count: i32 = 0;
/** Candidates there is room for. */
let capacity: i32 = 0;
/** Whether a candidate was left out for want of room. */
let isFull: bool = false;
let blockStart: i32 = 0;
let blockEnd: i32 = 0;

/** Candidates found by the last scanBlock. */
export function scanCount(): i32 {
  return count;
}

@inline
function emit(position: i32, group: i32, idleFrom: i32): void {
  if (count == capacity) {
    isFull = true;
    return;
  }
  const at = out + count * CANDIDATE_BYTES;
  store<i32>(at, position);
  store<i32>(at, group, 4);
  store<i32>(at, idleFrom, 8);
  count += 1;
}

/** More are sorted by a heap: a run as long as its line is told before all else in it, and insertion would be quadratic. */
const MOST_INSERTED: i32 = 32;

/** Sorts candidates at [first, end) by position. */
export function sortCandidates(first: i32, end: i32): void {
  const number = (end - first) / CANDIDATE_BYTES;
  if (number > MOST_INSERTED && !isSorted(first, end)) sortByHeap(first, number);
  else sortByInsertion(first, end);
}

function isSorted(first: i32, end: i32): bool {
  for (let at = first + CANDIDATE_BYTES; at < end; at += CANDIDATE_BYTES) {
    if (load<i32>(at - CANDIDATE_BYTES) > load<i32>(at)) return false;
  }
  return true;
}

function sortByInsertion(first: i32, end: i32): void {
  for (let at = first + CANDIDATE_BYTES; at < end; at += CANDIDATE_BYTES) {
    const place = load<i32>(at);
    if (load<i32>(at - CANDIDATE_BYTES) <= place) continue;
    const moved = v128.load(at);
    let to = at;
    while (to > first && load<i32>(to - CANDIDATE_BYTES) > place) {
      v128.store(to, v128.load(to - CANDIDATE_BYTES));
      to -= CANDIDATE_BYTES;
    }
    v128.store(to, moved);
  }
}

/** Heapsort (J. W. J. Williams, 1964): in place, n log n whatever the order. */
function sortByHeap(first: i32, number: i32): void {
  for (let root = number / 2 - 1; root >= 0; root--) siftDown(first, root, number);
  for (let last = number - 1; last > 0; last--) {
    const at = first + last * CANDIDATE_BYTES;
    const greatest = v128.load(first);
    v128.store(first, v128.load(at));
    v128.store(at, greatest);
    siftDown(first, 0, last);
  }
}

function siftDown(first: i32, root: i32, number: i32): void {
  const moved = v128.load(first + root * CANDIDATE_BYTES);
  const place = load<i32>(first + root * CANDIDATE_BYTES);
  let child = 2 * root + 1;
  while (child < number) {
    let at = first + child * CANDIDATE_BYTES;
    if (child + 1 < number && load<i32>(at + CANDIDATE_BYTES) > load<i32>(at)) {
      child += 1;
      at += CANDIDATE_BYTES;
    }
    if (load<i32>(at) <= place) break;
    v128.store(first + root * CANDIDATE_BYTES, v128.load(at));
    root = child;
    child = 2 * root + 1;
  }
  v128.store(first + root * CANDIDATE_BYTES, moved);
}

@inline
function isIn(bitmap: i32, byte: i32): bool {
  return ((<i32>load<u8>(bitmap + (byte >> 3)) >> (byte & 7)) & 1) != 0;
}

/**
 * Checks a needle that may stand at `begin`, and reports its groups.
 * @param sure all bytes of needles that allow it were compared already
 */
function checkNeedle(id: i32, begin: i32, sure: bool): void {
  const needle = load<i32>(set + NEEDLES) + id * NEEDLE_BYTES;
  const length = load<i32>(needle);
  // A first or last byte that is context may lie outside of the text: at its edges stands a line end (see scanBlock).
  const front = load<i32>(needle, 20);
  if (begin + front < blockStart || begin + length - load<i32>(needle, 24) > blockEnd) return;
  if (!sure || load<i32>(needle, 28) == 0) {
    let bitmap = load<i32>(needle, 8);
    for (let i = 0; i < length; i++) {
      if (!isIn(bitmap, <i32>load<u8>(begin + i))) return;
      bitmap += 32;
    }
  }
  const position = begin + front;
  let group = load<i32>(descriptor + LISTS) + (load<i32>(needle, 12) << 2);
  for (let n = load<i32>(needle, 16); n > 0; n--) {
    emit(position, load<i32>(group), position + 1);
    group += 4;
  }
}

@inline
function hashAt(at: i32): i32 {
  return <i32>(((load<u32>(at) | FOLD) * HASH_FACTOR) >>> (32 - HASH_BITS));
}

/** Looks up the spellings at each of eight places from `first` on, as far as they are in [from, to). */
function checkSpellings(first: i32, from: i32, to: i32): void {
  const table = load<i32>(set + HASH_TABLE);
  const end = min(first + 8, to);
  for (let at = max(first, from); at < end; at++) {
    if ((spelledBit(table, at) & 1) == 0) continue;
    const hash = hashAt(at);
    const key = load<u32>(at) | FOLD;
    let entry = <i32>load<u16>(load<i32>(set + HEADS) + (hash << 1));
    while (entry != 0) {
      const record = load<i32>(set + ENTRIES) + (entry << 4);
      if (load<u32>(record) == key) checkNeedle(load<i32>(record, 4), at - load<i32>(record, 8), false);
      entry = load<i32>(record, 12);
    }
  }
}

/** The lowest bit tells whether anything may be spelled at a place: three more bits of the hash choose one of a byte. */
@inline
function spelledBit(table: i32, at: i32): u32 {
  const hash = (load<u32>(at) | FOLD) * HASH_FACTOR;
  return <u32>load<u8>(table + <i32>(hash >>> (32 - HASH_BITS))) >>> ((hash >>> (29 - HASH_BITS)) & 7);
}

/** Whether anything may be spelled at one of eight places. */
@inline
function mayBeSpelled(table: i32, at: i32): bool {
  return (
    ((spelledBit(table, at) |
      spelledBit(table, at + 1) |
      spelledBit(table, at + 2) |
      spelledBit(table, at + 3) |
      spelledBit(table, at + 4) |
      spelledBit(table, at + 5) |
      spelledBit(table, at + 6) |
      spelledBit(table, at + 7)) &
      1) !=
    0
  );
}

/**
 * Runs the automaton of all other needles from a window on; each state may say that needles are complete from here.
 * Its fields: 0 class map, 4 table of u16 (state by class; 0 dead, 1 start), 8 number of classes as a shift,
 * 12 for each state where its needles stand in the list and how many, 16 that list.
 */
function checkAutomaton(at: i32): void {
  const automaton = load<i32>(set + AUTOMATON);
  const classes = load<i32>(automaton);
  const table = load<i32>(automaton, 4);
  const shift = load<i32>(automaton, 8);
  const accepts = load<i32>(automaton, 12);
  let state = 1;
  let p = at;
  do {
    state = <i32>load<u16>(table + (((state << shift) + <i32>load<u8>(classes + <i32>load<u8>(p))) << 1));
    const accept = accepts + (state << 3);
    let n = load<i32>(accept, 4);
    if (n != 0) {
      let item = load<i32>(automaton, 16) + (load<i32>(accept) << 2);
      for (; n > 0; n--) {
        const id = load<i32>(item);
        checkNeedle(id, at - load<i32>(load<i32>(set + NEEDLES) + id * NEEDLE_BYTES, 4), true);
        item += 4;
      }
    }
    p += 1;
  } while (state != 0);
}

/**
 * Looks at the windows (the first begins at `first`) some bucket was found for.
 * @param from,to only windows that begin there
 */
function checkWindows(first: i32, found: v128, from: i32, to: i32): void {
  let bits = ~v128.bitmask<i8>(v128.eq<i8>(found, i8x16.splat(0))) & 0xffff;
  if (first < from) bits &= -1 << (from - first);
  if (first + 16 > to) bits &= (1 << (to - first)) - 1;
  while (bits != 0) {
    checkAutomaton(first + ctz(bits));
    bits &= bits - 1;
  }
}

@inline
function lookup(tables: i32, low: v128, high: v128, offset: i32 = 0): v128 {
  return v128.and(v128.swizzle(v128.load(tables + offset), low), v128.swizzle(v128.load(tables + offset, 16), high));
}

@inline
function highOf(v: v128): v128 {
  return v128.shr<u8>(v, 4);
}

@inline
function lowOf(v: v128): v128 {
  return v128.and(v, i8x16.splat(15));
}

/** Buckets, of all groups together, whose window ends at each of 16 bytes from `p` on, whose nibbles are given. */
@inline
function bucketsAt<G>(tables: i32, p: i32, l2: v128, h2: v128): v128 {
  const before2 = v128.load(p - 2);
  const before1 = v128.load(p - 1);
  const l0 = lowOf(before2);
  const h0 = highOf(before2);
  const l1 = lowOf(before1);
  const h1 = highOf(before1);
  const found = v128.and(
    lookup(tables, l0, h0),
    v128.and(lookup(tables, l1, h1, 32), lookup(tables, l2, h2, 64)),
  );
  if (sizeof<G>() == 1) return found;
  const second = v128.and(
    lookup(tables, l0, h0, GROUP_BYTES),
    v128.and(lookup(tables, l1, h1, GROUP_BYTES + 32), lookup(tables, l2, h2, GROUP_BYTES + 64)),
  );
  if (sizeof<G>() == 2) return v128.or(found, second);
  const third = v128.and(
    lookup(tables, l0, h0, 2 * GROUP_BYTES),
    v128.and(lookup(tables, l1, h1, 2 * GROUP_BYTES + 32), lookup(tables, l2, h2, 2 * GROUP_BYTES + 64)),
  );
  return v128.or(v128.or(found, second), third);
}

/** Looks for a set of gated needles in text that begins at `from`. @param last windows begin before */
function scanAround(gated: i32, from: i32, last: i32): void {
  const before = set;
  set = gated;
  const tables = load<i32>(gated + TABLES);
  const table = load<i32>(gated + HASH_TABLE);
  const groups = load<i32>(gated + BUCKET_GROUPS);
  const spelled = load<i32>(gated + SPELLINGS) != 0;
  // A window may begin one byte before the text, where context lies.
  const first = from - 1;
  for (let p = first; p < last; p += 16) {
    if (spelled) {
      if (mayBeSpelled(table, p)) checkSpellings(p, first, last);
      if (mayBeSpelled(table, p + 8)) checkSpellings(p + 8, first, last);
    }
    if (groups != 0) {
      const v = v128.load(p + 2);
      const found = bucketsAt<i32>(tables, p + 2, lowOf(v), highOf(v));
      if (v128.any_true(found)) checkWindows(p, found, first, last);
    }
  }
  set = before;
}

/** Goes back from `at` as far as the reach allows: over any number of bytes of its set and so many others. */
export function walkBack(at: i32, reach: i32, reachSet: i32, limit: i32): i32 {
  let left = reach;
  while (at > limit) {
    if (!isIn(reachSet, <i32>load<u8>(at - 1))) {
      if (left == 0) return at;
      left -= 1;
    }
    at -= 1;
  }
  return at;
}

/** A run that holds the byte at `at`, unless it was dealt with: reports its groups, searches around it. */
function checkRun(run: i32, at: i32): void {
  if (at < load<i32>(run + RUN_DONE) || at >= blockEnd) return;
  const bitmap = load<i32>(run + RUN_BITMAP);
  if (!isIn(bitmap, <i32>load<u8>(at))) return;
  let begin = at;
  while (begin > blockStart && isIn(bitmap, <i32>load<u8>(begin - 1))) begin -= 1;
  let end = at + 1;
  while (end < blockEnd && isIn(bitmap, <i32>load<u8>(end))) end += 1;
  store<i32>(run + RUN_DONE, end);
  const length = end - begin;
  let use = load<i32>(descriptor + RUN_GROUPS) + load<i32>(run + RUN_FIRST) * 8;
  for (let n = load<i32>(run + RUN_USES); n > 0; n--) {
    const least = load<i32>(use, 4);
    if (length >= least) emit(begin, load<i32>(use), end - least + 1);
    use += 8;
  }
  const least = load<i32>(run + RUN_LENGTH);
  const gated = load<i32>(run + RUN_SET);
  if (gated == 0 || length < least) return;
  // Only of the run's line: candidates of the next one must not come before what is still to be found in this one.
  const reached = walkBack(begin, load<i32>(run + RUN_REACH), load<i32>(run + RUN_REACH_SET), blockStart);
  const from = findAfterLast(reached, begin, NEWLINE);
  // A window may begin some bytes into its needle.
  scanAround(gated, from, findByte(end, min(end + MOST_OFFSET, blockEnd), NEWLINE));
}

/** Bytes (0xff) that are not of the class. */
@inline
function others(x: v128, mask: v128): v128 {
  return v128.eq<i8>(v128.and(x, mask), i8x16.splat(0));
}

@inline
function bitsOf(a: v128, b: v128, c: v128, d: v128): u64 {
  return (
    <u64>v128.bitmask<i8>(a) |
    (<u64>v128.bitmask<i8>(b) << 16) |
    (<u64>v128.bitmask<i8>(c) << 32) |
    (<u64>v128.bitmask<i8>(d) << 48)
  );
}

/**
 * Runs of each class in the 64 bytes from `p` on, whose class bits are given. A class whose runs are found by lanes: a run
 * of 7, 15 or 31 bytes covers an aligned group of 4, 8 or 16. The others by bits, exactly.
 */
@inline
function scanRuns(p: i32, x0: v128, x1: v128, x2: v128, x3: v128): void {
  let run = load<i32>(descriptor + RUNS);
  const last = run + load<i32>(descriptor + RUN_COUNT) * RUN_BYTES;
  const none = i8x16.splat(0);
  for (; run < last; run += RUN_BYTES) {
    const mask = v128.load(run + RUN_MASK);
    const a = others(x0, mask);
    const b = others(x1, mask);
    const c = others(x2, mask);
    const d = others(x3, mask);
    const lanes = load<i32>(run + RUN_LANES);
    if (lanes == 4) {
      const groups = v128.or(
        v128.or(v128.eq<i32>(a, none), v128.eq<i32>(b, none)),
        v128.or(v128.eq<i32>(c, none), v128.eq<i32>(d, none)),
      );
      if (v128.any_true(groups)) checkLanes(run, p, ~bitsOf(a, b, c, d), 4);
    } else if (lanes == 8) {
      const groups = v128.or(
        v128.or(v128.eq<i64>(a, none), v128.eq<i64>(b, none)),
        v128.or(v128.eq<i64>(c, none), v128.eq<i64>(d, none)),
      );
      if (v128.any_true(groups)) checkLanes(run, p, ~bitsOf(a, b, c, d), 8);
    } else if (lanes == 16) {
      if (!v128.any_true(a) || !v128.any_true(b) || !v128.any_true(c) || !v128.any_true(d)) {
        checkLanes(run, p, ~bitsOf(a, b, c, d), 16);
      }
    } else {
      scanBits(run, p, ~bitsOf(a, b, c, d));
    }
  }
}

/** @param m a bit for each of the 64 bytes from `p` on that is of the class */
function checkLanes(run: i32, p: i32, m: u64, size: i32): void {
  const whole: u64 = (<u64>1 << <u64>size) - 1;
  for (let at = 0; at < 64; at += size) if (((m >> <u64>at) & whole) == whole) checkRun(run, p + at);
}

@inline
function scanBits(run: i32, p: i32, m: u64): void {
  // A bit stays where so many ones follow; the steps add up to the least length less one.
  let t = m & (m >> (<u64>load<u32>(run + RUN_SHIFTS)));
  t &= t >> (<u64>load<u32>(run + RUN_SHIFTS, 4));
  t &= t >> (<u64>load<u32>(run + RUN_SHIFTS, 8));
  t &= t >> (<u64>load<u32>(run + RUN_SHIFTS, 12));
  t &= t >> (<u64>load<u32>(run + RUN_SHIFTS, 16));
  const carry = load<i32>(run + RUN_CARRY);
  const front = <i32>ctz(~m);
  const crosses = carry != 0 && carry + front >= load<i32>(run + RUN_LENGTH);
  store<i32>(run + RUN_CARRY, m == <u64>-1 ? carry + 64 : <i32>clz(~m));
  if (t != 0 || crosses) checkBits(run, p, t, crosses);
}

/** @param t where runs begin or may go on @param crosses whether one may go over the border at `p`: it holds `p - 1` */
function checkBits(run: i32, p: i32, t: u64, crosses: bool): void {
  if (crosses) checkRun(run, p - 1);
  while (t != 0) {
    checkRun(run, p + <i32>ctz(t));
    const done = load<i32>(run + RUN_DONE) - p;
    t &= done >= 64 ? 0 : done > 0 ? (t - 1) & (<u64>-1 << <u64>done) : t - 1;
  }
}

/**
 * Finds candidates in [start, end), which begins at a line's begin.
 * @param list where candidates go @param room for how many
 * @returns `end` when the block is done, else (there was no room) an address up to which it is
 */
export function scanBlock(scan: i32, start: i32, end: i32, list: i32, room: i32): i32 {
  descriptor = scan;
  set = load<i32>(scan + OPEN_SET);
  out = list;
  count = 0;
  capacity = room;
  isFull = false;
  blockStart = start;
  blockEnd = end;
  // Line ends around the text stand for its edges; what lies there is put back.
  const byteBefore = load<u8>(start - 1);
  const byteAfter = load<u8>(end);
  store<u8>(start - 1, NEWLINE);
  store<u8>(end, NEWLINE);
  const runs = load<i32>(scan + RUNS);
  const runCount = load<i32>(scan + RUN_COUNT);
  for (let i = 0; i < runCount; i++) {
    store<i32>(runs + i * RUN_BYTES + RUN_CARRY, 0);
    store<i32>(runs + i * RUN_BYTES + RUN_DONE, 0);
  }
  const groups = load<i32>(set + BUCKET_GROUPS);
  const done =
    groups < 2 ? scanOpen<i8>(start, end) : groups == 2 ? scanOpen<i16>(start, end) : scanOpen<i32>(start, end);
  store<u8>(start - 1, byteBefore);
  store<u8>(end, byteAfter);
  return done;
}

/** The size of type `G` in bytes is the number of groups of buckets (4 for three), known when this is compiled. */
function scanOpen<G>(start: i32, end: i32): i32 {
  const tables = load<i32>(set + TABLES);
  const table = load<i32>(set + HASH_TABLE);
  const runTables = load<i32>(descriptor + RUN_TABLES);
  const runs = load<i32>(descriptor + RUN_COUNT) != 0;
  const first = start - 1;
  // The windows of a step end in its 64 bytes, so they begin two bytes before.
  for (let p = start - 2; p < end; p += 64) {
    const before = count;
    for (let q = p; q < p + 64; q += 8) if (mayBeSpelled(table, q)) checkSpellings(q, first, end);
    const va = v128.load(p, 2);
    const vb = v128.load(p, 18);
    const vc = v128.load(p, 34);
    const vd = v128.load(p, 50);
    const la = lowOf(va);
    const ha = highOf(va);
    const lb = lowOf(vb);
    const hb = highOf(vb);
    const lc = lowOf(vc);
    const hc = highOf(vc);
    const ld = lowOf(vd);
    const hd = highOf(vd);
    const fa = bucketsAt<G>(tables, p + 2, la, ha);
    const fb = bucketsAt<G>(tables, p + 18, lb, hb);
    const fc = bucketsAt<G>(tables, p + 34, lc, hc);
    const fd = bucketsAt<G>(tables, p + 50, ld, hd);
    // One branch that is seldom taken, since where it goes can't be foreseen.
    if (v128.any_true(v128.or(v128.or(fa, fb), v128.or(fc, fd)))) {
      if (v128.any_true(fa)) checkWindows(p, fa, first, end);
      if (v128.any_true(fb)) checkWindows(p + 16, fb, first, end);
      if (v128.any_true(fc)) checkWindows(p + 32, fc, first, end);
      if (v128.any_true(fd)) checkWindows(p + 48, fd, first, end);
    }
    if (runs) {
      scanRuns(
        p + 2,
        lookup(runTables, la, ha),
        lookup(runTables, lb, hb),
        lookup(runTables, lc, hc),
        lookup(runTables, ld, hd),
      );
    }
    if (count - before > 1) sortCandidates(out + before * CANDIDATE_BYTES, out + count * CANDIDATE_BYTES);
    if (isFull) return p;
  }
  return end;
}
