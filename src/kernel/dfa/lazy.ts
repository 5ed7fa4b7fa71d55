/**
 * A lazily built automaton over a byte program (Russ Cox, "Regular Expression Matching in the Wild"): a state is an
 * ordered list of instructions, built when a walk first needs it, with its row in the kernel's memory.
 *
 * A list holds what is reached without consuming a byte and without passing an assertion. Assertions are decided on the
 * transition, when the byte before (kept in the state, where it matters) and the byte after are both known; so a match
 * is noticed on the transition that leaves its end. Preference: everything after a match in the list is cut (leftmost
 * first), or, for `longest` and `all`, nothing is; `all` also notes beside each transition which matches end on it.
 *
 * Invariant: states and rows belong to one epoch of the arena; after the arena was cleared nothing old is used.
 */
import type { KernelMemory } from '../memory.ts';
import { assertionsBetween, EDGE, isWordByte } from '../program/context.ts';
import { OP, type Program } from '../program/program.ts';
import { type RowArena, TRANSITION } from './arena.ts';
import { byteClasses } from './classes.ts';

/** Whether what a match is preferred to goes on, and whether matches are told apart. */
export type Preference = 'leftmost' | 'longest' | 'all';

/** What assertions can see of the byte before. */
export const BEFORE = { edge: 0, newline: 1, word: 2, other: 3 } as const;
/** A byte of each kind, in the order of BEFORE. */
const BEFORE_SAMPLE = [EDGE, 10, 0x61, 0x20] as const;
const NEWLINE = 10;

interface State {
  readonly row: number;
  readonly list: Int32Array;
  readonly before: number;
}

/** What a match that begins at a place comes to on the byte there. */
interface Beginning {
  readonly list: readonly number[];
  /** An empty match ends at the place itself. */
  readonly matched: boolean;
  readonly ends: number;
}

/** What building states has cost, in instructions looked at. */
export interface BuildWork {
  work: number;
}

export class LazyDfa {
  /** Address of the class map. */
  readonly classes: number;
  /** Byte offset of the end-of-text transition in each row. */
  readonly edge: number;
  /** Byte offset from a row to what ends on each of its transitions, a bit a match; for `all`. */
  readonly masks: number;
  readonly hasAsserts: boolean;
  readonly #memory: KernelMemory;
  readonly #arena: RowArena;
  readonly #program: Program;
  readonly #preference: Preference;
  readonly #start: number;
  readonly #sample: readonly number[];
  readonly #budget: BuildWork;
  /** After `build`, for `all`: the matches that end on the transition, a bit each. */
  ends = 0;
  readonly #seen: Int32Array;
  #generation = 0;
  #epoch = -1;
  readonly #byKey = new Map<string, State>();
  readonly #byRow = new Map<number, State>();
  readonly #starts = new Int32Array(4);
  /** Stands in a list for all that a match can begin with here, and for going on without one. */
  readonly #restart: number;
  /** By assertions that hold and byte class: what beginning a match on that byte leads to. */
  readonly #beginnings: (Beginning | undefined)[] = [];
  /** Whether a match may begin with an assertion. */
  readonly #beginsWithAssert: boolean;

  /**
   * @param start entry of the program
   * @param preference `longest` for walks backwards to the leftmost start
   * @param budget counts the work done for this pattern
   */
  constructor(
    memory: KernelMemory,
    arena: RowArena,
    program: Program,
    start: number,
    preference: Preference,
    budget: BuildWork,
  ) {
    this.#memory = memory;
    this.#arena = arena;
    this.#program = program;
    this.#start = start;
    this.#restart = program.startUnanchored;
    this.#preference = preference;
    this.hasAsserts = program.hasAsserts;
    this.#budget = budget;
    this.#seen = new Int32Array(program.op.length);
    const first: number[] = [];
    this.#beginList();
    this.#close(program.start, first);
    this.#beginsWithAssert = first.some((pc) => program.op[pc] === OP.assert);
    const { of, sample } = byteClasses(program);
    this.#sample = sample;
    this.edge = sample.length * 4;
    this.masks = this.edge + 4;
    this.classes = memory.allocate(256);
    memory.bytes.set(of, this.classes);
  }

