/**
 * Where the wanted group of a match lies. The match's bounds are known; this runs a second automaton over just that
 * span, anchored at its start, that remembers for each thread of a state which thread of the state before it came from
 * and which ends of the group it passed. Walking those links back from the end follows the one path Pike's machine
 * would have preferred, in time linear in the match.
 *
 * States live in JavaScript, since a match is short and few; they are dropped when there are more than MAX_STATES.
 */
import { assertionsBetween, EDGE } from '../program/context.ts';
import { OP, type Program } from '../program/program.ts';
import { type ByteClasses, byteClasses } from './classes.ts';

const MAX_STATES = 2000;
/** Which ends of the group a thread passed. */
const PASSED = { begin: 1, end: 2 } as const;

interface TraceState {
  /** Instructions in order of preference: byte sets, match, and assertions still to be decided. */
  readonly list: Int32Array;
  readonly before: number;
  /** By class, the edge last. */
  readonly steps: (Step | undefined)[];
}

interface StartState extends TraceState {
  /** What its threads passed at the start itself. */
  readonly passed: Uint8Array;
}

interface Step {
  readonly next: TraceState;
  /** For each thread of `next`: the thread of this state it came from. */
  readonly parent: Int32Array;
  /** What it passed before consuming (low two bits, at this place) and after (next two bits, one byte on). */
  readonly passed: Uint8Array;
  /** The thread that ends in a match here, -1 for none, and what it passed on its way. */
  readonly matchThread: number;
  readonly matchPassed: number;
}

export class GroupTracer {
  /** Bounds of the group after `trace`; equal to each other when it took no part. */
  start = 0;
  end = 0;
  readonly #program: Program;
  readonly #classes: ByteClasses;
  readonly #beginSlot: number;
  readonly #seen: Int32Array;
  #generation = 0;
  readonly #states = new Map<string, TraceState>();
  /** By the byte before, one on: the edge comes first. */
  readonly #starts = new Array<StartState | undefined>(257).fill(undefined);
  #path: Step[] = [];

  /** @param program compiled with this group's captures only @param group its number, from 1 */
  constructor(program: Program, group: number) {
    this.#program = program;
    this.#classes = byteClasses(program);
    this.#beginSlot = 2 * group;
    this.#seen = new Int32Array(program.op.length);
  }

