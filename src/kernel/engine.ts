/**
 * The fast engine: anchors found in one SIMD pass over a block, matches by lazily built automata, plain RE2 for what
 * the kernel declines. Its spans are exactly RE2's.
 *
 * There are two ways in. For blocks: read complete lines into `window`, call `scan`, then `next` until it returns false;
 * only lines with a candidate are looked at and nothing is allocated for a match. For single lines or decoded values:
 * `select` and `find` on any Buffer.
 *
 * Invariants: the kernel's memory is allocated in the constructor and does not grow afterwards, so `window` stays valid;
 * a text longer than the window is searched by RE2.
 */
import RE2 from 're2';
import type { BlockEngine, BlockLine, PatternMatch, PatternSpec } from '../engine/engine.ts';
import { type AnchorLayout, layOutAnchors } from './anchors/layout.ts';
import { RowArena } from './dfa/arena.ts';
import { CacheThrash, DfaMatcher } from './dfa/matcher.ts';
import { GroupTracer } from './dfa/trace.ts';
import { KernelMemory } from './memory.ts';
import { type PreparedPattern, type ReadyPattern, readPrepared, readyPattern } from './prepare.ts';
import { compileProgram } from './program/compile.ts';
import { UnsupportedPattern } from './syntax/ast.ts';
import { parsePattern } from './syntax/parse.ts';
import { releaseUnicodeText } from './syntax/unicode.ts';

/** Where the last successful search matched: offsets into the view for `find`, into the window for `next`. */
export interface KernelMatch extends PatternMatch {
  /** `next` only: the pattern and its line, without the line end. */
  pattern: number;
  lineStart: number;
  lineEnd: number;
}

export interface KernelOptions {
  /** Bytes of the window; longer lines are searched by RE2. */
  readonly windowBytes?: number;
  /** Bytes for the automata's tables, all patterns together. */
  readonly tableBytes?: number;
  /** States of all automata together before all are dropped. */
  readonly maxStates?: number;
  /** By pattern, what preparePattern said of it; patterns without are analysed here. */
  readonly prepared?: readonly (PreparedPattern | undefined)[];
}

const DEFAULT_WINDOW_BYTES = 1 << 20;
const DEFAULT_TABLE_BYTES = 8 << 20;
const DEFAULT_MAX_STATES = 20_000;
/** The scan reads past the end of a block by no more. */
const SLACK_BYTES = 64;
/** Two class maps a pattern, with their alignment; see LazyDfa. */
const CLASS_MAP_BYTES = 512;
const NEWLINE = 10;

interface Automata {
  readonly matcher: DfaMatcher;
  readonly tracer: GroupTracer | undefined;
}

/** How a pattern is searched; built when it is first needed. */
type Searcher =
  | { readonly kind: 'automata'; readonly automata: Automata }
  | { readonly kind: 're2'; readonly regex: RE2 };

export class KernelEngine implements BlockEngine {
  readonly match: KernelMatch = {
    start: 0,
    end: 0,
    valueStart: 0,
    valueEnd: 0,
    pattern: 0,
    lineStart: 0,
    lineEnd: 0,
  };
  readonly line: BlockLine = { start: 0, end: 0, patterns: undefined };
  /** Patterns without an anchor: every line has to be searched for them. */
  readonly everyLine: readonly number[];
  readonly #specs: readonly PatternSpec[];
  readonly #ready: readonly ReadyPattern[];
  readonly #atStart: Uint8Array;
  readonly #searchers: (Searcher | undefined)[];
  readonly #memory = new KernelMemory();
  readonly #arena: RowArena;
  readonly #layout: AnchorLayout;
  readonly #windowAt: number;
  readonly #windowBytes: number;
  /** Where views from elsewhere are copied to. */
  readonly #scratchAt: number;
  readonly #window: Buffer;
  #copied: Buffer | undefined;

  // The walk over a block. Addresses in the kernel's memory.
  #blockStart = 0;
  #blockEnd = 0;
  /** Where the scan has to go on when the candidates are used up, 0 when it is done. */
  #resume = 0;
  /** Next candidate and their number. */
  #candidate = 0;
  #candidates = 0;
  /** The line in work; lineEnd is the address of its line end. */
  #lineStart = 0;
  #lineEnd = 0;
  /** Place in `everyLine` for the line in work. */
  #every = 0;
  /** By pattern: nothing of the block before this address needs searching. */
  readonly #searched: Int32Array;
  /** The pattern to be searched again in the line in work from where `#searched` says, -1 for none. */
  #again = -1;
  /** After a search without a match: no match starts before this address. */
  #notBefore = 0;

