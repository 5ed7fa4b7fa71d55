/**
 * Exact matches of one pattern, and which of a group's patterns match at all, by walking lazily built automata.
 *
 * A row is the transition table of one state: one i32 for each byte class and a last one for the end of the text. Rows
 * are 16-aligned, so a transition is the next row's address with flags in its low bits. A group's rows are followed by a
 * second table of the same size: which of the group's patterns end a match on that transition, a bit each.
 *
 * Where a transition is missing the walk stops and the host builds it; the host then supplies it and the walk goes on.
 * Reads only [begin - 1, end] of the text, rows, class maps and the records; writes to records and its own variables.
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

/** Inside of a search: a walk is over, and a walk is to be made from `at` in `row`. */
const OVER: i32 = -1;
const AGAIN: i32 = -2;
/** What a search says to its caller. */
export const NONE: i32 = 0;
export const FOUND: i32 = 1;
/** The host has to build something: walkOwner tells for what, walkKind which automaton. */
const NEEDS_START: i32 = 2;
const NEEDS_TRANSITION: i32 = 3;
/** The host has to search this pattern by other means. */
const NEEDS_HOST: i32 = 4;
/** The pattern or group has no automaton, or needs the other kind. */
const NEEDS_AUTOMATON: i32 = 5;

/**
 * Which automaton is being walked. Each pattern and group begins `fixed`: its automaton matches only where the walk
 * begins, and is tried at each place a match can begin at. That needs few states, as matches that begin at different
 * places are never under way together. Where the tries walk over the same bytes again and again (`allowance`), the host
 * gives it the automaton that finds matches wherever they begin, which walks over each byte once.
 */
const UNION: i32 = 0;
const FORWARD: i32 = 1;
const BACKWARD: i32 = 2;

/** Fields of an automaton's record: start rows by kind of the byte before (edge, line end, word, other). */
const STARTS: i32 = 0;
const CLASSES: i32 = 16;
const EDGE: i32 = 20;
/** From a row to the table of what ends there; groups only. */
const MASKS: i32 = 24;
/** Whether the byte before matters at all. */
const HAS_ASSERTS: i32 = 28;

/** Fields of a pattern's record: two automata, then these. A group's has the same at the end, one automaton before. */
const BACKWARD_AUTOMATON: i32 = 32;
const SEARCHED: i32 = 64;
const STATE: i32 = 68;
const WALKED: i32 = 72;
/** Bytes that may still be walked by tries. */
const ALLOWANCE: i32 = 76;
const READY: i32 = 1;
const BY_HOST: i32 = 2;
/** It can only match where the text begins. */
const AT_START: i32 = 4;
/** Its automaton matches only where the walk begins. */
const FIXED: i32 = 8;

/** What a search adds to the allowance, and each place it tries. */
const SEARCH_ALLOWANCE: i32 = 64;
const TRY_ALLOWANCE: i32 = 8;
const MOST_ALLOWANCE: i32 = 1 << 16;

const KIND_EDGE: i32 = 0;
const KIND_OTHER: i32 = 3;

/** Kind of each byte, 256 entries; see KIND_. */
let kinds: i32 = 0;

let kind: i32 = 0;
let owner: i32 = 0;
let automaton: i32 = 0;
let row: i32 = 0;
let at: i32 = 0;
let matched: i32 = 0;
let mask: i32 = 0;
let wanted: i32 = 0;
/** Of the missing transition, inside the row. */
let missing: i32 = 0;

let textBegin: i32 = 0;
let textEnd: i32 = 0;
let from: i32 = 0;
let idleFrom: i32 = 0;
/** Where the walk in work begins; behind `from` only for further tries of a fixed automaton. */
let begin: i32 = 0;
let isFixed: bool = false;

let matchStart: i32 = 0;
let matchEnd: i32 = 0;
/** After a search without a match: no match begins before. */
let notBefore: i32 = 0;

export function setKinds(address: i32): void {
  kinds = address;
}
export function walkKind(): i32 {
  return kind;
}
/** Address of the record of the pattern or group that is being searched. */
export function walkOwner(): i32 {
  return owner;
}
/** Where the search in work begins. */
export function walkFrom(): i32 {
  return from;
}
export function walkRow(): i32 {
  return row;
}
export function walkMissing(): i32 {
  return missing;
}
/** Kind of byte the missing start row follows. */
export function walkWanted(): i32 {
  return wanted;
}
export function foundStart(): i32 {
  return matchStart;
}
export function foundEnd(): i32 {
  return matchEnd;
}
/** After a walk of a group: the patterns that match, a bit each. */
export function foundMask(): i32 {
  return mask;
}
export function foundNothingBefore(): i32 {
  return notBefore;
}

@inline
function kindAt(record: i32, isEdge: bool, address: i32): i32 {
  if (load<i32>(record + HAS_ASSERTS) == 0) return KIND_OTHER;
  return isEdge ? KIND_EDGE : <i32>load<u8>(kinds + <i32>load<u8>(address));
}

