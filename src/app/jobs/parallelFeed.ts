/**
 * Spreads a stream over threads, with the output in order. Whole lines are gathered to blocks; each goes to a free thread
 * on the guess that it stands for itself. A block that turns out to follow something left open (a multi-line value) is
 * done again by the thread that holds it, and what was made of it on the wrong guess is thrown away. So the output is that
 * of one thread.
 *
 * What comes in small pieces while nothing is under way is redacted here at once: a line that comes alone leaves at once.
 * So is what comes before there is enough of it to be worth starting threads.
 *
 * Invariants: of the bytes taken, those before `#place` are with a stream or in `#blocks`, the others in `#pending`;
 * everything that changes this state runs in `#inTurn`, one after the other; a block is handed on only when all before it
 * are.
 */
import { IoError } from '../../errors.ts';
import type { LinePlace } from '../../scan/lineWriter.ts';
import type { Chunk } from '../../sources/chunks.ts';
import type { Emit, Feed } from '../feed.ts';
import type { LiveRedaction, RedactorStream } from '../liveRedaction.ts';
import { type Lane, LaneLost, Lanes } from './lanes.ts';
import type { BlockDone } from './messages.ts';

export interface ParallelOptions {
  readonly redaction: LiveRedaction;
  /** How many threads. */
  readonly jobs: number;
  readonly source: () => string;
  /** Takes JSON lines of findings; undefined when nobody wants them. */
  readonly findings: { addText(text: string, count: number): void } | undefined;
  readonly isCounted: boolean;
  /** A stream of this thread, from a place on. */
  readonly openStream: (place: LinePlace) => RedactorStream;
  readonly emit: Emit;
}

/** In bytes. */
export interface Sizes {
  /** Most of a block. */
  readonly block: number;
  /** What is not worth handing over while nothing is under way. */
  readonly small: number;
  /** What waits for a thread before its sender has to; a line that is longer goes to the stream of this thread. */
  readonly mostPending: number;
  /** What is taken before threads are started. */
  readonly worthStarting: number;
}

/**
 * Blocks large enough that handing one over costs little, small enough that all threads have some soon; threads take about
 * as long to start as 8 MiB to redact, so an input that is over before does not notice them.
 */
const SIZES: Sizes = {
  block: 512 * 1024,
  small: 32 * 1024,
  mostPending: 2 * 1024 * 1024,
  worthStarting: 8 * 1024 * 1024,
};
const LF = 0x0a;
const SOURCE_BEGIN: LinePlace = { line: 1, offset: 0 };

/** A block that is not handed on yet. */
interface BlockInWork {
  readonly bytes: Buffer;
  readonly source: string;
  readonly place: LinePlace;
  readonly isLast: boolean;
  lane: Lane;
  continues: boolean;
  done: Promise<BlockDone | LaneLost>;
  isDone: boolean;
}

export class ParallelFeed implements Feed {
  readonly input = undefined;
  failure: unknown;
  readonly #options: ParallelOptions;
  readonly #sizes: Sizes;
  /** Undefined as long as threads are not worth starting. */
  #lanes: Lanes | undefined;
  #takenBytes = 0;
  /** The stream of this thread, while it goes on from where the last bytes were handed on. */
  #stream: RedactorStream | undefined;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Of the first pending byte, which begins a line unless the stream of this thread holds the line's begin. */
  #place = SOURCE_BEGIN;
  readonly #blocks: BlockInWork[] = [];
  /** The thread that holds what the last block handed on left open. */
  #open: Lane | undefined;
  #turn: Promise<void> = Promise.resolve();
  #error: unknown;

  constructor(options: ParallelOptions, sizes = SIZES) {
    this.#options = options;
    this.#sizes = sizes;
  }

