/**
 * One pass over a block for the anchors of all patterns.
 *
 * Short windows (up to three byte classes) are found with nibble tables as in Teddy (Hyperscan; Geoff Langdale's
 * description): for each of three positions one table gives, for a byte's low and high nibble, the set of buckets the
 * byte fits; the three sets, shifted over one another, leave the buckets whose window ends at each byte. Runs of at
 * least N bytes of one class are found by a fourth table and by AND-ing aligned groups of 4, 8 or 16 bytes: a run of
 * 7, 15 or 31 bytes covers one such group. What is found is only a candidate and checked byte by byte before it is
 * reported.
 *
 * Reads up to 32 bytes past the end of the block (the host keeps that much room), never reports anything there.
 * The host lays out everything the descriptor points to; see src/kernel/anchors/layout.ts for the fields.
 */

/** Base of the descriptor; field offsets below. */
let desc: i32 = 0;
const TABLES: i32 = 0;
const EXACT_BUCKETS: i32 = 4;
const HEADS: i32 = 8;
const ENTRIES: i32 = 12;
const NEEDLES: i32 = 16;
const PATTERNS: i32 = 20;
const AUTOMATON: i32 = 24;
const BLOOM: i32 = 28;
const OUT: i32 = 32;
const LIMIT: i32 = 36;
const RUN_TABLES: i32 = 40;
const RUN_MASKS: i32 = 44;
const RUNS: i32 = 48;
const SCRATCH: i32 = 52;
const GROUPS: i32 = 56;
const HAS_RUNS: i32 = 60;
const BOUNDARY_BUCKETS: i32 = 64;
const WORD_TABLES: i32 = 68;

/** Nibble tables of one group of eight buckets: three positions, low and high. */
const GROUP_BYTES: i32 = 96;
const HASH_BITS: i32 = 13;
const BLOOM_BITS: i32 = 16;
const HASH_FACTOR: u32 = 0x9e3779b1;
const NEEDLE_BYTES: i32 = 32;

let count: i32 = 0;
let blockStart: i32 = 0;
let blockEnd: i32 = 0;

export function scanSetup(descriptor: i32): void {
  desc = descriptor;
}

/** Candidates found by the last scanBlock. */
export function scanCount(): i32 {
  return count;
}

@inline
function field(offset: i32): i32 {
  return load<i32>(desc + offset);
}

@inline
function emit(position: i32, pattern: i32): void {
  const at = field(OUT) + (count << 3);
  store<i32>(at, position);
  store<i32>(at, pattern, 4);
  count += 1;
}

@inline
function isIn(bitmap: i32, byte: i32): bool {
  return ((<i32>load<u8>(bitmap + (byte >> 3)) >> (byte & 7)) & 1) != 0;
}

/**
 * Checks the whole needle around a window that begins at `at`, and reports its patterns.
 * @param sure all bytes of needles that allow it were compared already
 */
function checkNeedle(id: i32, at: i32, sure: bool): void {
  const needle = field(NEEDLES) + id * NEEDLE_BYTES;
  const length = load<i32>(needle);
  const begin = at - load<i32>(needle, 4);
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
  const position = max(at, begin + front);
  let pattern = field(PATTERNS) + (load<i32>(needle, 12) << 2);
  for (let n = load<i32>(needle, 16); n > 0; n--) {
    emit(position, load<i32>(pattern));
    pattern += 4;
  }
}

/** Looks a spelled window up by its bytes. */
function checkSpelling(key: u32, at: i32): void {
  let entry = <i32>load<u16>(field(HEADS) + (<i32>((key * HASH_FACTOR) >>> (32 - HASH_BITS)) << 1));
  while (entry != 0) {
    const record = field(ENTRIES) + entry * 12;
    if (load<u32>(record) == key) checkNeedle(load<i32>(record, 4), at, false);
    entry = load<i32>(record, 8);
  }
}

/**
 * Runs the automaton of all other needles from a window on; each state may say that needles are complete from here.
 * Its fields: 0 class map, 4 table of u16 (state by class; 0 dead, 1 start), 8 number of classes as a shift,
 * 12 for each state where its needles stand in the list and how many, 16 that list.
 */
function checkAutomaton(at: i32): void {
  const automaton = field(AUTOMATON);
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
        checkNeedle(load<i32>(item), at, true);
        item += 4;
      }
    }
    p += 1;
  } while (state != 0);
}

/** The windows (bits, the first begins at `first`) for which `found` is not zero and which may belong to the text. */
@inline
function windowBits(first: i32, found: v128): i32 {
  let bits = ~v128.bitmask<i8>(v128.eq<i8>(found, i8x16.splat(0))) & 0xffff;
  // They may begin one byte before the text, where context lies, and not at or beyond its end.
  if (first < blockStart - 1) bits &= -1 << (blockStart - 1 - first);
  if (first + 16 > blockEnd) bits &= (1 << (blockEnd - first)) - 1;
  return bits;
}

