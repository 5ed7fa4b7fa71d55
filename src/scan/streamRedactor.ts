/**
 * The way of a stream: chunks in, redacted bytes and findings out. Holds what goes on from line to line: the place in
 * the source, multi-line values, and what happens when looking at a line fails.
 *
 * Invariants: output and findings depend on the stream's bytes only, not on how they were cut into chunks; every byte
 * taken is written, replaced, or counted as dropped or withheld.
 */
import type { BlockEngine } from '../engine/engine.ts';
import type { FingerprintKey } from '../findings/fingerprint.ts';
import type { Tally } from '../findings/summary.ts';
import { asciiLowerText, type CompiledBlock, type CompiledRule } from '../rules/compile.ts';
import { allowsBlock } from './acceptance.ts';
import { BlockRedactor } from './blockRedactor.ts';
import { BlockStream } from './blockStream.ts';
import { BlockWriter, dropsLine } from './blockWriter.ts';
import type { Detection, Detector, WrappedBlock } from './detector.ts';
import { HeldBlock } from './heldBlock.ts';
import { LINE_ENDS, LineSplitter } from './lineSplitter.ts';
import { type FindingListener, isGlued, type LinePlace, LineWriter } from './lineWriter.ts';
import { LongLine } from './longLine.ts';
import { OutputBuffer } from './output.ts';
import { withheldPlaceholder } from './placeholder.ts';
import type { Policy } from './policy.ts';
import { clipped, type Match, type Resolution, resolve } from './resolve.ts';
import { toValidUtf8 } from './utf8.ts';
import { firstAbove } from './view.ts';
import { wrappedMatches } from './wrappedBlock.ts';

export interface StreamOptions {
  readonly detector: Detector;
  readonly policy: Policy;
  readonly key: FingerprintKey;
  readonly tally: Tally;
  /** Called for each finding, in the order of the stream; must not throw, its errors would be taken for the engine's. */
  readonly onFinding: FindingListener;
  /** Called when a chunk, or the end of a source, has been dealt with; what it throws is thrown by `push` or `end`. */
  readonly onChunkDone?: () => void;
  /** Longest line to be looked at whole, in bytes. */
  readonly maxLineBytes: number;
  /** By how much the windows of a longer line overlap, in bytes; at most a quarter of `maxLineBytes`. */
  readonly overlapBytes: number;
  /** Whether JSON keys stay as they are even where a rule matches in them. */
  readonly keepKeys: boolean;
  /** What becomes of a line that can't be looked at because of an error. */
  readonly onError: 'withhold' | 'pass';
  /** Of the first line that is taken, where the stream goes on what another has begun; the source's begin by default. */
  readonly place?: LinePlace;
}

const CR = 0x0d;
const LF = 0x0a;

/**
 * A place in the source such that all before it has been written, and reading again from there gives all that follows:
 * the lines of a multi-line value that is held, or goes on, are not before it.
 */
export interface SettledPlace {
  /** Of the next line's first byte, from the source's start. */
  readonly offset: number;
  /** Number of that line, from 1. */
  readonly line: number;
  /** What the stream had written in all when it came to that place, in bytes. */
  readonly bytesOut: number;
}
const SOURCE_BEGIN: LinePlace = { line: 1, offset: 0 };

/** How a line differs from one that stands for itself. */
interface LineOptions {
  /** What stands before belongs to a multi-line value. */
  readonly from?: number;
  /** Its rest goes with that value. */
  readonly isDropped?: boolean;
  /** Opens no value of this rule: it stood in one that turned out to be none. */
  readonly except?: CompiledRule | undefined;
}

/** A multi-line value that is no longer held: its lines are left out as they come. */
interface Swallowing {
  readonly rule: CompiledRule;
  readonly block: CompiledBlock;
  gapLines: number;
}

