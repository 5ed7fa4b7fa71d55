/**
 * One followed path, over all the files that are behind it one after the other: which of them is read now, which come
 * next, and of which the output has not taken all yet.
 *
 *     unsettled            queue
 *     app.log.2            app.log.1 (final)        app.log (live)
 *     |--- read ----|      |--- read ---| - - -|    | - - - - - - - -
 *            ^ committed: the output has taken all before
 */
import type { Finding } from '../findings/finding.ts';
import type { FileRecord } from '../state/checkpoint.ts';
import { LaneFeed } from './laneFeed.ts';
import { Ledger } from './ledger.ts';
import type { FilePlace } from './places.ts';
import { type LineFormats, prepare } from './preparation.ts';
import { REPLACED, type Segment } from './segment.ts';
import type { TailStages } from './stages.ts';
import type { StreamPool } from './streamPool.ts';

/** What a lane needs of its surroundings. */
export interface LaneHost {
  /**
   * Hands bytes to the output.
   * @param bytes whole lines (the end of an overlong one aside), valid until the promise settles
   * @param commit the place before which all has been handed over with them; undefined when that is not known
   */
  emit(lane: Lane, bytes: Buffer, commit: FilePlace | undefined): Promise<void>;
  finding(finding: Finding): void;
  /** The files behind the path are not as they were, or it has to be known whether they are. */
  look(lane: Lane): Promise<void>;
  /** Nothing more can be had from a file: why, without a byte of it. */
  failed(lane: Lane, segment: Segment, reason: string): void;
  readonly stages: TailStages;
  now(): number;
}

export interface LaneOptions extends LineFormats {
  /** An unfinished line is taken for a line after so long without a byte; in milliseconds. */
  readonly partialWaitMs: number;
  /** A file that has been moved away is done with after so long without a byte; in milliseconds. */
  readonly rotateWaitMs: number;
}

/** Nothing more can be had from a compressed file. */
const DAMAGED = -2;

export class Lane {
  readonly path: string;
  /** Files beside it that are much older are not asked for; milliseconds since 1970. */
  readonly since: number;
  readonly ledger: Ledger;
  /** Of an earlier run, to be found again before anything is read. */
  awaited: readonly FileRecord[] = [];
  /** To be read, in this order; the first is being read. */
  readonly queue: Segment[] = [];
  /** Files to be read before the live one goes on, as soon as no line is open there. */
  readonly late: Segment[] = [];
  /** Read, with a part that the output has not taken yet. */
  readonly unsettled: Segment[] = [];
  /** Before it all has been accepted by the output; undefined before anything was. */
  committed: FilePlace | undefined;
  isEnded = false;
  readonly #host: LaneHost;
  readonly #options: LaneOptions;
  readonly #feed: LaneFeed;
  #lastReadAt: number;

