/**
 * Goes through a block of lines: candidates line by line, the groups they name, the patterns of those that match.
 * Stops wherever the host has something to decide (a match) or to build, and goes on when it is called again.
 *
 * Per line and pattern matches come in order and do not overlap; the host says after each where to go on.
 */
import { scanBlock, scanCount, sortCandidates, walkBack } from './anchors';
import { findAfterLast, findByte } from './bytes';
import {
  beginSearch,
  beginUnion,
  FOUND,
  foundEnd,
  foundMask,
  foundNothingBefore,
  foundStart,
  NONE,
  noteSearched,
  searchedOf,
  supplyMatch,
} from './search';

/** What nextMatch says; FOUND, NONE and the needs are those of a search. */
const CROWDED: i32 = 6;

/** Fields of a group's record; its automaton comes first. */
const MEMBERS: i32 = 32;
const MEMBER_COUNT: i32 = 36;
const REACH: i32 = 40;
const REACH_SET: i32 = 44;
const GROUP_MASK: i32 = 48;
/** Whether its patterns are told apart by one automaton for all. */
const HAS_UNION: i32 = 52;
const GROUP_BYTES: i32 = 80;
const PATTERN_BYTES: i32 = 96;
/** In a pattern's record: the byte a line must hold for it to matter that it matches, 0 for none. */
const ONLY_WITH: i32 = 80;
const CANDIDATE_BYTES: i32 = 16;
const NEWLINE: i32 = 10;
const RETURN: i32 = 13;

/** Where the walk goes on when it is called again. */
const NEXT: i32 = 0;
const IN_UNION: i32 = 1;
const IN_SEARCH: i32 = 2;
const AFTER_MATCH: i32 = 3;

let scan: i32 = 0;
let list: i32 = 0;
let room: i32 = 0;
let groups: i32 = 0;
let patterns: i32 = 0;
/** Groups that every line is searched for. */
let everyLine: i32 = 0;
let everyLineCount: i32 = 0;

let blockStart: i32 = 0;
let blockEnd: i32 = 0;
/** Up to where candidates are known: lines that begin before. */
let knownTo: i32 = 0;
let candidate: i32 = 0;
let candidates: i32 = 0;
/** The line in work: its begin, the end of its text, where the next one begins. */
let lineStart: i32 = 0;
let lineEnd: i32 = 0;
let nextLine: i32 = 0;
let every: i32 = 0;

let heldLine: i32 = 0;
let heldByte: i32 = 0;
let isHeld: bool = false;

let phase: i32 = NEXT;
let group: i32 = 0;
let position: i32 = 0;
let idleFrom: i32 = 0;
let pending: i32 = 0;
let pattern: i32 = 0;

/** What the host has laid out: the scan's descriptor, room for candidates, records of groups and patterns. */
export function setUp(
  scanAt: i32,
  listAt: i32,
  listRoom: i32,
  groupsAt: i32,
  patternsAt: i32,
  everyLineAt: i32,
  everyLines: i32,
): void {
  scan = scanAt;
  list = listAt;
  room = listRoom;
  groups = groupsAt;
  patterns = patternsAt;
  everyLine = everyLineAt;
  everyLineCount = everyLines;
}

export function matchPattern(): i32 {
  return pattern;
}
export function matchLineStart(): i32 {
  return lineStart;
}
export function matchLineEnd(): i32 {
  return lineEnd;
}
/** Begin of the line behind the one in work. */
export function matchNextLine(): i32 {
  return nextLine;
}

/**
 * Begins a block: complete lines in [start, end).
 * @param patternCount, groupCount whose notes of what was searched are reset
 */
export function beginBlock(start: i32, end: i32, patternCount: i32, groupCount: i32): void {
  blockStart = start;
  blockEnd = end;
  for (let i = 0; i < patternCount; i++) noteSearched(patterns + i * PATTERN_BYTES, start);
  for (let i = 0; i < groupCount; i++) {
    noteSearched(groups + i * GROUP_BYTES, start);
    store<i32>(groups + i * GROUP_BYTES + GROUP_MASK, 0);
  }
  heldLine = 0;
  lineStart = start;
  lineEnd = start - 1;
  nextLine = start;
  knownTo = start;
  candidate = 0;
  candidates = 0;
  every = everyLineCount;
  pending = 0;
  phase = NEXT;
}

/** The rest of the line in work is not looked at. */
export function skipLine(): void {
  pending = 0;
  every = everyLineCount;
  phase = NEXT;
  while (candidate < candidates && load<i32>(list + candidate * CANDIDATE_BYTES) < nextLine) candidate += 1;
}

/** Nothing before `address` (a line's begin) is looked at any more. */
export function skipTo(address: i32): void {
  skipLine();
  while (candidate < candidates && load<i32>(list + candidate * CANDIDATE_BYTES) < address) candidate += 1;
  if (address > nextLine) nextLine = address;
  if (address > knownTo) knownTo = address;
}

/** After a match: matches of its pattern that begin from `address` on are wanted. */
export function goOn(address: i32): void {
  noteSearched(pattern, address);
}

/**
 * The next match, or what the host has to do first.
 * @param state after a need: what the search said when it was resumed; else 0
 */