  /**
   * @param bytes the memory the line lies in @param lineStart its first byte @param lineEnd its end
   * @param from start of the match @param to its end
   * @returns whether the group took part
   */
  trace(bytes: Uint8Array, lineStart: number, lineEnd: number, from: number, to: number): boolean {
    if (this.#states.size > MAX_STATES) {
      this.#states.clear();
      this.#starts.fill(undefined);
    }
    const { of } = this.#classes;
    const path = this.#path;
    const before = from === lineStart ? EDGE : (bytes[from - 1] as number);
    const first = this.#starts[before + 1] ?? this.#startState(before);
    let state: TraceState = first;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      const column = of[byte] as number;
      const step = state.steps[column] ?? this.#step(state, column, byte);
      path[at - from] = step;
      state = step.next;
    }
    const after = to === lineEnd ? EDGE : (bytes[to] as number);
    const column = after === EDGE ? this.#classes.sample.length : (of[after] as number);
    const last = state.steps[column] ?? this.#step(state, column, after);
    if (last.matchThread < 0) throw new Error('the automata disagree about the end of a match');
    let thread = last.matchThread;
    let begin = (last.matchPassed & PASSED.begin) !== 0 ? to : -1;
    let end = (last.matchPassed & PASSED.end) !== 0 ? to : -1;
    for (let at = to - 1; at >= from && begin < 0; at--) {
      const step = path[at - from] as Step;
      const passed = step.passed[thread] as number;
      if (passed !== 0) {
        const behind = passed >> 2;
        if ((behind & PASSED.end) !== 0 && end < 0) end = at + 1;
        if ((behind & PASSED.begin) !== 0) begin = at + 1;
        if ((passed & PASSED.end) !== 0 && end < 0) end = at;
        if ((passed & PASSED.begin) !== 0 && begin < 0) begin = at;
      }
      thread = step.parent[thread] as number;
    }
    if (begin < 0) {
      const passed = first.passed[thread] as number;
      if ((passed & PASSED.end) !== 0 && end < 0) end = from;
      if ((passed & PASSED.begin) !== 0) begin = from;
    }
    const took = begin >= 0 && end >= 0;
    this.start = took ? begin : from;
    this.end = took ? end : from;
    return took;
  }

  #startState(byte: number): StartState {
    const list: number[] = [];
    const passed: number[] = [];
    this.#generation += 1;
    this.#close(this.#program.start, 0, 0, -1, list, [], passed);
    const state = { list: Int32Array.from(list), before: byte, steps: [], passed: Uint8Array.from(passed) };
    this.#starts[byte + 1] = state;
    return state;
  }

  #step(state: TraceState, column: number, byte: number): Step {
    const program = this.#program;
    // First what the assertions let through here, then over the byte.
    const ready: number[] = [];
    const readyParent: number[] = [];
    const readyPassed: number[] = [];
    this.#generation += 1;
    const holds = assertionsBetween(state.before, byte);
    for (let i = 0; i < state.list.length; i++) {
      this.#close(state.list[i] as number, i, 0, holds, ready, readyParent, readyPassed);
    }
    const list: number[] = [];
    const via: number[] = [];
    const after: number[] = [];
    let matchThread = -1;
    let matchPassed = 0;
    this.#generation += 1;
    for (let i = 0; i < ready.length; i++) {
      const pc = ready[i] as number;
      if (program.op[pc] === OP.match) {
        matchThread = readyParent[i] as number;
        matchPassed = readyPassed[i] as number;
        break;
      }
      if (byte !== EDGE && program.sets[program.arg[pc] as number]?.[byte] === 1) {
        this.#close(program.out[pc] as number, i, 0, -1, list, via, after);
      }
    }
    // Only what a byte can tell matters of the one before; a sample of its class does.
    const before = byte === EDGE ? EDGE : (this.#classes.sample[column] as number);
    let key = `${before} `;
    for (let i = 0; i < list.length; i += 4096) key += String.fromCharCode(...list.slice(i, i + 4096));
    let next = this.#states.get(key);
    if (next === undefined) {
      next = { list: Int32Array.from(list), before, steps: [] };
      this.#states.set(key, next);
    }
    const step: Step = {
      next,
      parent: Int32Array.from(via, (i) => readyParent[i] as number),
      passed: Uint8Array.from(via, (i, n) => (readyPassed[i] as number) | ((after[n] as number) << 2)),
      matchThread,
      matchPassed,
    };
    state.steps[column] = step;
    return step;
  }

  /**
   * Adds what is reachable from `first` without consuming a byte, in order of preference.
   * @param origin noted for each @param holds assertions that hold, -1 to leave them undecided
   */
  #close(
    first: number,
    origin: number,
    firstPassed: number,
    holds: number,
    list: number[],
    parents: number[],
    passed: number[],
  ): void {
    const { op, out, arg } = this.#program;
    const stack = [first];
    const stackPassed = [firstPassed];
    while (stack.length > 0) {
      const pc = stack.pop() as number;
      const bits = stackPassed.pop() as number;
      if (this.#seen[pc] === this.#generation) continue;
      this.#seen[pc] = this.#generation;
      switch (op[pc]) {
        case OP.alt:
          stack.push(arg[pc] as number, out[pc] as number);
          stackPassed.push(bits, bits);
          break;
        case OP.capture:
          stack.push(out[pc] as number);
          stackPassed.push(bits | ((arg[pc] as number) === this.#beginSlot ? PASSED.begin : PASSED.end));
          break;
        case OP.assert:
          if (holds !== -1) {
            if (((arg[pc] as number) & holds) === 0) break;
            stack.push(out[pc] as number);
            stackPassed.push(bits);
            break;
          }
          list.push(pc);
          parents.push(origin);
          passed.push(bits);
          break;
        case OP.fail:
          break;
        default:
          list.push(pc);
          parents.push(origin);
          passed.push(bits);
      }
    }
  }
}
