/**
 * The automata of all patterns and groups, and their records in the kernel's memory. The kernel walks them
 * (assembly/search.ts) and stops where a state or transition is missing; `serve` builds it and lets it go on.
 *
 * A pattern begins with one that is fixed to the place where it is tried. Where tries prove dear it gets two others:
 * forward and unanchored for its leftmost match's end, backward, anchored there and longest, for its start, which is the
 * way RE2 finds a match's bounds. A group has one that tells which of its patterns match, fixed at first, too.
 */
import type { PatternSpec } from '../../engine/engine.ts';
import type { Group } from '../anchors/layout.ts';
import { writeBitmap } from '../anchors/needleSet.ts';
import type { KernelMemory } from '../memory.ts';
import type { ReadyPattern } from '../prepare.ts';
import { compileProgram, compileUnion } from '../program/compile.ts';
import { isWordByte } from '../program/context.ts';
import { type Parsed, UnsupportedPattern } from '../syntax/ast.ts';
import { parsePattern } from '../syntax/parse.ts';
import type { RowArena } from './arena.ts';
import { BEFORE, type BuildWork, LazyDfa } from './lazy.ts';
import { GroupTracer } from './trace.ts';

/** What the kernel says; see assembly/search.ts and block.ts. */
export const SAYS = {
  none: 0,
  found: 1,
  needsStart: 2,
  needsTransition: 3,
  needsHost: 4,
  needsAutomaton: 5,
  crowded: 6,
} as const;

const KIND = { union: 0, forward: 1, backward: 2 } as const;
const PATTERN_BYTES = 96;
const GROUP_BYTES = 80;
const BACKWARD_AUTOMATON = 32;
/** Word offsets in the records. */
const FIELD = { classes: 4, edge: 5, masks: 6, hasAsserts: 7, state: 17, walked: 18, onlyWith: 20 } as const;
const GROUP_FIELD = { members: 8, hasUnion: 13 } as const;
const STATE = { ready: 1, byHost: 2, atStart: 4, fixed: 8 } as const;
/** Of each automaton, with its alignment. */
const CLASS_MAP_BYTES = 256;
/** Automata a pattern and a group may have in the course of time. */
const PATTERN_AUTOMATA = 3;
const GROUP_AUTOMATA = 2;

/**
 * Work allowed before automata are given up as ones whose states never repeat, and what each byte walked adds to it.
 * Building costs some 20 ns an instruction; at these figures a pattern can waste 10 ms before RE2 takes over.
 */
const FREE_WORK = 500_000;
const WORK_PER_BYTE = 2;

interface PatternAutomata {
  readonly forward: LazyDfa;
  /** Undefined where the forward one is fixed to where a walk begins: that is where the match begins, too. */
  readonly backward: LazyDfa | undefined;
  readonly tracer: GroupTracer | undefined;
  readonly budget: BuildWork;
}

interface GroupAutomaton {
  readonly dfa: LazyDfa;
  readonly budget: BuildWork;
}

export class Automata {
  /** Addresses of the records. */
  readonly patternsAt: number;
  readonly groupsAt: number;
  readonly #memory: KernelMemory;
  readonly #arena: RowArena;
  readonly #specs: readonly PatternSpec[];
  readonly #ready: readonly ReadyPattern[];
  readonly #groups: readonly Group[];
  readonly #patterns: (PatternAutomata | undefined)[];
  readonly #unions: (GroupAutomaton | undefined)[];
  readonly #given = new Set<number>();
  readonly #everyLine: ReadonlySet<number>;
  #epoch: number;

  /**
   * All memory that is ever needed beside the arena's is allocated here.
   * @param everyLine patterns without an anchor
   */
  constructor(
    memory: KernelMemory,
    arena: RowArena,
    specs: readonly PatternSpec[],
    ready: readonly ReadyPattern[],
    groups: readonly Group[],
    everyLine: readonly number[],
  ) {
    this.#memory = memory;
    this.#everyLine = new Set(everyLine);
    this.#arena = arena;
    this.#specs = specs;
    this.#ready = ready;
    this.#groups = groups;
    this.#patterns = new Array<PatternAutomata | undefined>(specs.length);
    this.#unions = new Array<GroupAutomaton | undefined>(groups.length);
    this.#epoch = arena.epoch;
    this.patternsAt = memory.allocate(specs.length * PATTERN_BYTES + 16);
    this.groupsAt = memory.allocate(groups.length * GROUP_BYTES + 16);
    const kinds = memory.allocate(256);
    for (let byte = 0; byte < 256; byte++) {
      memory.bytes[kinds + byte] =
        byte === 10 ? BEFORE.newline : isWordByte(byte) ? BEFORE.word : BEFORE.other;
    }
    memory.exports.setKinds(kinds);
    for (const [pattern, { onlyWith = 0 }] of specs.entries()) {
      memory.words[(this.recordOf(pattern) >> 2) + FIELD.onlyWith] = onlyWith;
    }
    for (const [id, group] of groups.entries()) this.#writeGroup(this.groupsAt + id * GROUP_BYTES, group);
    memory.reserve((PATTERN_AUTOMATA * specs.length + GROUP_AUTOMATA * groups.length) * CLASS_MAP_BYTES);
  }

