/**
 * One followed path, over all the files that are behind it one after the other. They are read in order through one
 * stream, so that a multi-line value that a rotation cuts is one value.
 *
 *     file app.log.1            file app.log
 *     |--- done with ---|------ read ------|   |---- read ----|
 *                       ^ committed: the output has taken all before
 *
 * Invariants: bytes go to the output only when the place in the files that they stand for is known (`commit`), except
 * where that would take more than MOST_PENDING_BYTES of memory; they go in whole lines; a line is never cut by the end of
 * what is there now.
 */
import type { Finding } from '../findings/finding.ts';
import { withheldPlaceholder } from '../scan/placeholder.ts';
import type { LineDecoder } from '../sources/lineDecoder.ts';
import type { FilePlace } from './places.ts';
import { Places } from './places.ts';
import type { LineFormats, Prepared } from './preparation.ts';
import { prepare } from './preparation.ts';
import { REPLACED, type Segment } from './segment.ts';
import type { PooledStream, StreamOwner, StreamPool } from './streamPool.ts';

const LF = Buffer.from('\n');
const READ_BYTES = 256 * 1024;
/** What is not settled waits in memory up to here: the longest line that goes to the output whole. */
const MOST_PENDING_BYTES = 16 * 1024 * 1024;
const PAGE_BYTES = 4096;
/** What is read into it is taken before another file is read. */
const scratch = Buffer.allocUnsafe(READ_BYTES);
const WITHHELD = Buffer.from(`${withheldPlaceholder('engine error')}\n`);

/** What a lane needs of its surroundings. */
export interface LaneHost {
  /**
   * Hands bytes to the output.
   * @param bytes whole lines (the end of an overlong one aside), valid until the promise settles
   * @param commit the place before which all has been handed over with them; undefined when that is not known
   */
  emit(lane: Lane, bytes: Buffer, commit: FilePlace | undefined): Promise<void>;
  finding(finding: Finding): void;
  /** The file is not the one that was read any more. */
  replaced(lane: Lane, segment: Segment): Promise<void>;
  /** A file at its path is read for the first time; others may be put before it. */
  beforeFirstRead(lane: Lane): Promise<void>;
  /** Nothing more can be had from a file: why, without a byte of it. */
  failed(lane: Lane, segment: Segment, reason: string): void;
  /** A stage threw; lines are withheld or passed as the settings say. */
  threw(lane: Lane, error: unknown): void;
  now(): number;
}

export interface LaneOptions extends LineFormats {
  /** An unfinished line is taken for a line after so long without a byte; in milliseconds. */
  readonly partialWaitMs: number;
  /** A file that has been moved away is done with after so long without a byte; in milliseconds. */
  readonly rotateWaitMs: number;
}

export class Lane implements StreamOwner {
  readonly path: string;
  readonly since: number;
  /** Rotated files that were there before. */
  seen: ReadonlySet<string> = new Set();
  /** By `device:inode` of a compressed file: what it was made of, which was not done with by then. */
  readonly compressed = new Map<string, Segment>();
  /** To be read, in this order; the first is being read. */
  readonly queue: Segment[] = [];
  /** Read, with a part that the output has not taken yet. */
  readonly unsettled: Segment[] = [];
  /** Before it all has been accepted by the output; undefined before anything was. */
  committed: FilePlace | undefined;
  /** Whether the output has something of it that no commit stands for. */
  isDirty = false;
  isEnded = false;
  readonly #host: LaneHost;
  readonly #options: LaneOptions;
  readonly #pool: StreamPool;
  #pooled: PooledStream | undefined;
  #prepared: Prepared | undefined;
  /** Where reading of the active file began, and with it the decoder. */
  #start: FilePlace | undefined;
  /** Before it all has gone to the host. */
  #emittedPlace: FilePlace | undefined;
  readonly #places = new Places();
  /** What is read, from the stream's start. */
  #fed = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Of the stream's output, what has gone to the host. */
  #emitted = 0;
  #lastByte = LF[0] as number;
  /** Decoded text is kept back by the decoder. */
  #isDecoderBusy = false;
  #lastReadAt: number;
  /** After an error: up to here in the file lines are not looked at. */
  #withholdUntil = 0;
  #failure: unknown;
  /** Files that were done with and have grown, to be read before the live one goes on. */
  readonly #late: Segment[] = [];
  #isQuiet = false;
  /** Whose predecessors were looked for. */
  #looked: Segment | undefined;

