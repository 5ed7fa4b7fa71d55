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
import type { BlockEngine, BlockMatch, PatternSpec } from '../engine/engine.ts';
import { type AnchorLayout, type Group, layOutAnchors } from './anchors/layout.ts';
import { RowArena } from './dfa/arena.ts';
import { Automata, SAYS } from './dfa/automata.ts';
import type { EngineImage } from './image.ts';
import { KernelMemory } from './memory.ts';
import { type PreparedPattern, type ReadyPattern, readPrepared, readyPattern } from './prepare.ts';
import { releaseUnicodeText } from './syntax/unicode.ts';

export interface KernelOptions {
  /** Bytes of the window; longer lines are searched by RE2. */
  readonly windowBytes?: number;
  /** Bytes for the automata's tables, all patterns together. */
  readonly tableBytes?: number;
  /** States of all automata together before all are dropped. */
  readonly maxStates?: number;
  /** By pattern, what preparePattern said of it; patterns without are analysed here. */
  readonly prepared?: readonly (PreparedPattern | undefined)[];
  /** What `image` gave for an engine of the same patterns: then nothing is analysed. */
  readonly image?: EngineImage | undefined;
  /** Whether `image` will be asked for. */
  readonly keepsImage?: boolean;
}

const DEFAULT_WINDOW_BYTES = 1 << 20;
const DEFAULT_TABLE_BYTES = 24 << 20;
const DEFAULT_MAX_STATES = 80_000;
/** The scan reads past the end of a block, and before its start, by no more. */
const SLACK_BYTES = 128;
/** Candidates one call of the scan may collect, 16 bytes each. */
const CANDIDATES = 16_384;
const SINGLE_CANDIDATES = 65_536;
/** Needles are shorter, and so is what is not yet known of a run. */
const SEAM_BYTES = 64;
const CANDIDATE_WORDS = 4;
const NEWLINE = 10;
/** For texts that stand in place of values. */
const TEXT_BYTES = 128 * 1024;

export class KernelEngine implements BlockEngine {
  readonly match: BlockMatch = {
    start: 0,
    end: 0,
    valueStart: 0,
    valueEnd: 0,
    pattern: 0,
    lineStart: 0,
    lineEnd: 0,
    nextLine: 0,
  };
  readonly window: Buffer;
  readonly outputArea: Buffer;
  readonly #specs: readonly PatternSpec[];
  readonly #ready: readonly ReadyPattern[];
  /** The memory as it was laid out, for `image`. */
  readonly #laidOut: Uint8Array | undefined;
  readonly #memory = new KernelMemory();
  readonly #arena: RowArena;
  readonly #automata: Automata;
  readonly #layout: AnchorLayout;
  /** Patterns without an anchor: every line has to be searched for them. */
  readonly #everyLine: readonly number[];
  readonly #windowAt: number;
  readonly #windowBytes: number;
  /** Where views from elsewhere are copied to. */
  readonly #scratchAt: number;
  /** Candidates of single views. */
  readonly #singleAt: number;
  readonly #outputAt: number;
  readonly #textsAt: number;
  readonly #texts: Buffer[] = [];
  /** By content: each stream adds the same ones. */
  readonly #textNumbers = new Map<string, number>();
  readonly #textAddresses: number[] = [];
  #textBytes = 0;
  readonly #regexes: (RE2 | undefined)[];
  #copied: Buffer | undefined;
  /** The view that `select` has seen last, whose candidates are still there, and their number. */
  #selected: Buffer | undefined;
  #selectedCount = 0;
  /** By pattern: candidates before this one are of others, or behind which it was searched. */
  readonly #cursors: Int32Array;
  /** By group, in the view that is being selected from: no match that begins before is of interest any more. */
  readonly #searchedGroups: Int32Array;
  /** By pattern: from where it was searched last; searches that go back begin anew. */
  readonly #cursorFrom: Int32Array;
  readonly #allPatterns: readonly number[];
  readonly #isOnEveryLine: Uint8Array;