  /** The row to begin with after a byte of this kind; see BEFORE. */
  startRow(kind: number): number {
    this.#renew();
    const before = this.hasAsserts ? kind : BEFORE.other;
    let row = this.#starts[before] as number;
    if (row === 0) {
      const list: number[] = [];
      this.#beginList();
      this.#close(this.#start, list);
      row = this.#intern(list, before).row;
      // Interning may have cleared the arena and with it the other starts.
      this.#starts[before] = row;
    }
    return row;
  }

  /**
   * Builds the transition a walk stopped at.
   * @param row the row it stopped in @param offset of the transition inside the row
   * @returns the transition, with its flags; its row is valid even if the arena was cleared on the way
   */
  build(row: number, offset: number): number {
    this.ends = 0;
    const state = this.#byRow.get(row) as State;
    const column = offset >> 2;
    const isEdge = offset === this.edge;
    const byte = isEdge ? EDGE : (this.#sample[column] as number);
    const { list: ready, matched, isIdle } = this.#step(state, byte, column);
    let transition: number;
    if (isEdge || ready.length === 0) {
      transition = TRANSITION.dead;
    } else {
      const before = this.hasAsserts ? beforeKind(byte) : BEFORE.other;
      transition = this.#intern(ready, before).row;
      if (isIdle) transition |= TRANSITION.idle;
    }
    if (matched) transition |= TRANSITION.match;
    // If interning cleared the arena, the row that led here is gone.
    if (this.#byRow.get(row) === state) {
      this.#memory.words[(row + offset) >> 2] = transition;
      if (this.#preference === 'all') this.#memory.words[(row + this.masks + offset) >> 2] = this.ends;
    }
    return transition;
  }

  #step(state: State, byte: number, column: number): { list: number[]; matched: boolean; isIdle: boolean } {
    const program = this.#program;
    const holds = program.hasAsserts ? assertionsBetween(BEFORE_SAMPLE[state.before] as number, byte) : 0;
    const source = program.hasAsserts ? this.#expand(state.list, holds) : state.list;
    // Preferred least, so it is the last if it is there.
    const canBegin = source[source.length - 1] === this.#restart;
    const beginning = canBegin ? this.#beginning(holds, byte, column) : undefined;
    const threads = canBegin ? source.length - 1 : source.length;
    const list: number[] = [];
    const matched = this.#advance(source, threads, byte, list);
    this.#budget.work += 16 + threads + list.length;
    if (beginning === undefined || (matched && this.#preference === 'leftmost')) {
      return { list: this.#cut(list), matched, isIdle: false };
    }
    this.ends |= beginning.ends;
    this.#addUnseen(beginning.list, list);
    if (byte !== EDGE && !(beginning.matched && this.#preference === 'leftmost')) list.push(this.#restart);
    const isIdle = list.length === 1 && list[0] === this.#restart;
    return { list: this.#cut(list), matched: matched || beginning.matched, isIdle };
  }

  /**
   * Adds where threads get to over a byte, in order of preference, and notes what ends before it.
   * @returns whether a match ends
   */
  #advance(threads: ArrayLike<number>, count: number, byte: number, list: number[]): boolean {
    const { op, out, arg, sets } = this.#program;
    let matched = false;
    this.#beginList();
    for (let i = 0; i < count; i++) {
      const pc = threads[i] as number;
      if (op[pc] === OP.match) {
        matched = true;
        this.ends |= 1 << (arg[pc] as number);
        if (this.#preference === 'leftmost') break;
      } else if (byte !== EDGE && sets[arg[pc] as number]?.[byte] === 1) {
        this.#close(out[pc] as number, list);
      }
    }
    return matched;
  }

  /** A state's list with the assertions decided. */
  #expand(list: Int32Array, holds: number): number[] {
    const expanded: number[] = [];
    this.#beginList();
    for (let i = 0; i < list.length; i++) this.#close(list[i] as number, expanded, holds);
    return expanded;
  }

  /** What a match that begins here leads to on a byte; worked out once, as most states let one begin. */
  #beginning(holds: number, byte: number, column: number): Beginning {
    const index = holds * (this.#sample.length + 1) + column;
    const known = this.#beginnings[index];
    if (known !== undefined) return known;
    const first: number[] = [];
    this.#beginList();
    this.#close(this.#program.start, first, holds);
    const list: number[] = [];
    const outer = this.ends;
    this.ends = 0;
    const matched = this.#advance(first, first.length, byte, list);
    const beginning = { list, matched, ends: this.ends };
    this.ends = outer;
    this.#budget.work += 16 + first.length + list.length;
    this.#beginnings[index] = beginning;
    return beginning;
  }

  /** Adds what is not yet in the list that was begun last. */
  #addUnseen(from: readonly number[], list: number[]): void {
    for (const pc of from) {
      if (this.#seen[pc] === this.#generation) continue;
      this.#seen[pc] = this.#generation;
      list.push(pc);
    }
  }

  /** Drops what can't win any more, for the leftmost match: all that comes after an unconditional one. */
  #cut(list: number[]): number[] {
    if (this.#preference !== 'leftmost') return list;
    const at = list.findIndex((pc) => this.#program.op[pc] === OP.match);
    if (at >= 0) list.length = at + 1;
    return list;
  }

  #beginList(): void {
    this.#generation += 1;
  }

  /** Adds what is reachable from `first` to the list, in order of preference; assertions only pass if they hold. */
  #close(first: number, list: number[], holds = -1): void {
    const { op, out, arg } = this.#program;
    const seen = this.#seen;
    const generation = this.#generation;
    const stack = [first];
    while (stack.length > 0) {
      const pc = stack.pop() as number;
      if (seen[pc] === generation) continue;
      seen[pc] = generation;
      if (pc === this.#restart) {
        list.push(pc);
        continue;
      }
      switch (op[pc]) {
        case OP.alt:
          stack.push(arg[pc] as number, out[pc] as number);
          break;
        case OP.capture:
          stack.push(out[pc] as number);
          break;
        case OP.assert:
          if (holds === -1) list.push(pc);
          else if (((arg[pc] as number) & holds) !== 0) stack.push(out[pc] as number);
          break;
        case OP.fail:
          break;
        default:
          list.push(pc);
      }
    }
  }

  #intern(list: readonly number[], before: number): State {
    this.#renew();
    // Without an assertion to decide, what came before makes no difference.
    const kind = list.some((pc) => this.#seesBefore(pc)) ? before : BEFORE.other;
    let key = String.fromCharCode(kind);
    for (let i = 0; i < list.length; i += 4096) key += String.fromCharCode(...list.slice(i, i + 4096));
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const width = this.#sample.length + 1;
    const row = this.#arena.allocate(this.#preference === 'all' ? 2 * width : width);
    this.#renew();
    const state: State = { row, list: Int32Array.from(list), before: kind };
    this.#byKey.set(key, state);
    this.#byRow.set(row, state);
    return state;
  }

  /** Whether what an instruction leads to depends on the byte before. */
  #seesBefore(pc: number): boolean {
    return pc === this.#restart ? this.#beginsWithAssert : this.#program.op[pc] === OP.assert;
  }

  /** Forgets all states if the arena has dropped them. */
  #renew(): void {
    if (this.#epoch === this.#arena.epoch) return;
    this.#epoch = this.#arena.epoch;
    this.#byKey.clear();
    this.#byRow.clear();
    this.#starts.fill(0);
  }
}

function beforeKind(byte: number): number {
  if (byte === EDGE) return BEFORE.edge;
  if (byte === NEWLINE) return BEFORE.newline;
  return isWordByte(byte) ? BEFORE.word : BEFORE.other;
}