  take(chunk: Chunk): Promise<void> {
    // There is no room to read to, so chunks come as bytes; they are the sender's and may change.
    const bytes = Buffer.from(chunk as Buffer);
    return this.#inTurn(async () => {
      this.#pending.push(bytes);
      this.#pendingBytes += bytes.length;
      this.#takenBytes += bytes.length;
      await this.#advance(false);
    });
  }

  end(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#advance(true);
      this.#place = SOURCE_BEGIN;
      this.#stream = undefined;
    });
  }

  async close(): Promise<void> {
    await this.#lanes?.close();
  }

  #openLanes(): Lanes {
    const { redaction, jobs, findings, isCounted } = this.#options;
    return new Lanes(redaction.current, jobs, { wantsFindings: findings !== undefined, isCounted });
  }

  /** @throws what an earlier turn has thrown that nobody waited for */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (this.#error !== undefined) throw this.#error;
      await work();
    });
    this.#turn = turn.catch((error) => {
      this.#error ??= error;
    });
    await turn;
  }

  /** Gives out what is pending, as far as it can be, and hands on what is done. @param isEnd nothing of the source follows */
  async #advance(isEnd: boolean): Promise<void> {
    for (;;) {
      await this.#handOnDone();
      const bytes = this.#pendingBytes === 0 ? undefined : this.#wholeLines(isEnd);
      if (bytes === undefined) {
        const isLong = this.#pendingBytes >= this.#sizes.mostPending;
        if (this.#blocks.length > 0 && (isEnd || isLong)) {
          await this.#handOnFirst();
          continue;
        }
        if (!isLong && !isEnd) return;
        // A line longer than all that may wait, or the end of a source of which all before is handed on.
        if (this.#open !== undefined) {
          this.#giveTo(this.#open, this.#pendingBytes, isEnd);
          continue;
        }
        await this.#redactHere(this.#takePending(this.#pendingBytes), isEnd);
        if (isEnd) return;
        continue;
      }
      if (this.#mayRedactHere(bytes)) {
        await this.#redactHere(this.#takePending(bytes), false);
        continue;
      }
      await this.#refreshLanes();
      const lane = this.#laneForNext();
      if (lane !== undefined) this.#giveTo(lane, bytes, isEnd);
      else if (this.#blocks.length === 0) await this.#redactHere(this.#takePending(bytes), false);
      else if (isEnd || this.#pendingBytes >= this.#sizes.mostPending) await this.#handOnFirst();
      else return;
    }
  }

  /** How many of the pending bytes make the next block; undefined when no line among them has ended. */
  #wholeLines(isEnd: boolean): number | undefined {
    if (this.#pending.length > 1) this.#pending = [Buffer.concat(this.#pending)];
    const [bytes] = this.#pending as [Buffer];
    if (isEnd && bytes.length <= this.#sizes.block && this.#stream === undefined) return bytes.length;
    const last = bytes.lastIndexOf(LF, this.#sizes.block - 1);
    // A line that is longer than a block is one.
    const found = last === -1 ? bytes.indexOf(LF) : last;
    return found === -1 ? undefined : found + 1;
  }

  #takePending(length: number): Buffer {
    const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending);
    const taken = bytes.subarray(0, length);
    this.#pending = length < bytes.length ? [bytes.subarray(length)] : [];
    this.#pendingBytes = bytes.length - length;
    return taken;
  }

  /** Whether the next bytes go to the stream of this thread: it has begun what they belong to, or they are few. */
  #mayRedactHere(bytes: number): boolean {
    if (this.#blocks.length > 0 || this.#open !== undefined) return false;
    const isBegun = this.#stream !== undefined && this.#stream.lineBegin === undefined;
    return isBegun || bytes < this.#sizes.small;
  }

  async #redactHere(bytes: Buffer, isEnd: boolean): Promise<void> {
    if (bytes.length === 0 && this.#stream === undefined) return;
    this.#stream ??= this.#options.openStream(this.#place);
    const stream = this.#stream;
    this.#place = placeBehind(this.#place, bytes);
    await this.#options.emit(stream.take(bytes));
    if (isEnd) await this.#options.emit(stream.end());
    this.failure ??= stream.failure;
  }

  /** The thread that must have the next block, or one that may have it; undefined when none is free for it now. */
  #laneForNext(): Lane | undefined {
    // Whether the next block goes on with something open is known only when all before it are handed on.
    return this.#open !== undefined && this.#blocks.length === 0 ? this.#open : this.#lanes?.free;
  }

  #giveTo(lane: Lane, length: number, isEnd: boolean): void {
    const bytes = this.#takePending(length);
    const block: BlockInWork = {
      bytes,
      source: this.#options.source(),
      place: this.#place,
      isLast: isEnd && this.#pendingBytes === 0,
      lane,
      continues: lane === this.#open,
      done: Promise.resolve(new LaneLost()),
      isDone: false,
    };
    this.#place = placeBehind(this.#place, bytes);
    this.#stream = undefined;
    this.#blocks.push(block);
    this.#send(block);
  }

  #send(block: BlockInWork): void {
    block.isDone = false;
    block.done = block.lane.redact(block).catch((error) => {
      if (error instanceof LaneLost) return error;
      throw error;
    });
    const settled = (): void => {
      block.isDone = true;
      // Nobody may wait for it: what it lets go on must go on by itself. An error is told with the next call.
      this.#inTurn(() => this.#advance(false)).catch(() => {});
    };
    block.done.then(settled, settled);
  }

  async #handOnDone(): Promise<void> {
    while (this.#blocks[0]?.isDone === true) await this.#handOnFirst();
  }

  /** Waits for the first block, and hands it on; or has it done again where it follows something that is open. */
  async #handOnFirst(): Promise<void> {
    const [block] = this.#blocks as [BlockInWork];
    const done = await block.done;
    if (done instanceof LaneLost) {
      await this.#redactLost(block);
      return;
    }
    if (this.#open !== undefined && !block.continues) {
      block.lane.abandon();
      block.lane = this.#open;
      block.continues = true;
      this.#send(block);
      return;
    }
    this.#blocks.shift();
    this.#open = done.isAtRest || block.isLast ? undefined : block.lane;
    if (block.isLast) block.lane.abandon();
    const { redaction, findings, emit } = this.#options;
    redaction.tally.add(done.tally, (this.#lanes as Lanes).redaction.parts.detector.rules.rules);
    if (done.failure !== undefined) this.failure ??= shownFailure(done.failure);
    if (done.findingCount > 0) findings?.addText(done.findings, done.findingCount);
    await emit(Buffer.from(done.output.buffer, done.output.byteOffset, done.output.byteLength));
  }

  /** A thread has died with a block: it is redacted here, unless what it goes on with has died too. */
  async #redactLost(block: BlockInWork): Promise<void> {
    if (block.continues || this.#open !== undefined) {
      throw new IoError(
        'a thread ended unexpectedly in the middle of a multi-line value; nothing behind it was written',
      );
    }
    this.#blocks.shift();
    const stream = this.#options.openStream(block.place);
    await this.#options.emit(stream.take(block.bytes));
    if (!block.isLast && stream.lineBegin === undefined) {
      // What it has left open can't be handed to a thread: all that was given out is taken back.
      for (const { lane } of this.#blocks) lane.abandon();
      this.#pending.unshift(...this.#blocks.map(({ bytes }) => bytes));
      this.#pendingBytes += this.#blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
      this.#blocks.length = 0;
      this.#place = placeBehind(block.place, block.bytes);
      this.#stream = stream;
      return;
    }
    if (block.isLast) await this.#options.emit(stream.end());
    this.failure ??= stream.failure;
  }

  /** Starts threads when they are worth it; rules that were exchanged need threads of their own. */
  async #refreshLanes(): Promise<void> {
    if (this.#lanes === undefined) {
      if (this.#takenBytes >= this.#sizes.worthStarting) this.#lanes = this.#openLanes();
      return;
    }
    if (this.#lanes.redaction === this.#options.redaction.current || this.#open !== undefined) return;
    while (this.#blocks.length > 0) await this.#handOnFirst();
    if (this.#open !== undefined) return;
    await this.#lanes.close();
    this.#lanes = this.#openLanes();
  }
}

function placeBehind({ line, offset }: LinePlace, bytes: Buffer): LinePlace {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines++;
  return { line: line + lines, offset: offset + bytes.length };
}

/** An error as `logEngineFailure` shows it. */
function shownFailure({ name, frames }: { name: string; frames: string }): Error {
  const error = new Error('');
  error.name = name;
  error.stack = `\n    ${frames}`;
  return error;
}