  /** Patterns RE2 refuses must have been refused before; here they throw when first searched. */
  constructor(specs: readonly PatternSpec[], options: KernelOptions = {}) {
    this.#specs = specs;
    this.#regexes = new Array<RE2 | undefined>(specs.length);
    const memory = this.#memory;
    const { ready, layout } =
      options.image === undefined ? this.#analyse(options) : this.#restore(options.image);
    this.#ready = ready;
    this.#layout = layout;
    if (options.keepsImage === true) this.#laidOut = memory.snapshot();
    this.#allPatterns = specs.map((_, pattern) => pattern);
    this.#everyLine = layout.everyLine.flatMap((group) => layout.groups[group]?.patterns ?? []);
    this.#cursors = new Int32Array(specs.length);
    this.#cursorFrom = new Int32Array(specs.length);
    this.#searchedGroups = new Int32Array(layout.groups.length);
    this.#isOnEveryLine = new Uint8Array(specs.length);
    for (const pattern of this.#everyLine) this.#isOnEveryLine[pattern] = 1;
    this.#windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES;
    memory.allocate(SLACK_BYTES);
    this.#windowAt = memory.allocate(this.#windowBytes + SLACK_BYTES);
    this.#scratchAt = memory.allocate(this.#windowBytes + SLACK_BYTES);
    this.#singleAt = memory.allocate(SINGLE_CANDIDATES * CANDIDATE_WORDS * 4);
    this.#outputAt = memory.allocate(this.#windowBytes + (this.#windowBytes >> 1));
    this.#textsAt = memory.allocate(TEXT_BYTES);
    const list = memory.allocate(CANDIDATES * CANDIDATE_WORDS * 4);
    const everyLine = memory.allocate(Math.max(4, layout.everyLine.length * 4));
    memory.words.set(layout.everyLine, everyLine >> 2);
    this.#arena = new RowArena(
      memory,
      options.tableBytes ?? DEFAULT_TABLE_BYTES,
      options.maxStates ?? DEFAULT_MAX_STATES,
    );
    this.#automata = new Automata(memory, this.#arena, specs, ready, layout.groups, this.#everyLine);
    const { groupsAt, patternsAt } = this.#automata;
    memory.exports.setUp(
      layout.descriptor,
      list,
      CANDIDATES,
      groupsAt,
      patternsAt,
      everyLine,
      layout.everyLine.length,
    );
    this.window = memory.view(this.#windowAt, this.#windowBytes);
    this.outputArea = memory.view(this.#outputAt, this.#windowBytes + (this.#windowBytes >> 1));
  }

  #analyse(options: KernelOptions): { ready: ReadyPattern[]; layout: AnchorLayout } {
    const ready = this.#specs.map(({ source }, pattern): ReadyPattern => {
      const data = options.prepared?.[pattern];
      return data === undefined ? readyPattern(source) : readPrepared(data);
    });
    releaseUnicodeText();
    const anchors = ready.map(({ anchor }) => anchor);
    return { ready, layout: layOutAnchors(this.#memory, anchors) };
  }

  #restore({ layout, flags, memory }: EngineImage): { ready: ReadyPattern[]; layout: AnchorLayout } {
    this.#memory.restore(memory);
    const ready = flags.map((flag): ReadyPattern => ({ ...flag, anchor: undefined, parsed: undefined }));
    return { ready, layout };
  }