@inline
function setTask(record: i32, textStart: i32, end: i32, first: i32, idle: i32): void {
  owner = record;
  textBegin = textStart;
  textEnd = end;
  from = first;
  idleFrom = idle;
}

/**
 * Finds the leftmost match of a pattern in [textStart, end) that begins at `first` or behind.
 * @param idle a match that begins here or behind need not be found: the walk may stop where none is under way
 */
export function beginSearch(pattern: i32, textStart: i32, end: i32, first: i32, idle: i32): i32 {
  setTask(pattern, textStart, end, first, idle);
  kind = FORWARD;
  return restartSearch();
}

/** Tells which patterns of a group have a match that begins at `first` or behind; the same as for one pattern. */
export function beginUnion(group: i32, textStart: i32, end: i32, first: i32, idle: i32): i32 {
  setTask(group, textStart, end, first, idle);
  kind = UNION;
  return restartSearch();
}

/** Begins anew what was begun last: its automata may have changed in between. */
export function restartSearch(): i32 {
  const state = load<i32>(owner + STATE);
  if (kind != UNION) kind = FORWARD;
  automaton = owner;
  begin = from;
  mask = 0;
  notBefore = textEnd + 1;
  if (from > textEnd || ((state & AT_START) != 0 && from > textBegin)) return NONE;
  if ((state & BY_HOST) != 0) return NEEDS_HOST;
  if ((state & READY) == 0) return NEEDS_AUTOMATON;
  isFixed = (state & FIXED) != 0;
  if (!isFixed) return go(startWalk());
  if ((state & AT_START) != 0) idleFrom = from + 1;
  const sum = load<i32>(owner + ALLOWANCE) + SEARCH_ALLOWANCE + TRY_ALLOWANCE * (min(idleFrom, textEnd + 1) - from);
  store<i32>(owner + ALLOWANCE, min(sum, MOST_ALLOWANCE));
  return go(nextTry());
}

/** Walks as long as there is something to walk: not by calls from one walk to the next, which could be very many. */
function go(said: i32): i32 {
  while (said == AGAIN || said == OVER) {
    said = said == OVER ? finishWalk() : kind == UNION ? walkUnion() : kind == FORWARD ? walkForward() : walkBackward();
  }
  return said;
}

/** Tries a fixed automaton at the next place from `begin` on where it does not end on the first byte. */
function nextTry(): i32 {
  const classes = load<i32>(automaton + CLASSES);
  const last = min(idleFrom, textEnd + 1);
  while (begin < last) {
    wanted = kindAt(automaton, begin == textBegin, begin - 1);
    row = load<i32>(automaton + STARTS + (wanted << 2));
    if (row == 0) return NEEDS_START;
    if (begin < textEnd) {
      const next = load<i32>(row + (<i32>load<u8>(classes + <i32>load<u8>(begin)) << 2));
      if ((next & FLAGS) == DEAD) {
        begin += 1;
        continue;
      }
    }
    at = begin;
    matched = -1;
    return AGAIN;
  }
  notBefore = begin;
  return kind == UNION && mask != 0 ? FOUND : NONE;
}

function finishTry(): i32 {
  const walked = at - begin;
  note(WALKED, walked);
  const left = load<i32>(owner + ALLOWANCE) - walked;
  store<i32>(owner + ALLOWANCE, left);
  // From the next search on it is the other automaton.
  if (left < 0) store<i32>(owner + STATE, load<i32>(owner + STATE) & ~(FIXED | READY));
  if (kind == FORWARD && matched >= 0) {
    matchStart = begin;
    matchEnd = matched;
    return FOUND;
  }
  begin += 1;
  return left < 0 && begin < min(idleFrom, textEnd + 1) ? NEEDS_AUTOMATON : nextTry();
}

function startWalk(): i32 {
  wanted =
    kind == BACKWARD
      ? kindAt(automaton, matchEnd == textEnd, matchEnd)
      : kindAt(automaton, from == textBegin, from - 1);
  row = load<i32>(automaton + STARTS + (wanted << 2));
  if (row == 0) return NEEDS_START;
  at = kind == BACKWARD ? matchEnd : from;
  matched = -1;
  return AGAIN;
}

/** Goes on where a start row was missing, which is there now. */
export function resumeStart(): i32 {
  return go(isFixed ? nextTry() : startWalk());
}

/** Goes on where a transition was missing. @param ends what ends on it, for a group */
export function resumeTransition(transition: i32, ends: i32): i32 {
  if ((transition & MATCH) != 0) {
    matched = at;
    mask |= ends;
  }
  const isOver = kind == BACKWARD ? at == from : at == textEnd;
  if (isOver || (transition & DEAD) != 0) {
    at += 1;
    return go(OVER);
  }
  row = transition & ~FLAGS;
  if (kind == BACKWARD) at -= 1;
  else {
    at += 1;
    if ((transition & IDLE) != 0 && at >= idleFrom) return go(OVER);
  }
  return go(AGAIN);
}