  /** Patterns RE2 refuses must have been refused before; here they throw when first searched. */
  constructor(specs: readonly PatternSpec[], options: KernelOptions = {}) {
    this.#specs = specs;
    this.#searchers = new Array<Searcher | undefined>(specs.length);
    this.#searched = new Int32Array(specs.length);
    this.#atStart = new Uint8Array(specs.length);
    const ready = specs.map(({ source }, pattern) => {
      const data = options.prepared?.[pattern];
      return data === undefined ? readyPattern(source) : readPrepared(data);
    });
    releaseUnicodeText();
    this.#ready = ready;
    const anchors = ready.map(({ anchor }) => anchor);
    const everyLine: number[] = [];
    for (const [pattern, { anchor, atStart }] of ready.entries()) {
      if (anchor === undefined) everyLine.push(pattern);
      if (atStart) this.#atStart[pattern] = 1;
    }
    const memory = this.#memory;
    this.#layout = layOutAnchors(memory, anchors);
    this.everyLine = [...everyLine, ...this.#layout.left].sort((a, b) => a - b);
    this.#windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES;
    // The scan looks back by up to 16 bytes and ahead by less than the slack.
    memory.allocate(SLACK_BYTES);
    this.#windowAt = memory.allocate(this.#windowBytes + SLACK_BYTES);
    this.#scratchAt = memory.allocate(this.#windowBytes + SLACK_BYTES);
    this.#arena = new RowArena(
      memory,
      options.tableBytes ?? DEFAULT_TABLE_BYTES,
      options.maxStates ?? DEFAULT_MAX_STATES,
    );
    memory.reserve(specs.length * CLASS_MAP_BYTES);
    this.#window = memory.view(this.#windowAt, this.#windowBytes);
  }

  get maxBlockBytes(): number {
    return this.#windowBytes;
  }

  /** Memory to read blocks into. Owned by the engine, valid as long as it; the content is the caller's. */
  get window(): Buffer {
    return this.#window;
  }

  /** Share of places the SIMD pass is expected to stop at; tells how well the anchors separate. */
  get expectedStops(): number {
    return this.#layout.chance;
  }

  /** How often all automata were dropped for want of room. */
  get flushes(): number {
    return this.#arena.epoch;
  }