export class StreamRedactor {
  readonly #options: StreamOptions;
  /** With an engine that looks at many lines at once. */
  readonly #blocks: BlockStream | undefined;
  readonly #output: OutputBuffer;
  readonly #splitter: LineSplitter;
  readonly #writer: LineWriter;
  readonly #blockWriter: BlockWriter;
  #line: number;
  /** Of the next line's first byte. */
  #offset: number;
  #held: HeldBlock | undefined;
  #swallowing: Swallowing | undefined;
  #wrapped: (WrappedBlock & { gapLines: number }) | undefined;
  #longLine: LongLine | undefined;
  /** Bytes of the unfinished long line that have been handed on. */
  #longLineBytes = 0;
  #failure: unknown;
  /** Up to where the lines of the block in work are counted. */
  #counted = 0;
  #bytesOut = 0;
  #settled: SettledPlace = { offset: 0, line: 1, bytesOut: 0 };
  /** Whether the line in which the held value begins stood for itself when it came. */
  #isHeldFromRest = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    const { detector, policy, onFinding, keepKeys, place = SOURCE_BEGIN } = options;
    this.#line = place.line;
    this.#offset = place.offset;
    this.#output = new OutputBuffer(detector.blocks);
    this.#writer = new LineWriter(detector, policy, this.#output, onFinding, keepKeys);
    this.#blockWriter = new BlockWriter({ ...options, writer: this.#writer, output: this.#output });
    this.#splitter = new LineSplitter(
      {
        onLine: (content, lineEnd) => this.#onLine(content, lineEnd),
        onWindow: (content, isFirst, lineEnd) => this.#onWindow(content, isFirst, lineEnd),
      },
      options.maxLineBytes,
    );
    this.#blocks = detector.blocks && this.#openBlocks(detector.blocks);
  }

  #openBlocks(engine: BlockEngine): BlockStream {
    const { detector, policy, tally, onFinding, maxLineBytes } = this.#options;
    const redactor = new BlockRedactor(detector, engine, policy, this.#output, {
      advance: (at) => this.#advance(engine, at),
      look: (start, next) => this.#look(stream, start, next),
      found: (rule, confidence, lineStart, start, end) => {
        const place = { line: this.#line, offset: this.#offset };
        const value = stream.bytes(start, end);
        const at = start - lineStart;
        const action = policy.actionOf(rule);
        onFinding({ rule, confidence, action, place, start: at, length: end - start, value });
      },
      changed: () => tally.linesChanged++,
    });
    const stream: BlockStream = new BlockStream({
      engine,
      redactor,
      splitter: this.#splitter,
      known: detector.known?.secrets,
      maxLineBytes,
      isAtRest: () => this.isAtRest,
      onBlock: (start) => {
        this.#counted = start;
      },
      onFailure: (error) => {
        this.#failure ??= error;
      },
    });
    return stream;
  }

  /**
   * Where the next bytes may be put without a copy, to be told to `take`; undefined with an engine that has no window.
   */
  get input(): Buffer | undefined {
    return this.#blocks?.input;
  }

  /**
   * Takes a chunk, or the bytes that were put into `input` (how many).
   * @returns what can be written now, valid until the next call
   */
  take(chunk: Buffer | number): Buffer {
    if (typeof chunk !== 'number') return this.push(chunk);
    this.#options.tally.bytesIn += chunk;
    this.#blocks?.commit(chunk);
    return this.#taken();
  }

  /**
   * Takes the next bytes of the stream; keeps no reference to them.
   * @returns what can be written now, valid until the next call
   */
  push(chunk: Buffer): Buffer {
    this.#options.tally.bytesIn += chunk.length;
    const blocks = this.#blocks;
    if (blocks === undefined) this.#splitter.push(chunk);
    for (let at = 0; blocks !== undefined && at < chunk.length; ) {
      const length = chunk.copy(blocks.input, 0, at);
      blocks.commit(length);
      at += length;
    }
    return this.#taken();
  }

  /**
   * The source has ended: whatever was held back is decided. The next push begins a new source.
   * @returns the rest of the output, valid until the next call
   */
  end(): Buffer {
    if (this.#blocks === undefined) this.#splitter.end();
    else this.#blocks.end();
    // The lines a block gives back may open the next.
    while (this.#held !== undefined) this.#closeWithoutEnd(this.#held);
    this.#swallowing = undefined;
    this.#wrapped = undefined;
    this.#line = 1;
    this.#offset = 0;
    return this.#taken();
  }

  /** How far the stream is done with, as of the last call. */
  get settled(): SettledPlace {
    return this.#settled;
  }

  /** The line that comes after all complete lines taken, which may be held still. */
  get nextLine(): { readonly offset: number; readonly line: number } {
    return { offset: this.#offset, line: this.#line };
  }

  /** The next byte is the first of that line. For a stream that holds nothing: new, or ended. */
  startAt(offset: number, line: number): void {
    this.#offset = offset;
    this.#line = line;
    this.#settled = { offset, line, bytesOut: this.#bytesOut };
  }

  /**
   * Takes complete lines that could not be looked at, because of an error that ended another stream: each is treated as
   * `onError` says. For a stream that holds no unfinished line.
   * @returns what can be written now, valid until the next call
   */
  withhold(lines: Buffer, error: unknown): Buffer {
    this.#options.tally.bytesIn += lines.length;
    for (let at = 0; at < lines.length; ) {
      const next = lines.indexOf(LF, at) + 1 || lines.length;
      const contentEnd = lines[next - 1] === LF ? next - 1 : next;
      this.#nextPlace(next - at);
      this.#fail(error, lines.subarray(at, contentEnd), lines.subarray(contentEnd, next));
      this.#suspectBlock(lines.subarray(at, contentEnd));
      at = next;
    }
    return this.#taken();
  }

  /** The first error that made a line be withheld; it may hold scanned bytes and must not be shown as it is. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Where the next line begins when nothing is carried over or held, so that another stream can go on; else undefined. */
  get lineBegin(): LinePlace | undefined {
    const { isEmpty } = this.#blocks ?? this.#splitter;
    return isEmpty && this.isAtRest ? { line: this.#line, offset: this.#offset } : undefined;
  }

  /** Whether the next line stands for itself: nothing before it bears on it. */
  get isAtRest(): boolean {
    return (
      this.#held === undefined &&
      this.#swallowing === undefined &&
      this.#wrapped === undefined &&
      this.#longLine === undefined
    );
  }

  /** Lines of a block before `at` are done with. */
  #advance(engine: BlockEngine, at: number): void {
    const lines = engine.countLines(this.#counted, at);
    this.#line += lines;
    this.#options.tally.lines += lines;
    this.#offset += at - this.#counted;
    this.#counted = at;
  }

  /** A line of a block that must be looked at, and the lines of a multi-line value that it began. */
  #look(blocks: BlockStream, start: number, next: number): number {
    const bytes = blocks.bytes(start, next);
    const isCrlf = bytes.length > 1 && bytes[bytes.length - 2] === CR;
    const content = bytes.subarray(0, bytes.length - (isCrlf ? 2 : 1));
    this.#redactLine(content, isCrlf ? LINE_ENDS.crlf : LINE_ENDS.lf, this.#nextPlace(bytes.length));
    let at = next;
    while (!this.isAtRest && at < blocks.blockEnd) {
      const end = blocks.nextLine(at, blocks.blockEnd);
      this.#splitter.push(blocks.bytes(at, end));
      at = end;
    }
    this.#counted = at;
    return at;
  }

  #taken(): Buffer {
    const bytes = this.#output.take();
    this.#options.tally.bytesOut += bytes.length;
    this.#bytesOut += bytes.length;
    this.#settle();
    this.#options.onChunkDone?.();
    return bytes;
  }

  /** While lines depend on earlier ones, the place stays before those. */
  #settle(): void {
    const held = this.#held;
    if (held === undefined ? !this.isAtRest : !this.#isHeldFromRest) return;
    const { offset, line } = held?.place ?? { offset: this.#offset, line: this.#line };
    this.#settled = { offset, line, bytesOut: this.#bytesOut };
  }

  #nextPlace(length: number): LinePlace {
    const place = { line: this.#line, offset: this.#offset };
    this.#line++;
    this.#offset += length;
    this.#options.tally.lines++;
    return place;
  }

  #onLine(content: Buffer, lineEnd: Buffer): void {
    this.#takeLine(content, lineEnd, this.#nextPlace(content.length + lineEnd.length));
  }

  /** Takes a line, new or given back by a block that turned out to have ended before it. */
  #takeLine(content: Buffer, lineEnd: Buffer, place: LinePlace, except?: CompiledRule): void {
    if (this.#held !== undefined) this.#addToHeld(this.#held, content, lineEnd, place);
    else if (this.#swallowing !== undefined) this.#addToSwallowing(this.#swallowing, content, lineEnd, place);
    else this.#redactLine(content, lineEnd, place, { except });
  }

  /**
   * Redacts a line from `from` on; what stands before belongs to a multi-line value.
   * @param isDropped whether that value takes its lines with it
   */
  #redactLine(content: Buffer, lineEnd: Buffer, place: LinePlace, options: LineOptions = {}): void {
    const { from = 0, isDropped = false, except } = options;
    if (content.length === 0 && this.#wrapped === undefined) {
      this.#output.append(lineEnd);
      return;
    }
    const start = this.#output.length;
    const isFromRest = from === 0 && this.isAtRest;
    try {
      const { detector, policy } = this.#options;
      const detection = detector.detect(content, { from, except });
      const matches = this.#matchesFrom(detection, content, from);
      const { openBlock } = detection;
      if (openBlock !== undefined && openBlock.start >= from) {
        this.#held = new HeldBlock(openBlock, from, place, content, lineEnd);
        this.#isHeldFromRest = isFromRest;
        return;
      }
      if (isDropped) {
        this.#writer.reportDropped(resolve(matches, policy.actionOfMatch), place);
        // The line was counted with the value.
        this.#options.tally.countDropped(0, content.length - from + lineEnd.length);
        return;
      }
      if (matches.length === 0) {
        this.#output.append(content, from);
        this.#output.append(lineEnd);
        return;
      }
      this.#writeLine(content, lineEnd, place, from, detection, resolve(matches, policy.actionOfMatch));
    } catch (error) {
      this.#output.cutBack(start);
      this.#fail(error, content.subarray(from), lineEnd);
      this.#suspectBlock(content);
    }
  }

  #matchesFrom(detection: Detection, content: Buffer, from: number): readonly Match[] {
    const { detector } = this.#options;
    let { matches } = detection;
    if (this.#wrapped !== undefined) {
      const inBlock = wrappedMatches(this.#wrapped, detection.view, detector);
      if (inBlock.ends) this.#wrapped = undefined;
      else if (inBlock.matches.length > 0) this.#wrapped.gapLines = 0;
      else if (++this.#wrapped.gapLines > this.#wrapped.block.maxGapLines) this.#wrapped = undefined;
      matches = [...matches, ...inBlock.matches];
    }
    if (detection.wrappedBlock !== undefined) this.#wrapped = { ...detection.wrappedBlock, gapLines: 0 };
    if (from === 0) return matches;
    return matches
      .filter((match) => match.end > from)
      .map((match) => clipped(match, from, content.length, content));
  }

  #writeLine(
    content: Buffer,
    lineEnd: Buffer,
    place: LinePlace,
    from: number,
    detection: Detection,
    resolution: Resolution,
  ): void {
    const { tally } = this.#options;
    if (dropsLine(resolution)) {
      this.#writer.reportDropped(resolution, place);
      tally.countDropped(1, content.length - from + lineEnd.length);
      return;
    }
    const part = { line: content, view: detection.view, resolution, place };
    const { isChanged, keptInKeys } =
      from === 0 && this.#wrapped === undefined && mayUnsettle(detection, resolution)
        ? this.#writer.writeSettled(part)
        : this.#writer.write({ ...part, from, to: content.length });
    this.#output.append(lineEnd);
    // A line that ends a multi-line value was counted with it.
    if (isChanged && from === 0) tally.linesChanged++;
    tally.anomalies.matchesInKeys += keptInKeys;
  }

  /** Fails closed: a line that could not be looked at is not passed on, unless that was asked for. */
  #fail(error: unknown, content: Buffer, lineEnd: Buffer): void {
    const { onError, tally } = this.#options;
    this.#failure ??= error;
    if (onError === 'pass') {
      tally.anomalies.linesPassedOnError++;
      this.#output.append(content);
    } else {
      tally.anomalies.linesWithheld++;
      tally.linesChanged++;
      this.#output.append(Buffer.from(withheldPlaceholder('engine error')));
    }
    this.#output.append(lineEnd);
  }

  /** A line that could not be looked at may have opened a multi-line value: what can belong to it is left out. */
  #suspectBlock(content: Buffer): void {
    const { detector, onError } = this.#options;
    if (onError === 'pass') return;
    const lower = asciiLowerText(content);
    const mayOpen = ({ keywords }: CompiledRule): boolean =>
      keywords.length === 0 || keywords.some((keyword) => lower.includes(keyword));
    const rule = detector.rules.rules.find((one) => one.block !== undefined && mayOpen(one));
    if (rule?.block !== undefined) this.#swallowing = { rule, block: rule.block, gapLines: 0 };
  }

  #addToHeld(held: HeldBlock, content: Buffer, lineEnd: Buffer, place: LinePlace): void {
    const step = held.add(content, lineEnd);
    switch (step.kind) {
      case 'goes-on':
        return;
      case 'ends': {
        const bytes = Buffer.concat([held.bytes(), content.subarray(0, step.at)]);
        // Only of whole lines, in which nothing else can be found that would make a second run see another value.
        const isWhole = held.start === 0 && step.at === content.length;
        if (!held.isConfirmed || (isWhole && allowsBlock(held.rule, bytes))) {
          this.#giveBack(held);
          this.#takeLine(content, lineEnd, place, held.rule);
          return;
        }
        this.#held = undefined;
        const isDropped = this.#blockWriter.write(held, bytes);
        this.#redactLine(content, lineEnd, place, { from: step.at, isDropped });
        return;
      }
      case 'without-end':
        this.#closeWithoutEnd(held);
        return;
      case 'too-large':
        this.#closeTooLarge(held);
    }
  }

  /** All that is held belongs to the value, and what follows is left out as it comes. */
  #closeTooLarge(held: HeldBlock): void {
    if (!held.isConfirmed) {
      this.#giveBack(held);
      return;
    }
    this.#held = undefined;
    this.#options.tally.anomalies.blocksWithoutEnd++;
    this.#blockWriter.write(held, held.bytes());
    this.#swallowing = { rule: held.rule, block: held.block, gapLines: 0 };
  }

  /** The end mark is missing: the value ends with the last line that can belong to it, the others are given back. */
  #closeWithoutEnd(held: HeldBlock): void {
    if (!held.isConfirmed) {
      this.#giveBack(held);
      return;
    }
    this.#held = undefined;
    // Where a line of the value can tell that it is one, its end need not be marked.
    if (held.block.requires.length === 0) this.#options.tally.anomalies.blocksWithoutEnd++;
    const bytes = held.bytes();
    const isDropped = this.#blockWriter.write(held, bytes.subarray(0, held.endWithoutMark()));
    if (isDropped) this.#options.tally.countDropped(0, held.lineEndBehind().length);
    else this.#output.append(held.lineEndBehind());
    let { line } = held.place;
    line += held.lines.length - held.linesBehind().length;
    for (const { start, contentEnd, end } of held.linesBehind()) {
      const place = { line: line++, offset: held.place.offset + start };
      this.#takeLine(bytes.subarray(start, contentEnd), bytes.subarray(contentEnd, end), place);
    }
  }

  /**
   * What was held is no value: its lines are looked at like any other. None of them opens a value of the same rule again:
   * it would have shown by now, and each line could be held for all before it.
   */
  #giveBack(held: HeldBlock): void {
    this.#held = undefined;
    const bytes = held.bytes();
    held.lines.forEach(({ start, contentEnd, end }, index) => {
      const place = { line: held.place.line + index, offset: held.place.offset + start };
      const content = bytes.subarray(start, contentEnd);
      const lineEnd = bytes.subarray(contentEnd, end);
      if (index === 0 && held.from > 0)
        this.#redactLine(content, lineEnd, place, { from: held.from, except: held.rule });
      else this.#takeLine(content, lineEnd, place, held.rule);
    });
  }

  #addToSwallowing(swallowing: Swallowing, content: Buffer, lineEnd: Buffer, place: LinePlace): void {
    const { block, rule } = swallowing;
    const { policy, tally } = this.#options;
    const text = toValidUtf8(content);
    let ends: boolean;
    let isBody: boolean;
    try {
      block.end.lastIndex = 0;
      ends = block.end.exec(text) !== null;
      isBody = block.body.test(text);
    } catch (error) {
      this.#fail(error, content, lineEnd);
      return;
    }
    const end = block.end.lastIndex;
    if (isBody) swallowing.gapLines = 0;
    if (ends || (!isBody && ++swallowing.gapLines > block.maxGapLines)) this.#swallowing = undefined;
    if (policy.actionOf(rule) === 'keep' || (!ends && !isBody)) {
      this.#redactLine(content, lineEnd, place);
    } else if (ends) {
      tally.countDropped(1, end);
      this.#redactLine(content, lineEnd, place, { from: end });
    } else {
      tally.countDropped(1, content.length + lineEnd.length);
    }
  }

  #onWindow(content: Buffer, isFirst: boolean, lineEnd: Buffer | undefined): number {
    const { detector, policy, overlapBytes, tally } = this.#options;
    if (isFirst) {
      const block = this.#blockGoingInto(content);
      const place = { line: this.#line, offset: this.#offset };
      this.#longLineBytes = 0;
      this.#longLine = new LongLine(detector, this.#writer, policy, overlapBytes, place, block);
      this.#longLine.continuedBlock = this.#wrapped;
      tally.anomalies.longLines++;
    }
    const longLine = this.#longLine as LongLine;
    const isFinal = lineEnd !== undefined;
    const done = this.#addWindow(longLine, content, isFinal);
    this.#longLineBytes += done;
    if (isFinal) this.#finishLongLine(longLine, lineEnd);
    return done;
  }

  /**
   * A line this long can't be held: what is held of a multi-line value is decided before it.
   * @returns the rule of the value when it goes on in this line
   */
  #blockGoingInto(content: Buffer): CompiledRule | undefined {
    const text = toValidUtf8(content);
    while (this.#held !== undefined) {
      const held = this.#held;
      if (held.isConfirmed && goesOn(held.block, text)) {
        this.#closeTooLarge(held);
        break;
      }
      this.#closeWithoutEnd(held);
    }
    const swallowing = this.#swallowing;
    this.#swallowing = undefined;
    return swallowing !== undefined && goesOn(swallowing.block, text) ? swallowing.rule : undefined;
  }

  #addWindow(longLine: LongLine, content: Buffer, isFinal: boolean): number {
    const start = this.#output.length;
    try {
      return longLine.addWindow(content, isFinal);
    } catch (error) {
      this.#output.cutBack(start);
      const undecided = longLine.giveUp(content);
      // Of a line that is being dropped the rest goes too, looked at or not.
      if (undecided === undefined) return content.length;
      if (longLine.failures === 1) this.#fail(error, undecided, LINE_ENDS.none);
      else if (this.#options.onError === 'pass') this.#output.append(undecided);
      this.#suspectBlock(content);
      return content.length;
    }
  }

  #finishLongLine(longLine: LongLine, lineEnd: Buffer): void {
    const { tally } = this.#options;
    this.#longLine = undefined;
    this.#nextPlace(this.#longLineBytes + lineEnd.length);
    // What was written before the value keeps its line end: else the next line would be glued to it.
    const isGone = longLine.droppedBytes === this.#longLineBytes;
    if (longLine.droppedBytes > 0)
      tally.countDropped(1, longLine.droppedBytes + (isGone ? lineEnd.length : 0));
    if (!isGone) this.#output.append(lineEnd);
    if (longLine.isChanged && longLine.droppedBytes === 0) tally.linesChanged++;
    tally.anomalies.matchesInKeys += longLine.keptInKeys;
    if (this.#wrapped !== undefined) {
      if (longLine.continuedBlock === undefined) this.#wrapped = undefined;
      else if (longLine.hasContinuedBlock) this.#wrapped.gapLines = 0;
      else if (++this.#wrapped.gapLines > this.#wrapped.block.maxGapLines) this.#wrapped = undefined;
    }
    if (longLine.wrappedBlock !== undefined) this.#wrapped = { ...longLine.wrappedBlock, gapLines: 0 };
    const rule = longLine.openBlockRule;
    if (rule?.block !== undefined) this.#swallowing = { rule, block: rule.block, gapLines: 0 };
  }
}

/** Whether what is left of a line may read otherwise than before. */
function mayUnsettle({ matches, view, doubted }: Detection, { regions }: Resolution): boolean {
  return (
    matches.some(({ level }) => level > 0) ||
    regions.some(({ start, end }) => isGlued(view.bytes, start, end)) ||
    isAnyIn(regions, doubted)
  );
}

/** Whether a region overlaps one of the spans, flat pairs in any order. */
function isAnyIn(regions: Resolution['regions'], spans: readonly number[]): boolean {
  if (spans.length === 0) return false;
  const ends = regions.map(({ end }) => end);
  for (let i = 0; i < spans.length; i += 2) {
    const region = regions[firstAbove(ends, ends.length, spans[i] as number)];
    if (region !== undefined && region.start < (spans[i + 1] as number)) return true;
  }
  return false;
}

/** Whether a line can belong to a multi-line value. */
function goesOn(block: CompiledBlock, text: Buffer): boolean {
  block.end.lastIndex = 0;
  return block.end.exec(text) !== null || block.body.test(text);
}