  /** Patterns that go to plain RE2 so far. */
  get fallbacks(): number[] {
    const declined = [...this.#ready.keys()].filter((pattern) => this.#ready[pattern]?.declined === true);
    return [...new Set([...declined, ...this.#given])].sort((a, b) => a - b);
  }

  /** Bytes walked so far, all patterns and groups together; each counts to 2^31 - 1 only. */
  get walkedBytes(): number {
    const patterns = this.#specs.map((_, pattern) => this.recordOf(pattern));
    const groups = this.#groups.map((_, id) => this.groupRecordOf(id));
    return [...patterns, ...groups].reduce((sum, record) => sum + this.#word(record, FIELD.walked), 0);
  }

  #writeGroup(record: number, { patterns, reach }: Group): void {
    const memory = this.#memory;
    const members = memory.allocate(patterns.length * 4);
    memory.words.set(patterns, members >> 2);
    const reachSet = memory.allocate(32);
    writeBitmap(memory, reachSet, reach.set);
    const hasUnion = patterns.length > 1 ? 1 : 0;
    const fields = [members, patterns.length, reach.bytes, reachSet, 0, hasUnion];
    memory.words.set(fields, (record >> 2) + GROUP_FIELD.members);
  }

  recordOf(pattern: number): number {
    return this.patternsAt + pattern * PATTERN_BYTES;
  }

  groupRecordOf(group: number): number {
    return this.groupsAt + group * GROUP_BYTES;
  }

  /** Whether one automaton tells the patterns of a group apart. */
  hasUnion(group: number): boolean {
    return this.#memory.words[(this.groupRecordOf(group) >> 2) + GROUP_FIELD.hasUnion] === 1;
  }

  patternAt(record: number): number {
    return (record - this.patternsAt) / PATTERN_BYTES;
  }

  /** For a pattern's group, undefined when the whole match is wanted. */
  tracerOf(pattern: number): GroupTracer | undefined {
    return this.#patterns[pattern]?.tracer;
  }

  /**
   * Builds what the kernel needs and lets it go on.
   * @param need what it said, of what automata can give
   * @returns what it says then; `needsHost` when the pattern (`walkOwner`) has to be searched by other means
   */
  serve(need: number): number {
    const { exports } = this.#memory;
    const kind = exports.walkKind();
    const owner = exports.walkOwner();
    if (kind === KIND.union) return this.#serveUnion(need, (owner - this.groupsAt) / GROUP_BYTES);
    const pattern = this.patternAt(owner);
    if (need === SAYS.needsAutomaton) {
      if (this.#ready[pattern]?.declined === true) this.#giveUp(pattern);
      else this.#build(pattern);
      return exports.restartSearch();
    }
    const automata = this.#patterns[pattern] as PatternAutomata;
    const dfa = kind === KIND.forward ? automata.forward : (automata.backward as LazyDfa);
    if (need === SAYS.needsStart) {
      this.#supplyStart(dfa, kind === KIND.forward ? owner : owner + BACKWARD_AUTOMATON);
      return exports.resumeStart();
    }
    if (automata.budget.work > FREE_WORK + WORK_PER_BYTE * this.#word(owner, FIELD.walked)) {
      this.#giveUp(pattern);
      return exports.restartSearch();
    }
    const transition = dfa.build(exports.walkRow(), exports.walkMissing());
    this.#renew();
    return exports.resumeTransition(transition, 0);
  }

  #serveUnion(need: number, id: number): number {
    const { exports, words } = this.#memory;
    const record = this.groupsAt + id * GROUP_BYTES;
    const { patterns } = this.#groups[id] as Group;
    const all = patterns.length === 32 ? -1 : (1 << patterns.length) - 1;
    if (need === SAYS.needsAutomaton) {
      if (this.#buildUnion(id)) return exports.restartSearch();
      words[(record >> 2) + GROUP_FIELD.hasUnion] = 0;
      return exports.supplyMask(all);
    }
    const union = this.#unions[id] as GroupAutomaton;
    if (need === SAYS.needsStart) {
      this.#supplyStart(union.dfa, record);
      return exports.resumeStart();
    }
    if (union.budget.work > FREE_WORK * patterns.length + WORK_PER_BYTE * this.#word(record, FIELD.walked)) {
      words[(record >> 2) + GROUP_FIELD.hasUnion] = 0;
      return exports.supplyMask(all);
    }
    const transition = union.dfa.build(exports.walkRow(), exports.walkMissing());
    this.#renew();
    return exports.resumeTransition(transition, union.dfa.ends);
  }

  #supplyStart(dfa: LazyDfa, record: number): void {
    const { exports } = this.#memory;
    const wanted = exports.walkWanted();
    const row = dfa.startRow(wanted);
    this.#renew();
    this.#memory.words[(record >> 2) + wanted] = row;
  }

  /** When the arena has dropped all rows, the records must not name them any more. */
  #renew(): void {
    if (this.#epoch === this.#arena.epoch) return;
    this.#epoch = this.#arena.epoch;
    const { words } = this.#memory;
    for (let pattern = 0; pattern < this.#specs.length; pattern++) {
      const record = this.recordOf(pattern) >> 2;
      words.fill(0, record, record + 4);
      words.fill(0, record + (BACKWARD_AUTOMATON >> 2), record + (BACKWARD_AUTOMATON >> 2) + 4);
    }
    for (let id = 0; id < this.#groups.length; id++) {
      const record = (this.groupsAt + id * GROUP_BYTES) >> 2;
      words.fill(0, record, record + 4);
    }
  }

  #word(record: number, field: number): number {
    return this.#memory.words[(record >> 2) + field] as number;
  }

  /** Its place in a line is not known: one walk over the line is better than a try at each byte. */
  #isOnEveryLine(pattern: number): boolean {
    return this.#everyLine.has(pattern);
  }

  /**
   * Builds a pattern's automata: fixed to a place at first, the others when that was tried at too many. Gives it up when it
   * has to be searched by other means.
   */
  #build(pattern: number): void {
    const { group } = this.#specs[pattern] as PatternSpec;
    const former = this.#patterns[pattern];
    try {
      const parsed = this.#parsed(pattern);
      if (group > parsed.groups) throw new UnsupportedPattern('there is no such group');
      const { atStart } = this.#ready[pattern] as ReadyPattern;
      const isFixed = atStart || (former === undefined && !this.#isOnEveryLine(pattern));
      const budget: BuildWork = { work: 0 };
      const tracer =
        group === 0
          ? undefined
          : (former?.tracer ?? new GroupTracer(compileProgram(parsed, { reversed: false, group }), group));
      const forward = this.#forward(parsed, isFixed, budget);
      const backward = isFixed ? undefined : this.#backward(parsed, budget);
      this.#patterns[pattern] = { forward, backward, tracer, budget };
      const record = this.recordOf(pattern);
      this.#writeAutomaton(record, forward);
      if (backward !== undefined) this.#writeAutomaton(record + BACKWARD_AUTOMATON, backward);
      this.#memory.words[(record >> 2) + FIELD.state] =
        STATE.ready | (atStart ? STATE.atStart : 0) | (isFixed ? STATE.fixed : 0);
    } catch (error) {
      if (!(error instanceof UnsupportedPattern)) throw error;
      this.#giveUp(pattern);
    }
  }

  #forward(parsed: Parsed, isFixed: boolean, budget: BuildWork): LazyDfa {
    const program = compileProgram(parsed, { reversed: false, group: -1 });
    const begin = isFixed ? program.start : program.startUnanchored;
    return new LazyDfa(this.#memory, this.#arena, program, begin, 'leftmost', budget);
  }

  #backward(parsed: Parsed, budget: BuildWork): LazyDfa {
    const program = compileProgram(parsed, { reversed: true, group: -1 });
    return new LazyDfa(this.#memory, this.#arena, program, program.start, 'longest', budget);
  }

  /** The same for a group. @returns false when its patterns can't be told apart by one automaton */
  #buildUnion(id: number): boolean {
    const { patterns } = this.#groups[id] as Group;
    const isFixed =
      this.#unions[id] === undefined && !patterns.some((pattern) => this.#isOnEveryLine(pattern));
    try {
      const program = compileUnion(patterns.map((pattern) => this.#parsed(pattern).root));
      const begin = isFixed ? program.start : program.startUnanchored;
      const budget: BuildWork = { work: 0 };
      const dfa = new LazyDfa(this.#memory, this.#arena, program, begin, 'all', budget);
      this.#unions[id] = { dfa, budget };
      const record = this.groupRecordOf(id);
      this.#writeAutomaton(record, dfa);
      this.#memory.words[(record >> 2) + FIELD.state] = STATE.ready | (isFixed ? STATE.fixed : 0);
      return true;
    } catch (error) {
      if (!(error instanceof UnsupportedPattern)) throw error;
      return false;
    }
  }

  #parsed(pattern: number): Parsed {
    return this.#ready[pattern]?.parsed ?? parsePattern((this.#specs[pattern] as PatternSpec).source);
  }

  #giveUp(pattern: number): void {
    this.#given.add(pattern);
    this.#patterns[pattern] = undefined;
    this.#memory.words[(this.recordOf(pattern) >> 2) + FIELD.state] = STATE.byHost;
  }

  #writeAutomaton(record: number, dfa: LazyDfa): void {
    const { words } = this.#memory;
    words.fill(0, record >> 2, (record >> 2) + 4);
    words[(record >> 2) + FIELD.classes] = dfa.classes;
    words[(record >> 2) + FIELD.edge] = dfa.edge;
    words[(record >> 2) + FIELD.masks] = dfa.masks;
    words[(record >> 2) + FIELD.hasAsserts] = dfa.hasAsserts ? 1 : 0;
  }
}
