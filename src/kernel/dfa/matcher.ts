/**
 * Exact leftmost-first matches of one pattern with two automata: forward and unanchored for the match's end, backward,
 * anchored there and longest, for its start. It is the way RE2 finds a match's bounds.
 */
import type { KernelExports, KernelMemory } from '../memory.ts';
import { compileProgram } from '../program/compile.ts';
import { EDGE } from '../program/context.ts';
import type { Parsed } from '../syntax/ast.ts';
import { type RowArena, TRANSITION } from './arena.ts';
import { type BuildWork, LazyDfa } from './lazy.ts';

/**
 * Work allowed before a pattern is given up as one whose states never repeat, and what each byte searched adds to it.
 * Building costs some 20 ns an instruction; at these figures a pattern can waste 10 ms before RE2 takes over.
 */
const FREE_WORK = 500_000;
const WORK_PER_BYTE = 2;

/** Thrown when the automata don't pay: the caller goes on with RE2 for this pattern. */
export class CacheThrash extends Error {
  override readonly name = 'CacheThrash';
}

export class DfaMatcher {
  /** Bounds of the last match, addresses in the kernel's memory. */
  start = 0;
  end = 0;
  /** After `find` came back false: no match starts before this address (lineEnd + 1: none at all). */
  searched = 0;
  readonly #memory: KernelMemory;
  readonly #exports: KernelExports;
  readonly #forward: LazyDfa;
  readonly #backward: LazyDfa;
  readonly #budget: BuildWork = { work: 0 };
  #scanned = 0;

  /** @param anchored whether a match can only start where a search does (patterns that begin with \A) */
  constructor(memory: KernelMemory, arena: RowArena, parsed: Parsed, anchored = false) {
    this.#memory = memory;
    this.#exports = memory.exports;
    const forward = compileProgram(parsed, { reversed: false, group: -1 });
    const backward = compileProgram(parsed, { reversed: true, group: -1 });
    this.#forward = new LazyDfa(
      memory,
      arena,
      forward,
      anchored ? forward.start : forward.startUnanchored,
      false,
      this.#budget,
    );
    this.#backward = new LazyDfa(memory, arena, backward, backward.start, true, this.#budget);
  }

  /**
   * @param lineStart address of the text @param lineEnd its end @param from first place a match may start at
   * @param idleFrom the search may end without a match at the first place from here on where none is under way
   * @throws CacheThrash when building states costs more than it brings
   */
  find(lineStart: number, lineEnd: number, from: number, idleFrom = Number.POSITIVE_INFINITY): boolean {
    const { bytes } = this.#memory;
    const stop = Math.min(idleFrom, lineEnd + 1);
    const end = this.#walk(from, lineEnd, from === lineStart ? EDGE : (bytes[from - 1] as number), stop);
    if (end < 0) return false;
    this.end = end;
    this.start = this.#walkBack(lineStart, lineEnd, from, end);
    return true;
  }

  #walk(from: number, end: number, before: number, idleFrom: number): number {
    const dfa = this.#forward;
    const exports = this.#exports;
    let row = dfa.startRow(before);
    let at = from;
    let matched = -1;
    while (exports.walkForward(row, dfa.classes, at, end, dfa.edge, matched, idleFrom) !== 0) {
      this.#checkBudget();
      at = exports.walkAt();
      matched = exports.walkMatch();
      const transition = dfa.build(exports.walkRow(), exports.walkClass());
      if ((transition & TRANSITION.match) !== 0) matched = at;
      if ((transition & TRANSITION.dead) !== 0 || at === end) {
        this.searched = at + 1;
        this.#scanned += at - from;
        return matched;
      }
      row = transition & ~15;
      at += 1;
    }
    this.searched = exports.walkEnd();
    this.#scanned += this.searched - from;
    return exports.walkMatch();
  }

  #walkBack(lineStart: number, lineEnd: number, from: number, end: number): number {
    const dfa = this.#backward;
    const exports = this.#exports;
    const { bytes } = this.#memory;
    let row = dfa.startRow(end === lineEnd ? EDGE : (bytes[end] as number));
    const beyond = dfa.offsetOf(from === lineStart ? EDGE : (bytes[from - 1] as number));
    let at = end;
    let matched = -1;
    this.#scanned += end - from;
    while (exports.walkBackward(row, dfa.classes, at, from, beyond, matched) !== 0) {
      this.#checkBudget();
      at = exports.walkAt();
      matched = exports.walkMatch();
      const transition = dfa.build(exports.walkRow(), exports.walkClass());
      if ((transition & TRANSITION.match) !== 0) matched = at;
      if ((transition & TRANSITION.dead) !== 0 || at === from) return matched;
      row = transition & ~15;
      at -= 1;
    }
    return exports.walkMatch();
  }

  #checkBudget(): void {
    if (this.#budget.work > FREE_WORK + WORK_PER_BYTE * this.#scanned) throw new CacheThrash();
  }
}