/** Windows looked up by their bytes; nearly all end at the filter, so nothing else is done for them. */
function checkSpelled(first: i32, found: v128): void {
  const bloom = field(BLOOM);
  let bits = windowBits(first, found);
  while (bits != 0) {
    const at = first + ctz(bits);
    bits &= bits - 1;
    const key = load<u32>(at) & 0xffffff;
    const bit = (key * HASH_FACTOR) >>> (32 - BLOOM_BITS);
    if (((<i32>load<u8>(bloom + (<i32>bit >> 3)) >> (<i32>bit & 7)) & 1) != 0) checkSpelling(key, at);
  }
}

function checkCompared(first: i32, found: v128): void {
  let bits = windowBits(first, found);
  while (bits != 0) {
    checkAutomaton(first + ctz(bits));
    bits &= bits - 1;
  }
}

/**
 * Sorts the candidates from `first` on by position (few; insertion). One step finds them group by group; with this the
 * lines they lie in never go back, since a run, which may begin before the step, holds no line end.
 */
function sortFrom(first: i32): void {
  const out = field(OUT);
  for (let i = first + 1; i < count; i++) {
    const position = load<i32>(out + (i << 3));
    const pattern = load<i32>(out + (i << 3), 4);
    let at = i;
    while (at > first && load<i32>(out + ((at - 1) << 3)) > position) {
      store<i64>(out + (at << 3), load<i64>(out + ((at - 1) << 3)));
      at -= 1;
    }
    store<i32>(out + (at << 3), position);
    store<i32>(out + (at << 3), pattern, 4);
  }
}

/** @param groups run classes (bits) an aligned group of bytes from `first` on consists of, repeated in each lane */
function checkRuns(first: i32, groups: v128): void {
  const scratch = field(SCRATCH);
  v128.store(scratch, groups);
  for (let lane = 0; lane < 16; lane += 4) {
    let bits = <i32>load<u8>(scratch + lane);
    const at = first + lane;
    while (bits != 0) {
      const run = field(RUNS) + (ctz(bits) << 4);
      bits &= bits - 1;
      // Field 0: class, 4: end of the last run looked at, 8 and 12: its patterns with their least lengths.
      if (at < load<i32>(run, 4) || at >= blockEnd) continue;
      const bitmap = load<i32>(run);
      if (!isIn(bitmap, <i32>load<u8>(at))) continue;
      let begin = at;
      while (begin > blockStart && isIn(bitmap, <i32>load<u8>(begin - 1))) begin -= 1;
      let end = at + 1;
      while (end < blockEnd && isIn(bitmap, <i32>load<u8>(end))) end += 1;
      store<i32>(run, end, 4);
      let pattern = field(PATTERNS) + (load<i32>(run, 8) << 2);
      for (let n = load<i32>(run, 12); n > 0; n--) {
        if (end - begin >= load<i32>(pattern, 4)) emit(begin, load<i32>(pattern));
        pattern += 8;
      }
    }
  }
}

@inline
function lookup(table: i32, low: v128, high: v128): v128 {
  return v128.and(v128.swizzle(v128.load(table), low), v128.swizzle(v128.load(table, 16), high));
}

/** Buckets whose window ends at each byte, from what fits its three bytes (and those of the 16 bytes before). */
@inline
function together(before0: v128, now0: v128, before1: v128, now1: v128, now2: v128): v128 {
  return v128.and(
    now2,
    v128.and(
      v128.shuffle<i8>(before1, now1, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30),
      v128.shuffle<i8>(before0, now0, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29),
    ),
  );
}

/**
 * Finds candidates in [start, end), from `resume` on.
 * @param resume `start`, or what the call before returned
 * @returns the address to resume at when the list of candidates got full, 0 when the block is done
 */
export function scanBlock(start: i32, end: i32, resume: i32): i32 {
  // Line ends around the text stand for its edges; what lies there is put back.
  const byteBefore = load<u8>(start - 1);
  const byteAfter = load<u8>(end);
  store<u8>(start - 1, 10);
  store<u8>(end, 10);
  const groups = field(GROUPS);
  const stopped =
    groups == 1 ? scan<i8>(start, end, resume) : groups == 2 ? scan<i16>(start, end, resume) : scan<i32>(start, end, resume);
  store<u8>(start - 1, byteBefore);
  store<u8>(end, byteAfter);
  return stopped;
}

