/**
 * A line that is too long to be held: it is looked at in windows that overlap, so that memory is bounded and every
 * value shorter than the overlap lies whole in a window.
 *
 *     window 1   |-------------------------------|= overlap =|
 *     window 2                         |~ look-behind ~|-----------------...
 *                                                      ^ cursor: written up to here
 *
 * A match that begins before the overlap is written with its window, one that begins in it waits for the next window,
 * which sees more of it. The look-behind gives the next window the context before its first byte.
 *
 * A value that runs into a window's end may be longer than any window: what follows it is covered up to the first byte
 * that ends a value (or, in a multi-line value, to its end mark), window after window.
 */
import type RE2 from 're2';
import type { LexerState } from '../json/lexer.ts';
import { TokenKind } from '../json/tokens.ts';
import type { CompiledRule } from '../rules/compile.ts';
import type { Detector, WrappedBlock } from './detector.ts';
import type { LinePlace, LineWriter } from './lineWriter.ts';
import type { Policy } from './policy.ts';
import { type Match, type Resolution, resolve } from './resolve.ts';
import type { View } from './view.ts';
import { wrappedMatches } from './wrappedBlock.ts';

/** Context that the next window gets before its first byte: as far as the context words of a rule may reach. */
const LOOK_BEHIND_BYTES = 1024;

/** Bytes that end a value without quotes around it: white space, quotes and the separators of the usual formats. */
const VALUE_END = new Uint8Array(256);
for (const byte of Buffer.from(' \t\r\n\v\f"\'`,;&<>|\\')) VALUE_END[byte] = 1;

/** A value that went on when its window ended. */
interface Running {
  readonly rule: CompiledRule;
  readonly confidence: number;
  /** A multi-line value, which only its end mark ends, or the end of the string it stands in. */
  readonly isBlock: boolean;
  readonly isInString: boolean;
}

export class LongLine {
  readonly place: LinePlace;
  isChanged = false;
  keptInKeys = 0;
  /** Bytes left out since the action `drop-line` hit; the rest of the line is not written. */
  droppedBytes = 0;
  /** Windows that could not be looked at. */
  failures = 0;
  /** A multi-line value of which each line is a string of its own, this line's the first. */
  wrappedBlock: WrappedBlock | undefined;
  /** One that goes on from an earlier line; undefined once its end mark was seen. */
  continuedBlock: WrappedBlock | undefined;
  /** Whether any of it stood in this line. */
  hasContinuedBlock = false;
  #isDropping = false;
  readonly #detector: Detector;
  readonly #writer: LineWriter;
  readonly #policy: Policy;
  readonly #overlapBytes: number;
  /** Of the window's first byte, from the line's start. */
  #base = 0;
  /** Bytes of the line that have been written or replaced, from the line's start. */
  #cursor = 0;
  /** Accepted, not yet written; offsets from the line's start, values copied. */
  #waiting: Match[] = [];
  #running: Running | undefined;
  /** At the start of the next window; kept here, as other streams may use the reader in between. */
  #lexerState: LexerState | undefined;

  /** @param block rule of a multi-line value that goes on in this line */
  constructor(
    detector: Detector,
    writer: LineWriter,
    policy: Policy,
    overlapBytes: number,
    place: LinePlace,
    block: CompiledRule | undefined,
  ) {
    this.#detector = detector;
    this.#writer = writer;
    this.#policy = policy;
    this.#overlapBytes = overlapBytes;
    this.place = place;
    if (block !== undefined) this.#running = runningBlock(block, false);
  }

  /** A multi-line value that had not ended when the line ended. */
  get openBlockRule(): CompiledRule | undefined {
    return this.#running?.isBlock ? this.#running.rule : undefined;
  }