  /** For engines of the same patterns, made with `keepsImage`. */
  get image(): EngineImage {
    if (this.#laidOut === undefined) throw new Error('the engine was made without `keepsImage`');
    return { layout: this.#layout, flags: this.#ready, memory: this.#laidOut };
  }

  /** Share of places the SIMD pass is expected to stop at; tells how well the anchors separate. */
  get expectedStops(): number {
    return this.#layout.chance;
  }

  /** How often all automata were dropped for want of room. */
  get flushes(): number {
    return this.#arena.epoch;
  }

  /** Bytes of text the automata have walked over so far: what a search costs, whatever the machine. */
  get walkedBytes(): number {
    return this.#automata.walkedBytes;
  }

  /** Patterns that go to plain RE2 so far. */
  get fallbacks(): number[] {
    return this.#automata.fallbacks;
  }

  scan(start: number, end: number): void {
    if (start < 0 || start > end || end > this.#windowBytes)
      throw new RangeError('block outside of the window');
    this.#memory.exports.beginBlock(
      this.#windowAt + start,
      this.#windowAt + end,
      this.#specs.length,
      this.#layout.groups.length,
    );
  }

  next(): boolean {
    const { exports } = this.#memory;
    const base = this.#windowAt;
    let said = exports.nextMatch(SAYS.none);
    while (said > SAYS.found && said < SAYS.crowded) said = exports.nextMatch(this.#serve(said));
    if (said === SAYS.none) return false;
    const { match } = this;
    match.lineStart = exports.matchLineStart() - base;
    match.lineEnd = exports.matchLineEnd() - base;
    match.nextLine = exports.matchNextLine() - base;
    match.pattern = -1;
    if (said === SAYS.crowded) return true;
    match.pattern = this.#automata.patternAt(exports.matchPattern());
    if (this.#specs[match.pattern]?.onlyWith !== undefined) return true;
    this.#takeMatch(match.pattern, match.lineStart, match.lineEnd, base);
    return true;
  }

  goOn(from: number): void {
    this.#memory.exports.goOn(this.#windowAt + from);
  }

  skipLine(): void {
    this.#memory.exports.skipLine();
  }

  skipTo(offset: number): void {
    this.#memory.exports.skipTo(this.#windowAt + offset);
  }

  countLines(start: number, end: number): number {
    return this.#memory.exports.countByte(this.#windowAt + start, this.#windowAt + end, NEWLINE);
  }

  hasByte(start: number, end: number, byte: number): boolean {
    const stop = this.#windowAt + end;
    return this.#memory.exports.findByte(this.#windowAt + start, stop, byte) < stop;
  }

  addText(text: Buffer): number {
    const content = text.toString('latin1');
    const known = this.#textNumbers.get(content);
    if (known !== undefined) return known;
    if (this.#textBytes + text.length > TEXT_BYTES) return -1;
    this.#textNumbers.set(content, this.#texts.length);
    const address = this.#textsAt + this.#textBytes;
    this.#memory.bytes.set(text, address);
    this.#textBytes += text.length;
    this.#textAddresses.push(address);
    return this.#texts.push(text) - 1;
  }

  textOf(text: number): Buffer {
    return this.#texts[text] as Buffer;
  }

  textLength(text: number): number {
    return this.textOf(text).length;
  }

  copyOut(at: number, start: number, end: number, text: number): void {
    const to = this.#outputAt + at;
    const from = this.#windowAt;
    const { exports } = this.#memory;
    if (text < 0) exports.copyTwo(to, from + start, end - start, 0, 0);
    else
      exports.copyTwo(
        to,
        from + start,
        end - start,
        this.#textAddresses[text] as number,
        this.textLength(text),
      );
  }

  /**
   * The indexes of all patterns that may match somewhere in the view, ascending: a superset, never a miss. The view must
   * not change before the `find` calls that follow.
   */
  select(view: Buffer): readonly number[] {
    this.#selected = undefined;
    if (view.length > this.#windowBytes) return this.#allPatterns;
    const start = this.#place(view, true);
    const end = start + view.length;
    const { exports } = this.#memory;
    const done = exports.scanBlock(this.#layout.descriptor, start, end, this.#singleAt, SINGLE_CANDIDATES);
    if (done !== end) return this.#selectByAnchor(start, end, done);
    const count = exports.scanCount();
    exports.sortCandidates(this.#singleAt, this.#singleAt + count * CANDIDATE_WORDS * 4);
    this.#selected = view;
    this.#selectedCount = count;
    this.#cursors.fill(0);
    this.#cursorFrom.fill(0);
    return this.#matching(start, end);
  }

  /** The patterns whose anchors stand in a text with more candidates than there is room for. @param done scanned to there */
  #selectByAnchor(start: number, end: number, done: number): readonly number[] {
    const { exports, words } = this.#memory;
    const { descriptor, groups } = this.#layout;
    const found = new Set<number>(this.#everyLine);
    for (let from = start, scanned = done; ; ) {
      let last = -1;
      for (let at = this.#singleAt >> 2, n = exports.scanCount(); n > 0; n--, at += CANDIDATE_WORDS) {
        const group = words[at + 1] as number;
        if (group === last) continue;
        last = group;
        for (const pattern of groups[group]?.patterns ?? []) found.add(pattern);
      }
      if (scanned === end) return [...found].sort((a, b) => a - b);
      // What goes over the place where the list was full begins less than this before it, or has been seen.
      const next = scanned - SEAM_BYTES;
      if (next <= from) return this.#allPatterns;
      from = next;
      scanned = exports.scanBlock(descriptor, from, end, this.#singleAt, SINGLE_CANDIDATES);
    }
  }

  /**
   * The patterns that match in the text whose candidates were found, as far as their groups can tell. Notes for each the
   * first candidate it may have a match at.
   */
  #matching(start: number, end: number): number[] {
    const { words } = this.#memory;
    const { groups } = this.#layout;
    const found = new Set<number>(this.#everyLine);
    this.#searchedGroups.fill(start);
    for (let i = 0; i < this.#selectedCount; i++) {
      const at = (this.#singleAt >> 2) + i * CANDIDATE_WORDS;
      const group = words[at + 1] as number;
      const idleFrom = words[at + 2] as number;
      const searched = this.#searchedGroups[group] as number;
      if (searched >= idleFrom) continue;
      const { patterns } = groups[group] as Group;
      let mask = this.#matchingOf(group, start, end, Math.max(words[at] as number, searched), idleFrom);
      for (const pattern of patterns) {
        if ((mask & 1) !== 0 && !found.has(pattern)) {
          this.#cursors[pattern] = i;
          found.add(pattern);
        }
        mask >>>= 1;
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  /** Which patterns of a group a candidate at `at` stands for, a bit each. */
  #matchingOf(group: number, start: number, end: number, at: number, idleFrom: number): number {
    const { exports } = this.#memory;
    const record = this.#automata.groupRecordOf(group);
    if (!this.#automata.hasUnion(group)) {
      // Each is searched by itself when it is asked for.
      this.#searchedGroups[group] = end + 1;
      return -1;
    }
    const searched = this.#searchedGroups[group] as number;
    let said = exports.beginUnion(record, start, end, exports.reachBack(record, at, searched), idleFrom);
    while (said > SAYS.found) said = this.#automata.serve(said);
    this.#searchedGroups[group] = exports.foundNothingBefore();
    return said === SAYS.found ? exports.foundMask() : 0;
  }

  /**
   * Finds the leftmost match that starts at or after `from`, judging `^` and `\b` by the whole view.
   * @param view one line or value; valid UTF-8
   * @returns whether there is one; `match` then holds it, offsets into the view
   */
  find(pattern: number, view: Buffer, from: number): boolean {
    if (from > view.length) return false;
    if (view.length > this.#windowBytes) return this.#findRe2(pattern, view, from);
    const start = this.#place(view, false);
    if (view !== this.#selected || this.#isOnEveryLine[pattern] === 1) {
      return this.#search(pattern, view, start, start + from, start + view.length + 1);
    }
    return this.#findAtCandidates(pattern, view, start, start + from);
  }

  /** Looks only where the pattern's candidates say: between them nothing of it begins. */
  #findAtCandidates(pattern: number, view: Buffer, start: number, from: number): boolean {
    const { exports, words } = this.#memory;
    let searched = from;
    if (from < (this.#cursorFrom[pattern] as number)) this.#cursors[pattern] = 0;
    this.#cursorFrom[pattern] = from;
    for (let i = this.#cursors[pattern] as number; i < this.#selectedCount; i++) {
      const at = (this.#singleAt >> 2) + i * CANDIDATE_WORDS;
      const group = words[at + 1] as number;
      const idleFrom = words[at + 2] as number;
      const isDone = idleFrom <= searched || this.#layout.groups[group]?.patterns.includes(pattern) !== true;
      // Searches go on behind one another, so what is done with stays so.
      if (isDone && i === this.#cursors[pattern]) this.#cursors[pattern] = i + 1;
      if (isDone) continue;
      const record = this.#automata.groupRecordOf(group);
      const back = exports.reachBack(record, Math.max(words[at] as number, searched), searched);
      if (this.#search(pattern, view, start, back, idleFrom)) return true;
      searched = Math.max(searched, exports.foundNothingBefore());
    }
    return false;
  }

  /** Finds the leftmost match in a view that begins at `first` or behind (addresses), and at `idleFrom` at the latest. */
  #search(pattern: number, view: Buffer, start: number, first: number, idleFrom: number): boolean {
    const { exports } = this.#memory;
    const end = start + view.length;
    let said = exports.beginSearch(this.#automata.recordOf(pattern), start, end, first, idleFrom);
    while (said > SAYS.found) {
      if (said === SAYS.needsHost) return this.#findRe2(pattern, view, first - start);
      said = this.#automata.serve(said);
    }
    if (said === SAYS.none) return false;
    this.#takeMatch(pattern, 0, view.length, start);
    return true;
  }

  /** The address of the view's bytes, copied unless they are in the kernel's memory or were copied by `select`. */
  #place(view: Buffer, isNew: boolean): number {
    if (view.buffer === this.window.buffer) return view.byteOffset;
    if (isNew || this.#copied !== view) {
      this.#memory.bytes.set(view, this.#scratchAt);
      this.#copied = view;
    }
    return this.#scratchAt;
  }

  /** Reads the bounds of what was found, offsets from `base`, and finds the wanted group in it. */
  #takeMatch(pattern: number, lineStart: number, lineEnd: number, base: number): void {
    const { exports } = this.#memory;
    const { match } = this;
    const start = exports.foundStart();
    const end = exports.foundEnd();
    match.start = start - base;
    match.end = end - base;
    match.valueStart = match.start;
    match.valueEnd = match.end;
    const tracer = this.#automata.tracerOf(pattern);
    if (tracer !== undefined) {
      tracer.trace(this.#memory.bytes, base + lineStart, base + lineEnd, start, end);
      match.valueStart = tracer.start - base;
      match.valueEnd = tracer.end - base;
    } else if (this.#specs[pattern]?.group !== 0) {
      // Found by RE2: searched again for the group, as the kernel keeps the bounds only.
      const view = this.#memory.view(base + lineStart, lineEnd - lineStart);
      this.#findRe2(pattern, view, match.start - lineStart);
      match.start += lineStart;
      match.end += lineStart;
      match.valueStart += lineStart;
      match.valueEnd += lineStart;
    }
  }

  /** Gives the kernel what it needs while it goes through a block. */
  #serve(need: number): number {
    return need === SAYS.needsHost ? this.#searchForKernel() : this.#automata.serve(need);
  }

  /** The line in work searched by RE2. */
  #searchForKernel(): number {
    const { exports } = this.#memory;
    const record = exports.walkOwner();
    const start = exports.matchLineStart();
    const view = this.#memory.view(start, exports.matchLineEnd() - start);
    const from = exports.walkFrom() - start;
    if (!this.#findRe2(this.#automata.patternAt(record), view, from)) return exports.supplyMatch(-1, -1);
    return exports.supplyMatch(start + this.match.start, start + this.match.end);
  }

  #findRe2(pattern: number, view: Buffer, from: number): boolean {
    const { source, group } = this.#specs[pattern] as PatternSpec;
    this.#regexes[pattern] ??= new RE2(source, 'gd');
    const regex = this.#regexes[pattern] as RE2;
    regex.lastIndex = from;
    const found = regex.exec(view);
    if (found === null) return false;
    const { match } = this;
    const whole = found.indices?.[0] as [number, number];
    const value = found.indices?.[group] ?? [whole[0], whole[0]];
    match.start = whole[0];
    match.end = whole[1];
    match.valueStart = value[0] as number;
    match.valueEnd = value[1] as number;
    return true;
  }
}