  constructor(path: string, since: number, host: LaneHost, options: LaneOptions, pool: StreamPool) {
    this.path = path;
    this.since = since;
    this.#host = host;
    this.#options = options;
    this.#pool = pool;
    this.#lastReadAt = host.now();
  }

  /** How findings name the source. */
  get sourceName(): string {
    return this.path;
  }

  /** The file that is behind the path, as far as known. */
  get live(): Segment | undefined {
    const last = this.queue.at(-1);
    return last?.isFinal === false ? last : undefined;
  }

  get active(): Segment | undefined {
    return this.queue[0];
  }

  get #isBetweenLines(): boolean {
    return this.#lastByte === LF[0] && !this.#isDecoderBusy;
  }

  /** How long nothing was read, in milliseconds. */
  get #idleMs(): number {
    return this.#host.now() - this.#lastReadAt;
  }

  /** Bytes that are read and have not gone to the output. */
  get heldBytes(): number {
    return this.#pendingBytes;
  }

  onFinding(finding: Finding): void {
    if (this.#isQuiet) return;
    const place = this.#places.near(finding.offset, finding.line);
    const { offset, line } = place ?? finding;
    this.#host.finding({ ...finding, source: place?.segment.path ?? this.path, line, offset });
  }

  /** Appends a file to be read. */
  enqueue(segment: Segment): void {
    this.queue.push(segment);
    if (this.queue.length === 1) this.#begin(segment);
  }

  /** Has a file read as soon as the line that is being read has ended. */
  insertBeforeLive(segment: Segment): void {
    const { live } = this;
    if (live === undefined) this.enqueue(segment);
    else if (live === this.active) this.#late.push(segment);
    else this.queue.splice(this.queue.indexOf(live), 0, segment);
  }

  /** Has a file read before another of which nothing was read. */
  insertBefore(next: Segment, segment: Segment): void {
    const at = this.queue.indexOf(next);
    this.queue.splice(at, 0, segment);
    if (at === 0) this.#begin(segment);
  }

  /** Drops a file of which nothing was read. */
  forget(segment: Segment): void {
    const at = this.queue.indexOf(segment);
    this.queue.splice(at, 1);
    segment.close();
    if (at === 0 && this.queue[0] !== undefined) this.#begin(this.queue[0]);
  }

  /** Between two lines of the live file. */
  #takeLate(live: Segment): void {
    const { line } = this.#readPlace(live);
    this.queue.push(...this.#late.splice(0), live.handOver(line));
    live.isFinal = true;
  }

  /**
   * Reads and redacts one chunk.
   * @returns whether anything was done
   */
  async pump(): Promise<boolean> {
    const segment = this.active;
    if (segment === undefined || this.isEnded) return false;
    if (this.#late.length > 0 && !segment.isFinal && this.#isBetweenLines) this.#takeLate(segment);
    const prepared = this.#prepare(segment);
    if (prepared === undefined) return this.#atEnd(segment);
    if (segment.readOffset === 0 && !segment.isFinal && this.#looked !== segment) {
      this.#looked = segment;
      await this.#host.beforeFirstRead(this);
      return true;
    }
    const count = await this.#read(segment, prepared);
    if (count === REPLACED) {
      await this.#host.replaced(this, segment);
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
    const pooled = this.#pooled;
    if (pooled === undefined) return;
    const segment = this.active ?? this.unsettled.at(-1);
    await this.#endLine();
    const place = segment && this.#readPlace(segment);
    try {
      this.#keep(pooled.stream.end());
      if (this.#pooled === pooled) this.#pool.giveBack(pooled);
    } catch (error) {
      this.#host.threw(this, error);
      this.#keep(WITHHELD);
    }
    this.#pooled = undefined;
    await this.#emitAll(place);
  }

  /** Closes all files. What was read and not emitted is forgotten; it is read again from the checkpoint. */
  close(): void {
    for (const segment of [...this.unsettled, ...this.queue]) segment.close();
  }

  /**
   * The output has accepted all before a place.
   * @returns files that are done with by that
   */
  accept(place: FilePlace): Segment[] {
    this.committed = place;
    const at = this.unsettled.indexOf(place.segment);
    const isWhole = at !== -1 && place.offset >= place.segment.readOffset;
    const count = at === -1 ? this.unsettled.length : at + (isWhole ? 1 : 0);
    return this.unsettled.splice(0, count);
  }

  #begin(segment: Segment): void {
    this.#prepared = undefined;
    this.isEnded = false;
    this.#pooled ??= this.#openStream();
    this.#start = placeOf(segment);
  }

  #openStream(): PooledStream {
    const pooled = this.#pool.take(this);
    this.#emitted = pooled.stream.settled.bytesOut;
    this.#fed = 0;
    this.#places.clear();
    this.#lastByte = LF[0] as number;
    return pooled;
  }

  /** The stream's end, all lines complete. */
  #streamPlace(): { offset: number; line: number } {
    return this.#pooled?.stream.nextLine ?? { offset: 0, line: 1 };
  }

  /** Finds out how the file's lines are written. @returns undefined while, or because, it can't be read */
  #prepare(segment: Segment): Prepared | undefined {
    if (this.#prepared === undefined) {
      const isAll = segment.isFinal || this.isEnded || this.#idleMs > this.#options.partialWaitMs;
      const prepared = prepare(segment, this.#options, isAll);
      if (prepared === undefined) return undefined;
      if ('refused' in prepared) {
        this.#host.failed(this, segment, prepared.refused);
        this.#finishActive(segment);
        return undefined;
      }
      this.#prepared = prepared;
      const start = this.#start ?? placeOf(segment);
      this.#places.add(this.#streamPlace(), start, prepared.decoder === undefined);
    }
    return this.#prepared;
  }

  async #read(segment: Segment, { decoder }: Prepared): Promise<number> {
    const { stream } = this.#pooled as PooledStream;
    if (segment.isGzip) await segment.fetch(READ_BYTES);
    const isWithholding = segment.readOffset < this.#withholdUntil;
    const window =
      decoder === undefined && !isWithholding ? stream.input?.subarray(0, READ_BYTES) : undefined;
    const quiet = segment.quietUntil - segment.readOffset;
    const room = window ?? scratch;
    const into = quiet > 0 ? room.subarray(0, quiet) : room;
    const count = segment.read(into);
    if (count <= 0) return count;
    const bytes = into.subarray(0, count);
    const hole = this.#holeAt(segment, bytes);
    if (hole > 0) {
      this.#passHole(segment, count - hole);
      return count;
    }
    this.#isQuiet = quiet > 0;
    if (isWithholding) await this.#withhold(segment, bytes);
    else if (decoder !== undefined) await this.#feedDecoded(segment, decoder, bytes);
    else await this.#feed(window === undefined ? bytes : count, bytes);
    return count;
  }

  /** How many NULs at a line's begin nobody has written: a writer that went on behind what was truncated. */
  #holeAt(segment: Segment, bytes: Buffer): number {
    if (!this.#isBetweenLines || bytes[0] !== 0 || bytes.length < PAGE_BYTES) return 0;
    const end = bytes.findIndex((byte) => byte !== 0);
    const length = end === -1 ? bytes.length : end;
    return length >= PAGE_BYTES && segment.isSparse ? length : 0;
  }

  /** @param behind bytes that were read behind the hole */
  #passHole(segment: Segment, behind: number): void {
    segment.rewind(segment.readOffset - behind);
    const isExact = this.#prepared?.decoder === undefined;
    this.#places.add(this.#streamPlace(), this.#readPlace(segment), isExact);
  }

  /** Where reading is, as a place in the file. */
  #readPlace(segment: Segment): FilePlace {
    const line = this.#places.near(this.#fed, this.#streamPlace().line)?.line ?? segment.startLine;
    return { segment, offset: segment.readOffset, line };
  }

  /** @param chunk as the stream takes it; `bytes` are the same */
  async #feed(chunk: Buffer | number, bytes: Buffer): Promise<void> {
    this.#lastByte = bytes[bytes.length - 1] as number;
    this.#fed += bytes.length;
    await this.#guarded(() => this.#release((this.#pooled as PooledStream).stream.take(chunk)));
  }

  async #feedDecoded(segment: Segment, decoder: LineDecoder, bytes: Buffer): Promise<void> {
    const start = this.#start ?? placeOf(segment);
    const decoded = decoder.push(bytes);
    if (decoded.text.length > 0) {
      this.#lastByte = decoded.text[decoded.text.length - 1] as number;
      this.#fed += decoded.text.length;
    }
    this.#isDecoderBusy = !decoded.isAtRest || start.offset + decoded.rawBytes < segment.readOffset;
    await this.#guarded(async () => {
      const out = (this.#pooled as PooledStream).stream.take(decoded.text);
      if (decoded.isAtRest) {
        const offset = start.offset + decoded.rawBytes;
        const line = start.line + decoded.rawLines;
        this.#places.add(this.#streamPlace(), { segment, offset, line }, false);
      }
      await this.#release(out);
    });
  }

  /** Lines that could not be looked at before, up to where reading had come. */
  async #withhold(segment: Segment, bytes: Buffer): Promise<void> {
    const excess = Math.max(0, segment.readOffset - this.#withholdUntil);
    const end = bytes.subarray(0, bytes.length - excess).lastIndexOf(LF[0] as number) + 1;
    // An unfinished line is withheld whole: it goes on up to its end, wherever that is.
    const next = end === 0 ? bytes.indexOf(LF[0] as number) + 1 || bytes.length : end;
    segment.rewind(segment.readOffset - (bytes.length - next));
    this.#lastByte = bytes[next - 1] as number;
    this.#fed += next;
    const { stream } = this.#pooled as PooledStream;
    await this.#guarded(() => this.#release(stream.withhold(bytes.subarray(0, next), this.#failure)));
    if (this.#lastByte !== LF[0]) this.#withholdUntil = segment.readOffset + 1;
    else if (segment.readOffset >= this.#withholdUntil) this.#withholdUntil = 0;
  }

  /** Hands on what is settled, and keeps the rest. */
  async #release(out: Buffer): Promise<void> {
    if (this.#isQuiet) {
      this.#emitted += out.length;
      return;
    }
    const { settled } = (this.#pooled as PooledStream).stream;
    const place = this.#places.at(settled.offset, settled.line);
    if (place === undefined) return this.#hold(out);
    const ready = settled.bytesOut - this.#emitted;
    if (this.#pendingBytes === 0 && ready === out.length) {
      this.#emitted = settled.bytesOut;
      await this.#emit(out, place);
    } else {
      this.#keep(out);
      const all = Buffer.concat(this.#pending);
      this.#pending = ready < all.length ? [all.subarray(ready)] : [];
      this.#pendingBytes = all.length - ready;
      this.#emitted = settled.bytesOut;
      await this.#emit(all.subarray(0, ready), place);
    }
    this.#places.forgetBefore(settled.offset);
  }

  async #hold(out: Buffer): Promise<void> {
    this.#keep(out);
    if (this.#pendingBytes > MOST_PENDING_BYTES) await this.#overflow();
  }

  /** Too much to be kept: it goes out, cut into lines, and the checkpoint waits. */
  async #overflow(): Promise<void> {
    this.isDirty = true;
    await this.#emitAll(undefined);
  }

  async #emit(bytes: Buffer, place: FilePlace): Promise<void> {
    this.isDirty = false;
    this.#emittedPlace = place;
    // A place moves also without bytes: lines may have been dropped.
    await this.#host.emit(this, bytes, place);
  }

  #keep(out: Buffer): void {
    if (out.length === 0) return;
    // What a stream returns is valid until its next call only.
    this.#pending.push(Buffer.from(out));
    this.#pendingBytes += out.length;
  }

  /** Hands on all there is, ended by a line end, so that another file's lines do not go on in it. */
  async #emitAll(place: FilePlace | undefined): Promise<void> {
    const all = Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#emitted += all.length;
    if (place !== undefined) this.isDirty = false;
    const isOpen = all.length > 0 && all[all.length - 1] !== LF[0];
    await this.#host.emit(this, isOpen ? Buffer.concat([all, LF]) : all, place);
  }

  /** Nothing more is there now. */
  async #atEnd(segment: Segment): Promise<boolean> {
    if (!segment.isFinal) return this.#waitForMore();
    const next = this.queue[1];
    const idleMs = this.#host.now() - Math.max(this.#lastReadAt, segment.finalSince);
    // A writer that has begun the next file has left this one; others are given some time.
    const hasNext = next !== undefined && (next.isFinal || next.isGzip || next.unread() > 0);
    // It may have written its last line here before it began there.
    if (hasNext && !segment.isGzip && segment.unread() > 0) return true;
    const isLeft = hasNext || segment.isGzip || !segment.isOpen;
    if (!isLeft && idleMs < this.#options.rotateWaitMs) return false;
    if (next === undefined) {
      // The lane ends only when its path stays without a file.
      await this.end();
      this.#finishActive(segment);
      return true;
    }
    await this.#endLine();
    this.#finishActive(segment);
    return true;
  }

  #finishActive(segment: Segment): void {
    segment.endLine = this.#readPlace(segment).line;
    this.queue.shift();
    this.unsettled.push(segment);
    this.#prepared = undefined;
    this.#withholdUntil = 0;
    const next = this.queue[0];
    if (next !== undefined) this.#begin(next);
  }

  async #waitForMore(): Promise<boolean> {
    if (this.#isBetweenLines || this.#idleMs < this.#options.partialWaitMs) return false;
    await this.#endLine();
    return true;
  }

  /** Ends an unfinished line, as if its writer had. */
  async #endLine(): Promise<void> {
    const segment = this.active;
    const decoder = this.#prepared?.decoder;
    if (segment === undefined || this.#pooled === undefined) return;
    if (decoder !== undefined && this.#isDecoderBusy) {
      const { text } = decoder.flush();
      if (text.length > 0) await this.#feed(text, text);
      this.#isDecoderBusy = false;
    }
    const place = this.#readPlace(segment);
    const isUnfinished = this.#lastByte !== LF[0];
    if (isUnfinished) await this.#feedBare(LF);
    if (isUnfinished || decoder !== undefined)
      this.#places.add(this.#streamPlace(), place, decoder === undefined);
    await this.#guarded(() => this.#release(Buffer.alloc(0)));
  }

  /** Feeds a byte that is in no file. */
  async #feedBare(bytes: Buffer): Promise<void> {
    this.#lastByte = bytes[bytes.length - 1] as number;
    this.#fed += bytes.length;
    await this.#guarded(async () => this.#keep((this.#pooled as PooledStream).stream.take(bytes)));
  }

  /**
   * Fails closed: when the redaction of a chunk throws, what it has written since the last commit is thrown away, and the
   * lines from there to where reading has come are treated as `onError` says.
   */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isOfOutput(error)) throw error;
      this.#recover(error);
    }
  }

  #recover(error: unknown): void {
    this.#host.threw(this, error);
    this.#failure = error;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#places.clear();
    this.#prepared = undefined;
    this.#isDecoderBusy = false;
    this.#lastByte = LF[0] as number;
    this.#pooled = this.#openStream();
    const segment = this.active;
    if (segment === undefined) return;
    const isLater = this.#emittedPlace !== undefined && this.#emittedPlace.segment !== segment;
    // Of what an earlier file still held one line tells.
    if (isLater) this.#keepOutside(WITHHELD);
    this.#start = isLater || this.#emittedPlace === undefined ? placeOf(segment) : this.#emittedPlace;
    this.#withholdUntil = segment.readOffset;
    if (!segment.isGzip) segment.rewind(this.#start.offset);
  }

  /** Keeps bytes that do not come from the stream. */
  #keepOutside(bytes: Buffer): void {
    this.#keep(bytes);
    this.#emitted -= bytes.length;
  }
}

/** An error of the output is the host's to deal with; marked by it. */
export class OutputFailure extends Error {}

function isOfOutput(error: unknown): boolean {
  return error instanceof OutputFailure;
}

function placeOf(segment: Segment): FilePlace {
  return { segment, offset: segment.startOffset, line: segment.startLine };
}