export function nextMatch(state: i32): i32 {
  while (true) {
    if (phase == IN_UNION) {
      if (state > FOUND) return state;
      const found = foundMask();
      noteSearched(group, foundNothingBefore());
      store<i32>(group + GROUP_MASK, found);
      pending = found;
      phase = NEXT;
    } else if (phase == IN_SEARCH) {
      if (state > FOUND) return state;
      phase = NEXT;
      if (state == FOUND) {
        phase = AFTER_MATCH;
        // Unless the host says otherwise the next match begins behind this one.
        const end = foundEnd();
        noteSearched(pattern, end == foundStart() ? end + 1 : end);
        return FOUND;
      }
      noteSearched(pattern, max(searchedOf(pattern), foundNothingBefore()));
    } else if (phase == AFTER_MATCH) {
      phase = NEXT;
      // A further match that this candidate stands for begins before `idleFrom`.
      if (searchedOf(pattern) < idleFrom) {
        state = search(searchedOf(pattern));
        continue;
      }
    }
    if (pending != 0) {
      const bit = ctz(pending);
      pending &= pending - 1;
      pattern = patterns + load<i32>(load<i32>(group + MEMBERS) + (bit << 2)) * PATTERN_BYTES;
      const searched = searchedOf(pattern);
      if (searched >= idleFrom) continue;
      const onlyWith = load<i32>(pattern + ONLY_WITH);
      if (onlyWith != 0) {
        noteSearched(pattern, nextLine);
        if (!lineHolds(onlyWith)) continue;
        // Its group has said that it matches.
        if (load<i32>(group + HAS_UNION) != 0) {
          supplyMatch(position, position);
          return FOUND;
        }
      }
      state = search(backFrom(searched));
      continue;
    }
    const step = nextCandidate();
    if (step == NONE) return NONE;
    if (step == CROWDED) return CROWDED;
    const count = load<i32>(group + MEMBER_COUNT);
    if (load<i32>(group + HAS_UNION) == 0) {
      pending = count == 32 ? -1 : (1 << count) - 1;
      continue;
    }
    const searched = searchedOf(group);
    if (searched >= idleFrom) {
      pending = searched > lineStart ? load<i32>(group + GROUP_MASK) : 0;
      continue;
    }
    phase = IN_UNION;
    // The walk before stopped where nothing was under way: no match goes over that place.
    state = beginUnion(group, lineStart, lineEnd, backFrom(searched), idleFrom);
  }
}

/** Whether the line in work holds a byte; of each line the last answer is kept. */
function lineHolds(byte: i32): bool {
  if (heldLine != lineStart || heldByte != byte) {
    heldLine = lineStart;
    heldByte = byte;
    isHeld = findByte(lineStart, lineEnd, byte) < lineEnd;
  }
  return isHeld;
}

/** Where a match of a group (its record) that a candidate at `at` stands for begins at the earliest. */
export function reachBack(record: i32, at: i32, limit: i32): i32 {
  return walkBack(at, load<i32>(record + REACH), load<i32>(record + REACH_SET), limit);
}

/** Where a match that the candidate stands for begins at the earliest. @param searched nothing before is wanted */
@inline
function backFrom(searched: i32): i32 {
  return reachBack(group, max(position, searched), max(lineStart, searched));
}

@inline
function search(from: i32): i32 {
  phase = IN_SEARCH;
  return beginSearch(pattern, lineStart, lineEnd, from, idleFrom);
}

/** Takes the next candidate of the block: sets `group`, `position`, `idleFrom` and the line in work. */
function nextCandidate(): i32 {
  while (true) {
    if (candidate < candidates) {
      const at = list + candidate * CANDIDATE_BYTES;
      const place = load<i32>(at);
      if (place <= lineEnd) {
        candidate += 1;
        // A needle over a line end, which is in no match, may be found after what stands in the next line.
        if (place < lineStart) continue;
        position = place;
        group = groups + load<i32>(at, 4) * GROUP_BYTES;
        idleFrom = load<i32>(at, 8);
        return FOUND;
      }
      // In the line end.
      if (place < nextLine) {
        candidate += 1;
        continue;
      }
    }
    if (every < everyLineCount) {
      group = groups + load<i32>(everyLine + (every << 2)) * GROUP_BYTES;
      every += 1;
      position = lineStart;
      idleFrom = lineEnd + 1;
      return FOUND;
    }
    if (candidate == candidates && nextLine >= knownTo) {
      if (knownTo >= blockEnd) return NONE;
      if (!collect()) return CROWDED;
      continue;
    }
    if (everyLineCount != 0) {
      if (nextLine >= blockEnd) return NONE;
      enterLine(nextLine);
      every = 0;
    } else if (candidate < candidates) {
      enterLine(load<i32>(list + candidate * CANDIDATE_BYTES));
    } else {
      nextLine = knownTo;
    }
  }
}

/** Collects candidates from `knownTo` on. @returns false when one line has too many: it is made the one in work */
function collect(): bool {
  const from = knownTo;
  const done = scanBlock(scan, from, blockEnd, list, room);
  candidate = 0;
  candidates = scanCount();
  knownTo = done;
  if (done == blockEnd) return true;
  // Up to the last line that is sure to be done; a window ends up to three bytes behind its line.
  knownTo = findAfterLast(from, done - 2, NEWLINE);
  while (candidates > 0 && load<i32>(list + (candidates - 1) * CANDIDATE_BYTES) >= knownTo) candidates -= 1;
  if (knownTo > from) return true;
  candidates = 0;
  enterLine(from);
  knownTo = nextLine;
  every = everyLineCount;
  return false;
}

function enterLine(address: i32): void {
  lineStart = findAfterLast(max(blockStart, nextLine), address, NEWLINE);
  const end = findByte(address, blockEnd, NEWLINE);
  nextLine = min(end + 1, blockEnd);
  lineEnd = end < blockEnd && end > lineStart && <i32>load<u8>(end - 1) == RETURN ? end - 1 : end;
  const first = list + candidate * CANDIDATE_BYTES;
  const last = list + candidates * CANDIDATE_BYTES;
  let behind = first;
  while (behind < last && load<i32>(behind) <= end) behind += CANDIDATE_BYTES;
  sortCandidates(first, behind);
}