  constructor(
    path: string,
    since: number,
    host: LaneHost,
    options: LaneOptions,
    pool: StreamPool,
    ledger = new Ledger(),
  ) {
    this.path = path;
    this.since = since;
    this.ledger = ledger;
    this.#host = host;
    this.#options = options;
    this.#lastReadAt = host.now();
    this.#feed = new LaneFeed(
      {
        path,
        emit: (bytes, place) => host.emit(this, bytes, place),
        finding: (finding) => host.finding(finding),
        stages: host.stages,
      },
      pool,
    );
  }

  /** The file that is behind the path, as far as known. */
  get live(): Segment | undefined {
    const last = this.queue.at(-1);
    return last?.isFinal === false ? last : undefined;
  }

  get active(): Segment | undefined {
    return this.queue[0];
  }

  /** All files that are open, or wait to be found. */
  get segments(): readonly Segment[] {
    return [...this.unsettled, ...this.late, ...this.queue];
  }

  /** Bytes that are read and have not gone to the output. */
  get heldBytes(): number {
    return this.#feed.output.pendingBytes;
  }

  /** Whether the output has something of it that no commit stands for. */
  get isDirty(): boolean {
    return this.#feed.output.isDirty;
  }

  /** How long nothing was read, in milliseconds. */
  get #idleMs(): number {
    return this.#host.now() - this.#lastReadAt;
  }

  /** Appends a file to be read. */
  enqueue(segment: Segment): void {
    this.queue.push(segment);
    this.isEnded = false;
  }

  /** Has a file read before the live one goes on. */
  insertBeforeLive(segment: Segment): void {
    const { live } = this;
    if (live === undefined) {
      this.enqueue(segment);
      return;
    }
    const at = this.queue.indexOf(live);
    if (at === 0 && !live.isUntouched) this.late.push(segment);
    else this.queue.splice(at, 0, segment);
    if (at === 0 && live.isUntouched) this.#feed.leave();
  }

  /** Drops a file of which nothing was read. */
  forget(segment: Segment): void {
    const at = this.queue.indexOf(segment);
    this.queue.splice(at, 1);
    segment.close();
    if (at === 0) this.#feed.leave();
  }

  /** What a checkpoint holds of its files: those with something read of them; all others are found anew. */
  get started(): readonly Segment[] {
    const files = [...this.unsettled, ...this.queue];
    const from = this.committed === undefined ? 0 : Math.max(0, files.indexOf(this.committed.segment));
    return [...this.late, ...files.slice(from)];
  }

  /**
   * Reads and redacts one chunk.
   * @returns whether anything was done
   */
  async pump(): Promise<boolean> {
    if (this.active === undefined || this.isEnded || this.awaited.length > 0) return false;
    if (this.late.length > 0 && !this.active.isFinal && this.#feed.isAtRest) this.#takeLate(this.active);
    const segment = this.active;
    if (segment.isUntouched && !segment.isFinal && !segment.isConfirmed) {
      if (!segment.pin()) return false;
      await this.#host.look(this);
      return true;
    }
    if (!this.#prepare(segment)) return this.#atEnd(segment);
    const count = await this.#read(segment);
    if (count === DAMAGED) return true;
    if (count === REPLACED) {
      await this.#host.look(this);
      return true;
    }
    if (count === 0) return this.#atEnd(segment);
    this.#lastReadAt = this.#host.now();
    return true;
  }

  /** No more comes: what is held is decided and written. For a lane whose files are gone, or a run without a state. */
  async end(): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    await this.#feed.end(this.active ?? this.unsettled.at(-1));
  }

  /** Closes all files. What was read and not emitted is forgotten; it is read again from the checkpoint. */
  close(): void {
    for (const segment of this.segments) segment.close();
  }

  /**
   * The output has accepted all before a place.
   * @returns files that are done with by that
   */
  accept(place: FilePlace): Segment[] {
    this.committed = place;
    const at = this.unsettled.indexOf(place.segment);
    if (at === -1) {
      // The same place may come again after its file is done with, and says nothing of those behind it.
      return this.queue.includes(place.segment) ? this.unsettled.splice(0) : [];
    }
    const isWhole = place.offset >= place.segment.readOffset;
    return this.unsettled.splice(0, at + (isWhole ? 1 : 0));
  }

  async #read(segment: Segment): Promise<number> {
    try {
      return await this.#feed.read(segment);
    } catch (error) {
      if (!segment.isGzip || !isOfCompression(error)) throw error;
      this.#host.failed(this, segment, 'it is damaged, its rest is not read');
      await this.#feed.endLine(segment);
      this.#finishActive(segment);
      return DAMAGED;
    }
  }

  /** Between two lines of the live file. */
  #takeLate(live: Segment): void {
    const { line } = this.#feed.placeIn(live);
    const rest = live.handOver(line);
    live.isFinal = true;
    this.queue.push(...this.late.splice(0), rest);
  }

  /** Finds out how the file's lines are written. @returns false while, or because, it can't be read */
  #prepare(segment: Segment): boolean {
    if (this.#feed.isBegun) return true;
    const isAll = segment.isFinal || this.isEnded || this.#idleMs > this.#options.partialWaitMs;
    const prepared = prepare(segment, this.#options, isAll);
    if (prepared === undefined) return false;
    if ('refused' in prepared) {
      this.#host.failed(this, segment, prepared.refused);
      this.#finishActive(segment);
      return false;
    }
    this.#feed.begin(segment, prepared);
    return true;
  }

  /** Nothing more is there now. */
  async #atEnd(segment: Segment): Promise<boolean> {
    if (this.active !== segment) return true;
    if (!segment.isFinal) return this.#waitForMore(segment);
    const next = this.queue[1];
    const idleMs = this.#host.now() - Math.max(this.#lastReadAt, segment.finalSince);
    // A writer that has begun the next file has left this one; others are given some time.
    const hasNext = next !== undefined && (next.isFinal || next.isGzip || next.unread() > 0);
    // It may have written its last line here before it began there.
    if (hasNext && segment.isOpen && !segment.isGzip && segment.unread() > 0) return this.#feed.isBegun;
    const isLeft = hasNext || segment.isGzip || !segment.isOpen;
    if (!isLeft && idleMs < this.#options.rotateWaitMs) return false;
    // The lane ends only when its path stays without a file.
    if (next === undefined) await this.end();
    else await this.#feed.endLine(segment);
    this.#finishActive(segment);
    return true;
  }

  #finishActive(segment: Segment): void {
    segment.endLine = this.#feed.placeIn(segment).line;
    this.queue.shift();
    this.unsettled.push(segment);
    this.#feed.leave();
  }

  async #waitForMore(segment: Segment): Promise<boolean> {
    if (this.#feed.isBetweenLines || this.#idleMs < this.#options.partialWaitMs) return false;
    await this.#feed.endLine(segment);
    return true;
  }
}

/** Errors of node:zlib have codes such as `Z_DATA_ERROR`; a file that was cut off is `Z_BUF_ERROR`. */
function isOfCompression(error: unknown): boolean {
  return /^Z_/.test(String((error as NodeJS.ErrnoException).code));
}