/** The host has searched instead. @param start,end of the match; start -1 for none */
export function supplyMatch(start: i32, end: i32): i32 {
  if (start < 0) return NONE;
  matchStart = start;
  matchEnd = end;
  return FOUND;
}

/** The host can't tell a group's patterns apart: any of them may match. */
export function supplyMask(all: i32): i32 {
  mask = all;
  notBefore = from;
  return FOUND;
}

/** Adds to what was walked for the pattern or group so far, up to what fits. */
@inline
function note(field: i32, walked: i32): void {
  const sum = load<i32>(owner + field) + walked;
  store<i32>(owner + field, sum < 0 ? i32.MAX_VALUE : sum);
}

function finishWalk(): i32 {
  if (isFixed) return finishTry();
  if (kind == UNION) {
    notBefore = at;
    note(WALKED, at - from);
    return mask != 0 ? FOUND : NONE;
  }
  if (kind == FORWARD) {
    note(WALKED, at - from);
    notBefore = at;
    if (matched < 0) return NONE;
    matchEnd = matched;
    kind = BACKWARD;
    automaton = owner + BACKWARD_AUTOMATON;
    return startWalk();
  }
  matchStart = matched;
  return FOUND;
}

function walkForward(): i32 {
  const classes = load<i32>(automaton + CLASSES);
  const end = textEnd;
  const idle = idleFrom;
  let p = at;
  let r = row;
  while (p < end) {
    const offset = <i32>load<u8>(classes + <i32>load<u8>(p)) << 2;
    const next = load<i32>(r + offset);
    if ((next & FLAGS) != 0) {
      if ((next & UNKNOWN) != 0) return stop(r, p, offset);
      if ((next & MATCH) != 0) matched = p;
      if ((next & DEAD) != 0 || ((next & IDLE) != 0 && p + 1 >= idle)) {
        at = p + 1;
        return OVER;
      }
      r = next & ~FLAGS;
    } else {
      r = next;
    }
    p += 1;
  }
  return overTheEdge(r, p);
}

/** The same for a group: notes what ends on each transition. */
function walkUnion(): i32 {
  const classes = load<i32>(automaton + CLASSES);
  const masks = load<i32>(automaton + MASKS);
  const end = textEnd;
  const idle = idleFrom;
  let p = at;
  let r = row;
  while (p < end) {
    const offset = <i32>load<u8>(classes + <i32>load<u8>(p)) << 2;
    const next = load<i32>(r + offset);
    if ((next & FLAGS) != 0) {
      if ((next & UNKNOWN) != 0) return stop(r, p, offset);
      if ((next & MATCH) != 0) mask |= load<i32>(r + masks + offset);
      if ((next & DEAD) != 0 || ((next & IDLE) != 0 && p + 1 >= idle)) {
        at = p + 1;
        return OVER;
      }
      r = next & ~FLAGS;
    } else {
      r = next;
    }
    p += 1;
  }
  return overTheEdge(r, p);
}

function walkBackward(): i32 {
  const classes = load<i32>(automaton + CLASSES);
  const begin = from;
  let p = at;
  let r = row;
  while (p > begin) {
    const offset = <i32>load<u8>(classes + <i32>load<u8>(p - 1)) << 2;
    const next = load<i32>(r + offset);
    if ((next & FLAGS) != 0) {
      if ((next & UNKNOWN) != 0) return stop(r, p, offset);
      if ((next & MATCH) != 0) matched = p;
      if ((next & DEAD) != 0) {
        at = p;
        return OVER;
      }
      r = next & ~FLAGS;
    } else {
      r = next;
    }
    p -= 1;
  }
  return overTheEdge(r, p);
}

/** The last transition: on the end of the text or, where a search backwards begins inside of it, on the byte before. */
function overTheEdge(r: i32, p: i32): i32 {
  let offset = load<i32>(automaton + EDGE);
  if (kind == BACKWARD && from > textBegin) {
    offset = <i32>load<u8>(load<i32>(automaton + CLASSES) + <i32>load<u8>(from - 1)) << 2;
  }
  const next = load<i32>(r + offset);
  if ((next & UNKNOWN) != 0) return stop(r, p, offset);
  if ((next & MATCH) != 0) {
    matched = p;
    if (kind == UNION) mask |= load<i32>(r + load<i32>(automaton + MASKS) + offset);
  }
  at = p + 1;
  return OVER;
}

function stop(r: i32, p: i32, offset: i32): i32 {
  row = r;
  at = p;
  missing = offset;
  return NEEDS_TRANSITION;
}

/** Nothing of the block before this address needs searching for the pattern or group. */
@inline
export function searchedOf(record: i32): i32 {
  return load<i32>(record + SEARCHED);
}

@inline
export function noteSearched(record: i32, address: i32): void {
  store<i32>(record + SEARCHED, address);
}