/** The size of type `G` in bytes is the number of groups (4 also for 3), known when this is compiled. */
function scan<G>(start: i32, end: i32, resume: i32): i32 {
  count = 0;
  blockStart = start;
  blockEnd = end;
  const tables = field(TABLES);
  const runs = field(HAS_RUNS) != 0;
  const limit = field(LIMIT);
  const nibble = i8x16.splat(15);
  const none = i8x16.splat(0);

  const a0l = v128.load(tables);
  const a0h = v128.load(tables, 16);
  const a1l = v128.load(tables, 32);
  const a1h = v128.load(tables, 48);
  const a2l = v128.load(tables, 64);
  const a2h = v128.load(tables, 80);
  const tablesB = tables + GROUP_BYTES;
  const tablesC = tablesB + GROUP_BYTES;
  const tablesD = tablesC + GROUP_BYTES;
  // The 16 bytes before: a window may begin in them.
  const v = v128.load(resume - 16);
  const low = v128.and(v, nibble);
  const high = v128.shr<u8>(v, 4);
  let a0 = lookup(tables, low, high);
  let a1 = lookup(tables + 32, low, high);
  let b0 = lookup(tablesB, low, high);
  let b1 = lookup(tablesB + 32, low, high);
  let c0 = lookup(tablesC, low, high);
  let c1 = lookup(tablesC + 32, low, high);
  let d0 = lookup(tablesD, low, high);
  let d1 = lookup(tablesD + 32, low, high);
  // Which bytes are word bytes, exactly: the low nibble gives a bit for each high nibble, of which there are 8 in ASCII.
  const words = field(WORD_TABLES);
  // Buckets that are compared set by set all lie in the first group.
  const compared = i8x16.splat(<i8>~field(EXACT_BUCKETS));
  const bounded = field(BOUNDARY_BUCKETS) != 0;
  const boundaries = i8x16.splat(<i8>field(BOUNDARY_BUCKETS));
  let w0 = v128.ne<i8>(lookup(words, low, high), none);
  if (resume == start && runs) {
    for (let i = 0; i < 8; i++) store<i32>(field(RUNS) + (i << 4), 0, 4);
  }
  const last = end + 2;
  for (let p = resume; p < last; p += 16) {
    if (count > limit) return p;
    const before = count;
    const v = v128.load(p);
    const low = v128.and(v, nibble);
    const high = v128.shr<u8>(v, 4);
    const n0 = v128.and(v128.swizzle(a0l, low), v128.swizzle(a0h, high));
    const n1 = v128.and(v128.swizzle(a1l, low), v128.swizzle(a1h, high));
    const n2 = v128.and(v128.swizzle(a2l, low), v128.swizzle(a2h, high));
    let found = together(a0, n0, a1, n1, n2);
    if (bounded) {
      const w1 = v128.ne<i8>(lookup(words, low, high), none);
      const wordBefore = v128.shuffle<i8>(w0, w1, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
      w0 = w1;
      found = v128.andnot(found, v128.and(wordBefore, boundaries));
    }
    a0 = n0;
    a1 = n1;
    if (v128.any_true(v128.and(found, compared))) checkCompared(p - 2, v128.and(found, compared));
    // One branch for all groups: where it goes can't be foreseen.
    let spelled = v128.andnot(found, compared);
    if (sizeof<G>() > 1) {
      const m0 = lookup(tablesB, low, high);
      const m1 = lookup(tablesB + 32, low, high);
      const more = together(b0, m0, b1, m1, lookup(tablesB + 64, low, high));
      b0 = m0;
      b1 = m1;
      spelled = v128.or(spelled, more);
      if (sizeof<G>() > 2) {
        const m0 = lookup(tablesC, low, high);
        const m1 = lookup(tablesC + 32, low, high);
        const more = together(c0, m0, c1, m1, lookup(tablesC + 64, low, high));
        c0 = m0;
        c1 = m1;
        spelled = v128.or(spelled, more);
        {
          const m0 = lookup(tablesD, low, high);
          const m1 = lookup(tablesD + 32, low, high);
          const more = together(d0, m0, d1, m1, lookup(tablesD + 64, low, high));
          d0 = m0;
          d1 = m1;
          spelled = v128.or(spelled, more);
        }
      }
    }
    if (v128.any_true(spelled)) checkSpelled(p - 2, spelled);
    if (runs) {
      const x = lookup(field(RUN_TABLES), low, high);
      const pairs = v128.and(x, v128.shuffle<i8>(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
      const fours = v128.and(
        pairs,
        v128.shuffle<i8>(pairs, pairs, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13),
      );
      const eights = v128.and(
        fours,
        v128.shuffle<i8>(fours, fours, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11),
      );
      const all = v128.and(
        eights,
        v128.shuffle<i8>(eights, eights, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
      );
      const masks = field(RUN_MASKS);
      const whole = v128.or(
        v128.and(fours, v128.load(masks)),
        v128.or(v128.and(eights, v128.load(masks, 16)), v128.and(all, v128.load(masks, 32))),
      );
      if (v128.any_true(whole)) checkRuns(p, whole);
    }
    if (count - before > 1) sortFrom(before);
  }
  return 0;
}

/** Address of the first `byte` in [at, end), else `end`. Reads up to 15 bytes past the end. */
export function findByte(at: i32, end: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  for (let p = at; p < end; p += 16) {
    const bits = v128.bitmask<i8>(v128.eq<i8>(v128.load(p), wanted));
    if (bits != 0) {
      const found = p + ctz(bits);
      return found < end ? found : end;
    }
  }
  return end;
}

/** Address after the last `byte` in [begin, at), else `begin`. Reads up to 15 bytes before `begin`. */
export function findAfterLast(begin: i32, at: i32, byte: i32): i32 {
  const wanted = i8x16.splat(<i8>byte);
  for (let p = at - 16; p > begin - 16; p -= 16) {
    const bits = v128.bitmask<i8>(v128.eq<i8>(v128.load(p), wanted));
    if (bits != 0) {
      const found = p + 32 - clz(bits);
      return found > begin ? found : begin;
    }
  }
  return begin;
}