  /** Patterns that go to plain RE2 so far. */
  get fallbacks(): number[] {
    const out: number[] = [];
    for (const [pattern, searcher] of this.#searchers.entries()) {
      if (searcher?.kind === 're2' || this.#ready[pattern]?.declined === true) out.push(pattern);
    }
    return out;
  }

  /**
   * Begins a block: complete lines in `window`, [start, end), the last one with or without its line end.
   * `next` then finds all matches of all patterns in them.
   */
  scan(start: number, end: number): void {
    if (start < 0 || start > end || end > this.#windowBytes)
      throw new RangeError('block outside of the window');
    this.#blockStart = this.#windowAt + start;
    this.#blockEnd = this.#windowAt + end;
    this.#searched.fill(this.#blockStart);
    this.#again = -1;
    this.#every = this.everyLine.length;
    // No line yet: the first one begins after this.
    this.#lineStart = this.#blockStart;
    this.#lineEnd = this.#blockStart - 1;
    this.#collect(this.#blockStart);
  }

  #collect(resume: number): void {
    const { exports } = this.#memory;
    exports.scanSetup(this.#layout.block.descriptor);
    this.#resume = exports.scanBlock(this.#blockStart, this.#blockEnd, resume);
    this.#candidates = exports.scanCount();
    this.#candidate = 0;
  }

  /**
   * The next match of the block, in `match`. Lines come in order, inside a line each pattern's matches do. They do not
   * overlap: the next search for a pattern begins at the end of its last match (one byte on after an empty one), or
   * where `searchAgain` says. Other calls to the engine may come in between.
   */
  next(): boolean {
    const { everyLine } = this;
    for (;;) {
      if (this.#again >= 0) {
        const pattern = this.#again;
        this.#again = -1;
        const from = Math.max(this.#lineStart, this.#searched[pattern] as number);
        if (this.#search(pattern, from, Number.POSITIVE_INFINITY)) return true;
      }
      if (this.#nextCandidate()) return true;
      if (this.#candidate === this.#candidates && this.#resume !== 0) {
        this.#collect(this.#resume);
        continue;
      }
      while (this.#every < everyLine.length) {
        const pattern = everyLine[this.#every] as number;
        const from = Math.max(this.#lineStart, this.#searched[pattern] as number);
        if (this.#search(pattern, from, Number.POSITIVE_INFINITY)) return true;
        this.#every += 1;
      }
      if (everyLine.length > 0) {
        if (this.#lineEnd + 1 >= this.#blockEnd) return false;
        this.#enterLine(this.#lineEnd + 1);
        this.#every = 0;
      } else {
        if (this.#candidate === this.#candidates) return false;
        this.#enterLine(this.#memory.words[this.#candidateWord()] as number);
      }
    }
  }

  #candidateWord(): number {
    return (this.#layout.block.candidates >> 2) + 2 * this.#candidate;
  }

  /** Goes through the candidates in the line in work. */
  #nextCandidate(): boolean {
    const { words } = this.#memory;
    const { reach, isRun } = this.#layout;
    while (this.#candidate < this.#candidates) {
      const at = this.#candidateWord();
      const position = words[at] as number;
      if (position > this.#lineEnd) return false;
      this.#candidate += 1;
      const pattern = words[at + 1] as number;
      const searched = this.#searched[pattern] as number;
      if (position < searched) continue;
      const from = Math.max(this.#lineStart, searched, position - (reach[pattern] as number));
      // A match this candidate stands for begins no later than the candidate itself; a run's may begin anywhere in it.
      const idleFrom = isRun[pattern] === 1 ? Number.POSITIVE_INFINITY : position + 1;
      if (this.#search(pattern, from, idleFrom)) return true;
    }
    return false;
  }

  /**
   * Has the pattern of the last match searched again from `at` (an offset in the window): for a caller that refused the
   * match and wants one that begins inside it.
   */
  searchAgain(at: number): void {
    const { pattern } = this.match;
    this.#searched[pattern] = this.#windowAt + at;
    this.#again = pattern;
  }

  beginBlock(block: Buffer): void {
    this.#window.set(block);
    this.scan(0, block.length);
  }

  nextLine(): boolean {
    if (!this.next()) return false;
    const { lineStart, lineEnd, pattern } = this.match;
    this.line.start = lineStart;
    this.line.end = lineEnd;
    this.line.patterns = this.#patternsInLine(pattern);
    this.#passOverLine();
    return true;
  }

  /** The pattern that was found in the line in work, and all that have candidates in the rest of it. */
  #patternsInLine(found: number): readonly number[] | undefined {
    const { words } = this.#memory;
    const patterns = new Set([...this.everyLine, found]);
    let at = this.#candidateWord();
    for (let candidate = this.#candidate; ; candidate++, at += 2) {
      // The list was full: further candidates of this line are not known yet.
      if (candidate === this.#candidates) return this.#resume === 0 ? [...patterns] : undefined;
      if (words[at] > this.#lineEnd) return [...patterns];
      patterns.add(words[at + 1]);
    }
  }

  /** Leaves out what else there is to find in the line in work. */
  #passOverLine(): void {
    this.#again = -1;
    this.#every = this.everyLine.length;
    this.#searched.fill(this.#lineEnd + 1);
  }

  /** Makes the line around an address the one in work. */
  #enterLine(address: number): void {
    const { exports } = this.#memory;
    this.#lineStart = exports.findAfterLast(this.#lineEnd + 1, address, NEWLINE);
    this.#lineEnd = exports.findByte(address, this.#blockEnd, NEWLINE);
  }

  /** Searches the line in work for a pattern and notes how far it was searched. */
  #search(pattern: number, from: number, idleFrom: number): boolean {
    const lineStart = this.#lineStart;
    const lineEnd = this.#lineEnd;
    if (from > lineEnd) return false;
    if (!this.#findAt(pattern, lineStart, lineEnd, from, this.#windowAt, idleFrom)) {
      this.#searched[pattern] = this.#notBefore;
      return false;
    }
    const { match } = this;
    match.pattern = pattern;
    match.lineStart = lineStart - this.#windowAt;
    match.lineEnd = lineEnd - this.#windowAt;
    this.#searched[pattern] = this.#windowAt + (match.end === match.start ? match.end + 1 : match.end);
    // A run is reported once however many matches it holds.
    if (this.#layout.isRun[pattern] === 1) this.#again = pattern;
    return true;
  }

  /**
   * The indexes of all patterns that may match somewhere in the view, ascending: a superset, never a miss. The view must
   * not change before the `find` calls that follow.
   */
  select(view: Buffer): readonly number[] {
    if (view.length > this.#windowBytes) return this.#specs.map((_, pattern) => pattern);
    const start = this.#place(view, true);
    const found = new Set<number>(this.everyLine);
    const { exports, words } = this.#memory;
    const { descriptor, candidates } = this.#layout.single;
    exports.scanSetup(descriptor);
    let resume = start;
    do {
      resume = exports.scanBlock(start, start + view.length, resume);
      for (let i = exports.scanCount() - 1; i >= 0; i--)
        found.add(words[(candidates >> 2) + 2 * i + 1] as number);
    } while (resume !== 0);
    return [...found].sort((a, b) => a - b);
  }

  /**
   * Finds the leftmost match that starts at or after `from`, judging `^` and `\b` by the whole view.
   * @param view one line or value; valid UTF-8
   * @returns whether there is one; `match` then holds it, offsets into the view
   */
  find(pattern: number, view: Buffer, from: number): boolean {
    if (from > view.length) return false;
    if (view.length > this.#windowBytes) return this.#findRe2(this.#re2(pattern), pattern, view, from);
    const start = this.#place(view, false);
    return this.#findAt(pattern, start, start + view.length, start + from, start);
  }

  /** The address of the view's bytes, copied unless they are in the kernel's memory or were copied by `select`. */
  #place(view: Buffer, isNew: boolean): number {
    if (view.buffer === this.#window.buffer) return view.byteOffset;
    if (isNew || this.#copied !== view) {
      this.#memory.bytes.set(view, this.#scratchAt);
      this.#copied = view;
    }
    return this.#scratchAt;
  }

  /** Fills `match` with offsets from `base`. */
  #findAt(
    pattern: number,
    lineStart: number,
    lineEnd: number,
    from: number,
    base: number,
    idleFrom = Number.POSITIVE_INFINITY,
  ): boolean {
    this.#notBefore = lineEnd + 1;
    if (this.#atStart[pattern] === 1 && from > lineStart) return false;
    const searcher = this.#searchers[pattern] ?? this.#build(pattern);
    if (searcher.kind === 're2') {
      const view = this.#memory.view(lineStart, lineEnd - lineStart);
      if (!this.#findRe2(searcher.regex, pattern, view, from - lineStart)) return false;
      const shift = lineStart - base;
      this.match.start += shift;
      this.match.end += shift;
      this.match.valueStart += shift;
      this.match.valueEnd += shift;
      return true;
    }
    const { matcher, tracer } = searcher.automata;
    try {
      if (!matcher.find(lineStart, lineEnd, from, idleFrom)) {
        this.#notBefore = matcher.searched;
        return false;
      }
    } catch (error) {
      if (!(error instanceof CacheThrash)) throw error;
      this.#giveUp(pattern);
      return this.#findAt(pattern, lineStart, lineEnd, from, base, idleFrom);
    }
    const { match } = this;
    match.start = matcher.start - base;
    match.end = matcher.end - base;
    match.valueStart = match.start;
    match.valueEnd = match.end;
    if (tracer !== undefined) {
      tracer.trace(this.#memory.bytes, lineStart, lineEnd, matcher.start, matcher.end);
      match.valueStart = tracer.start - base;
      match.valueEnd = tracer.end - base;
    }
    return true;
  }

  #findRe2(regex: RE2, pattern: number, view: Buffer, from: number): boolean {
    regex.lastIndex = from;
    const found = regex.exec(view);
    if (found === null) return false;
    const { match } = this;
    const whole = found.indices?.[0] as [number, number];
    const { group } = this.#specs[pattern] as PatternSpec;
    const value = found.indices?.[group] ?? [whole[0], whole[0]];
    match.start = whole[0];
    match.end = whole[1];
    match.valueStart = value[0] as number;
    match.valueEnd = value[1] as number;
    return true;
  }

  #build(pattern: number): Searcher {
    const { source, group } = this.#specs[pattern] as PatternSpec;
    const ready = this.#ready[pattern] as ReadyPattern;
    if (!ready.declined) {
      try {
        const parsed = ready.parsed ?? parsePattern(source);
        if (group > parsed.groups) throw new UnsupportedPattern('there is no such group');
        const anchored = this.#atStart[pattern] === 1;
        const matcher = new DfaMatcher(this.#memory, this.#arena, parsed, anchored);
        const tracer =
          group === 0
            ? undefined
            : new GroupTracer(compileProgram(parsed, { reversed: false, group }), group);
        const searcher: Searcher = { kind: 'automata', automata: { matcher, tracer } };
        this.#searchers[pattern] = searcher;
        return searcher;
      } catch (error) {
        if (!(error instanceof UnsupportedPattern)) throw error;
      }
    }
    return this.#giveUp(pattern);
  }

  #giveUp(pattern: number): Searcher {
    const searcher: Searcher = { kind: 're2', regex: this.#re2(pattern) };
    this.#searchers[pattern] = searcher;
    return searcher;
  }

  #re2(pattern: number): RE2 {
    return new RE2((this.#specs[pattern] as PatternSpec).source, 'gd');
  }
}