  /**
   * Writes what of the window is decided.
   * @returns how many bytes at its start the next window does not need
   */
  addWindow(content: Buffer, isFinal: boolean): number {
    // After an error the JSON reader's state is unknown: the rest of the line can't be looked at either.
    if (this.failures > 0) throw new Error('an earlier window failed');
    const limit = isFinal ? content.length : content.length - this.#overlapBytes;
    const snapshotAt = limit - Math.min(LOOK_BEHIND_BYTES, this.#overlapBytes);
    const detection = this.#detector.detect(content, {
      window: { state: this.#lexerState, isFinal, snapshotAt },
    });
    const from = this.#cursor - this.#base;
    const matches = [...detection.matches, ...this.#waiting.map((match) => moved(match, -this.#base))];
    if (detection.wrappedBlock !== undefined) this.wrappedBlock = detection.wrappedBlock;
    if (this.continuedBlock !== undefined) {
      const part = wrappedMatches(this.continuedBlock, detection.view, this.#detector);
      matches.push(...part.matches);
      this.hasContinuedBlock ||= part.matches.length > 0;
      if (part.ends) this.continuedBlock = undefined;
    }
    if (this.#running !== undefined) {
      matches.push(this.#continued(this.#running, content, from, detection.view));
    }
    // One that begins in the overlap is seen again by the next window.
    if (detection.openBlock !== undefined && detection.openBlock.start < limit) {
      const { rule, start } = detection.openBlock;
      matches.push(matchOf(rule, rule.confidence, content, start, content.length));
      this.#running = runningBlock(rule, false);
    }
    const ahead = matches.filter((match) => match.end > from).map((match) => startingAt(match, from));
    const now = ahead.filter((match) => match.start < limit);
    // One that the window's end may have cut is seen whole by the next window.
    const isWhole = (match: Match): boolean => isFinal || match.end < content.length;
    this.#waiting = ahead
      .filter((match) => match.start >= limit && isWhole(match))
      .map((match) => kept(moved(match, this.#base)));
    const resolution = resolve(now, this.#policy.actionOfMatch);
    const to = Math.max(limit, from, resolution.regions.at(-1)?.end ?? 0);
    this.#write(content, from, to, detection.view, resolution);
    if (!isFinal && this.#running === undefined)
      this.#running = runningInto(now, content.length, detection.view);
    this.#lexerState = detection.snapshot;
    const done = detection.snapshot?.offset ?? content.length;
    this.#cursor = this.#base + to;
    this.#base += done;
    return done;
  }

  /**
   * Passes over a window that could not be looked at, and so over the rest of the line.
   * @returns its bytes that have not been written; undefined when the line is being dropped
   */
  giveUp(content: Buffer): Buffer | undefined {
    this.failures++;
    const undecided = content.subarray(Math.max(0, this.#cursor - this.#base));
    this.#base += content.length;
    this.#cursor = this.#base;
    if (!this.#isDropping) return undecided;
    this.droppedBytes += undecided.length;
    return undefined;
  }

  #write(content: Buffer, from: number, to: number, view: View, resolution: Resolution): void {
    const dropped = resolution.regions.find((region) => region.action === 'drop-line');
    if (dropped === undefined && !this.#isDropping) {
      const { isChanged, keptInKeys } = this.#writer.write({
        line: content,
        from,
        to,
        view,
        resolution,
        place: this.place,
        base: this.#base,
      });
      this.isChanged ||= isChanged;
      this.keptInKeys += keptInKeys;
      return;
    }
    // What stands before the value is written already or undecided; from here on the line is gone.
    this.isChanged = true;
    this.#isDropping = true;
    this.droppedBytes += to - from;
    this.#writer.reportDropped(resolution, this.place, this.#base);
  }

  /** The part of a running value that lies in this window. */
  #continued(running: Running, content: Buffer, from: number, view: View): Match {
    let end = from;
    if (running.isBlock) {
      const limit = running.isInString ? endOfStringAt(view, from) : content.length;
      const mark = running.rule.block?.end;
      if (mark !== undefined) mark.lastIndex = from;
      const markEnd = mark?.exec(view.bytes) ? mark.lastIndex : limit + 1;
      if (markEnd <= limit) this.wrappedBlock = undefined;
      end = Math.min(markEnd, limit);
    } else {
      while (end < content.length && !VALUE_END[content[end]]) end++;
    }
    if (end < content.length) this.#running = undefined;
    return matchOf(running.rule, running.confidence, content, from, end);
  }
}

function runningInto(matches: readonly Match[], end: number, view: View): Running | undefined {
  const last = matches.find((match) => match.end === end);
  if (last === undefined) return undefined;
  const { rule, confidence } = last;
  // A multi-line value can also be read in a string, which is where it ends at the latest.
  if (rule.block !== undefined && !endsWithMark(rule.block.end, last.value)) {
    return runningBlock(rule, endOfStringAt(view, last.start) === end);
  }
  return { rule, confidence, isBlock: false, isInString: false };
}

function runningBlock(rule: CompiledRule, isInString: boolean): Running {
  return { rule, confidence: rule.confidence, isBlock: true, isInString };
}

function endsWithMark(mark: RE2, value: Buffer): boolean {
  mark.lastIndex = 0;
  return mark.exec(value) !== null && mark.lastIndex === value.length;
}

/** End of the JSON string that holds the byte at `at`; `at` itself when none does. */
function endOfStringAt(view: View, at: number): number {
  const token = view.isLexed ? view.tokenAt(at) : -1;
  if (token === -1 || view.tokens.kinds[token] !== TokenKind.String) return at;
  return Math.max(at, view.tokens.interiorEnd(token));
}

function matchOf(rule: CompiledRule, confidence: number, bytes: Buffer, start: number, end: number): Match {
  return { rule, confidence, start, end, level: 0, value: bytes.subarray(start, end) };
}

function moved(match: Match, by: number): Match {
  return { ...match, start: match.start + by, end: match.end + by };
}

/** A match without the bytes before `from`; its value stays what was found. */
function startingAt(match: Match, from: number): Match {
  return match.start >= from ? match : { ...match, start: from };
}

function kept(match: Match): Match {
  return { ...match, value: Buffer.from(match.value) };
}
