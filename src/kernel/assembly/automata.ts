/**
 * Walks lazily built automata. A row is the transition table of one state: one i32 for each byte class and a last one
 * for the end of the text. Rows are 16-aligned, so a transition is the next row's address with flags in its low bits.
 *
 * Invariants: the host fills fresh rows with UNKNOWN bytes; a class map maps all 256 bytes to classes of its automaton;
 * nothing outside rows, class map and the given text is read, and nothing is written.
 */

/** A match ended before the byte this transition consumes. */
const MATCH: i32 = 1;
/** No match can come any more. */
const DEAD: i32 = 2;
/** The host has to build this transition first. */
const UNKNOWN: i32 = 4;
/** The next state has no match under way: what began before it came to nothing. */
const IDLE: i32 = 8;
const FLAGS: i32 = 15;

/** Where a walk stopped, for the host to build a transition and go on. */
let stoppedRow: i32 = 0;
let stoppedAt: i32 = 0;
/** Byte offset of the class of the missing transition inside the row. */
let stoppedClass: i32 = 0;
let lastMatch: i32 = -1;

export function walkRow(): i32 {
  return stoppedRow;
}
export function walkAt(): i32 {
  return stoppedAt;
}
export function walkClass(): i32 {
  return stoppedClass;
}
/** Where the walk ended for good. */
export function walkEnd(): i32 {
  return stoppedAt;
}
/** Address of the last match's end (or start, walking backwards), -1 when there was none. */
export function walkMatch(): i32 {
  return lastMatch;
}

/**
 * From `row` over [at, end), then over the end itself.
 * @param edge offset of the end-of-text transition inside a row
 * @param matched last match so far: -1 for a new walk, walkMatch() for one that goes on
 * @param idleFrom the walk may stop at the first idle place from here on: no match can begin before it, and whether one
 *   begins later is not asked
 * @returns 0 when done (walkEnd tells where), 1 when a transition is missing
 */
export function walkForward(
  row: i32,
  classes: i32,
  at: i32,
  end: i32,
  edge: i32,
  matched: i32,
  idleFrom: i32,
): i32 {
  lastMatch = matched;
  while (at < end) {
    const offset = <i32>load<u8>(classes + <i32>load<u8>(at)) << 2;
    const next = load<i32>(row + offset);
    if ((next & FLAGS) != 0) {
      if ((next & UNKNOWN) != 0) {
        stoppedRow = row;
        stoppedAt = at;
        stoppedClass = offset;
        return 1;
      }
      if ((next & MATCH) != 0) lastMatch = at;
      if ((next & DEAD) != 0) {
        stoppedAt = at + 1;
        return 0;
      }
      if ((next & IDLE) != 0 && at + 1 >= idleFrom) {
        stoppedAt = at + 1;
        return 0;
      }
      row = next & ~FLAGS;
    } else {
      row = next;
    }
    at += 1;
  }
  const next = load<i32>(row + edge);
  if ((next & UNKNOWN) != 0) {
    stoppedRow = row;
    stoppedAt = at;
    stoppedClass = edge;
    return 1;
  }
  if ((next & MATCH) != 0) lastMatch = at;
  stoppedAt = end + 1;
  return 0;
}

/**
 * From `row` backwards over [begin, at), then over what comes before `begin`.
 * @param beyond offset of that last transition: the class of the byte before `begin`, or the edge's
 */
export function walkBackward(row: i32, classes: i32, at: i32, begin: i32, beyond: i32, matched: i32): i32 {
  lastMatch = matched;
  while (at > begin) {
    const offset = <i32>load<u8>(classes + <i32>load<u8>(at - 1)) << 2;
    const next = load<i32>(row + offset);
    if ((next & FLAGS) != 0) {
      if ((next & UNKNOWN) != 0) {
        stoppedRow = row;
        stoppedAt = at;
        stoppedClass = offset;
        return 1;
      }
      if ((next & MATCH) != 0) lastMatch = at;
      if ((next & DEAD) != 0) return 0;
      row = next & ~FLAGS;
    } else {
      row = next;
    }
    at -= 1;
  }
  const next = load<i32>(row + beyond);
  if ((next & UNKNOWN) != 0) {
    stoppedRow = row;
    stoppedAt = at;
    stoppedClass = beyond;
    return 1;
  }
  if ((next & MATCH) != 0) lastMatch = at;
  return 0;
}
