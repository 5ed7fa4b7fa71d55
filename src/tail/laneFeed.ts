/**
 * The way of a lane's bytes: read from a file, decoded where that is needed, redacted by one stream that runs on over all
 * files of the lane, so that a multi-line value that a rotation cuts is one value, and handed on with their place.
 *
 * Invariants: a line is never cut by the end of what is there now; lines that could not be looked at come out as a
 * placeholder, or raw where that was asked for.
 */
import type { Finding } from '../findings/finding.ts';
import { withheldPlaceholder } from '../scan/placeholder.ts';
import type { LineDecoder } from '../sources/lineDecoder.ts';
import { isOfOutput } from './outputFailure.ts';
import { type FilePlace, Places } from './places.ts';
import type { Prepared } from './preparation.ts';
import { REPLACED, type Segment } from './segment.ts';
import { type Emit, SettledOutput } from './settledOutput.ts';
import type { TailStages } from './stages.ts';
import type { PooledStream, StreamOwner, StreamPool } from './streamPool.ts';

const LF = Buffer.from('\n');
const LF_BYTE = 0x0a;
const READ_BYTES = 256 * 1024;
const PAGE_BYTES = 4096;
/** What is read into it is taken before another file is read. */
const scratch = Buffer.allocUnsafe(READ_BYTES);
const WITHHELD = Buffer.from(`${withheldPlaceholder('engine error')}\n`);

export interface FeedHost {
  readonly path: string;
  readonly emit: Emit;
  finding(finding: Finding): void;
  readonly stages: Pick<TailStages, 'read' | 'redact'>;
}

export class LaneFeed implements StreamOwner {
  readonly output: SettledOutput;
  /** Whether it is known how the lines of the file are written. */
  isBegun = false;
  readonly #host: FeedHost;
  readonly #pool: StreamPool;
  readonly #places = new Places();
  #stream: PooledStream | undefined;
  #decoder: LineDecoder | undefined;
  /** Where reading of the file began, and with it the decoder. */
  #start: FilePlace | undefined;
  /** What was fed, from the stream's start. */
  #fed = 0;
  #lastByte = LF_BYTE;
  /** Decoded text is kept back by the decoder. */
  #isDecoderBusy = false;
  /** After an error: up to here in the file lines are not looked at. */
  #withholdUntil = 0;
  #failure: unknown;
  #isQuiet = false;

  constructor(host: FeedHost, pool: StreamPool) {
    this.#host = host;
    this.#pool = pool;
    this.output = new SettledOutput(host.emit);
  }

  /** How findings name the source. */
  get sourceName(): string {
    return this.#host.path;
  }

  get isBetweenLines(): boolean {
    return this.#lastByte === LF_BYTE && !this.#isDecoderBusy;
  }

  /** Whether another file's lines may come next: no line and no multi-line value is open. */
  get isAtRest(): boolean {
    return this.isBetweenLines && (this.#stream === undefined || this.#stream.isAtRest);
  }

  onFinding(finding: Finding): void {
    if (this.#isQuiet) return;
    const place = this.#places.near(finding.offset, finding.line);
    const { offset, line } = place ?? finding;
    this.#host.finding({ ...finding, source: place?.segment.path ?? this.#host.path, line, offset });
  }

  /** The next bytes are a file's from where it was begun, and written as was found out. */
  begin(segment: Segment, { decoder }: Prepared): void {
    const stream = this.#open();
    this.#decoder = decoder;
    this.#start ??= placeOf(segment);
    this.#places.add(stream.nextLine, this.#start, decoder === undefined);
    this.isBegun = true;
  }

  /** The file is done with, or another comes first. */
  leave(): void {
    this.isBegun = false;
    this.#decoder = undefined;
    this.#start = undefined;
    this.#withholdUntil = 0;
  }

  /** @returns what `Segment.read` does */
  async read(segment: Segment): Promise<number> {
    const stream = this.#open();
    if (segment.isGzip) await segment.fetch(READ_BYTES);
    const isWithholding = segment.readOffset < this.#withholdUntil;
    const window =
      this.#decoder === undefined && !isWithholding ? stream.input?.subarray(0, READ_BYTES) : undefined;
    const quiet = segment.quietUntil - segment.readOffset;
    const room = window ?? scratch;
    const into = quiet > 0 ? room.subarray(0, quiet) : room;
    const count = this.#host.stages.read(segment.path, () => segment.read(into));
    if (count === REPLACED || count === 0) return count;
    const bytes = into.subarray(0, count);
    const hole = this.#holeAt(segment, bytes);
    if (hole > 0) {
      segment.giveBack(bytes.subarray(hole));
      this.#places.add(stream.nextLine, this.placeIn(segment), this.#decoder === undefined);
      return count;
    }
    this.#isQuiet = quiet > 0;
    if (isWithholding) await this.#withhold(segment, bytes);
    else if (this.#decoder !== undefined) await this.#feedDecoded(segment, this.#decoder, bytes);
    else await this.#feed(segment, window === undefined ? bytes : count, bytes);
    return count;
  }

  /** Where reading is, as a place in the file. */
  placeIn(segment: Segment): FilePlace {
    const line = this.#places.near(this.#fed, this.#stream?.nextLine.line ?? 1)?.line ?? segment.startLine;
    return { segment, offset: segment.readOffset, line };
  }

  /** Ends an unfinished line, as if its writer had. */
  async endLine(segment: Segment): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || this.#start === undefined) return;
    const decoder = this.#decoder;
    if (decoder !== undefined && this.#isDecoderBusy) {
      const { text } = decoder.flush();
      if (text.length > 0) await this.#feed(segment, text, text);
      this.#isDecoderBusy = false;
    }
    const place = this.placeIn(segment);
    const isUnfinished = this.#lastByte !== LF_BYTE;
    if (isUnfinished) {
      this.#lastByte = LF_BYTE;
      this.#fed += LF.length;
      await this.#guarded(segment, async () =>
        this.output.keep(this.#host.stages.redact(0, () => this.#open().take(LF))),
      );
    }
    if (isUnfinished || decoder !== undefined)
      this.#places.add(this.#open().nextLine, place, decoder === undefined);
    await this.#guarded(segment, () => this.#release(Buffer.alloc(0)));
  }

  /** No more comes: what is held is decided and handed on. @param segment the last file */
  async end(segment: Segment | undefined): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    if (segment !== undefined) await this.endLine(segment);
    const place = segment && this.placeIn(segment);
    try {
      this.output.keep(this.#host.stages.redact(0, () => stream.end()));
      if (this.#stream === stream) this.#pool.giveBack(stream);
    } catch {
      // Told and counted by the stage.
      this.output.keep(WITHHELD);
    }
    this.#stream = undefined;
    await this.output.emitAll(place);
  }

  #open(): PooledStream {
    if (this.#stream !== undefined) return this.#stream;
    const stream = this.#pool.take(this);
    this.output.begin(stream.settled.bytesOut);
    this.#fed = 0;
    this.#places.clear();
    this.#lastByte = LF_BYTE;
    this.#stream = stream;
    return stream;
  }

  /** How many NULs at a line's begin nobody has written: a writer that went on behind what was truncated. */
  #holeAt(segment: Segment, bytes: Buffer): number {
    if (!this.isBetweenLines || bytes[0] !== 0 || bytes.length < PAGE_BYTES) return 0;
    const end = bytes.findIndex((byte) => byte !== 0);
    const length = end === -1 ? bytes.length : end;
    return length >= PAGE_BYTES && segment.isSparse ? length : 0;
  }

  /** @param chunk as the stream takes it; `bytes` are the same */
  async #feed(segment: Segment, chunk: Buffer | number, bytes: Buffer): Promise<void> {
    this.#lastByte = bytes[bytes.length - 1] as number;
    this.#fed += bytes.length;
    await this.#guarded(segment, () =>
      this.#release(this.#host.stages.redact(bytes.length, () => this.#open().take(chunk))),
    );
  }

  async #feedDecoded(segment: Segment, decoder: LineDecoder, bytes: Buffer): Promise<void> {
    const start = this.#start ?? placeOf(segment);
    const decoded = decoder.push(bytes);
    if (decoded.text.length > 0) {
      this.#lastByte = decoded.text[decoded.text.length - 1] as number;
      this.#fed += decoded.text.length;
    }
    this.#isDecoderBusy = !decoded.isAtRest || start.offset + decoded.rawBytes < segment.readOffset;
    await this.#guarded(segment, async () => {
      const stream = this.#open();
      const out = this.#host.stages.redact(bytes.length, () => stream.take(decoded.text));
      if (decoded.isAtRest) {
        const offset = start.offset + decoded.rawBytes;
        const line = start.line + decoded.rawLines;
        this.#places.add(stream.nextLine, { segment, offset, line }, false);
      }
      await this.#release(out);
    });
  }

  /** Lines that could not be looked at before, up to where reading had come. */
  async #withhold(segment: Segment, bytes: Buffer): Promise<void> {
    const excess = Math.max(0, segment.readOffset - this.#withholdUntil);
    const end = bytes.subarray(0, bytes.length - excess).lastIndexOf(LF_BYTE) + 1;
    // An unfinished line is withheld whole: it goes on up to its end, wherever that is.
    const next = end === 0 ? bytes.indexOf(LF_BYTE) + 1 || bytes.length : end;
    segment.giveBack(Buffer.from(bytes.subarray(next)));
    this.#lastByte = bytes[next - 1] as number;
    this.#fed += next;
    await this.#guarded(segment, () =>
      this.#release(this.#open().withhold(bytes.subarray(0, next), this.#failure)),
    );
    if (this.#lastByte !== LF_BYTE) this.#withholdUntil = segment.readOffset + 1;
    else if (segment.readOffset >= this.#withholdUntil) this.#withholdUntil = 0;
  }

  /** Hands on what is settled, and keeps the rest. */
  async #release(out: Buffer): Promise<void> {
    const settled = this.#open().settled;
    const place = this.#places.at(settled.offset, settled.line);
    if (this.#isQuiet) {
      this.output.pass(out);
      if (place !== undefined) await this.#host.emit(Buffer.alloc(0), place);
      return;
    }
    if (place === undefined) return this.output.hold(out);
    await this.output.release(out, settled.bytesOut, place);
    this.#places.forgetBefore(settled.offset);
  }

  /**
   * Fails closed: when the redaction of a chunk throws, what it has written since the last commit is thrown away, and the
   * lines from there to where reading has come are treated as `onError` says.
   */
  async #guarded(segment: Segment, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isOfOutput(error)) throw error;
      this.#recover(segment, error);
    }
  }

  #recover(segment: Segment, error: unknown): void {
    this.#failure = error;
    this.output.drop();
    const isCut = !this.isBetweenLines;
    this.#isDecoderBusy = false;
    this.#stream = undefined;
    this.#open();
    const { place } = this.output;
    const isLater = place !== undefined && place.segment !== segment;
    // Of what an earlier file, or one that can't be read twice, still held one line tells.
    if (isLater || segment.isGzip) this.output.keepOutside(WITHHELD);
    const start = isLater || place === undefined ? placeOf(segment) : place;
    if (segment.isGzip) {
      this.#start = { ...start, offset: segment.readOffset };
      this.#withholdUntil = isCut ? segment.readOffset + 1 : 0;
    } else {
      this.#start = start;
      this.#withholdUntil = segment.readOffset;
      segment.rewind(start.offset);
    }
    this.isBegun = false;
  }
}

function placeOf(segment: Segment): FilePlace {
  return { segment, offset: segment.startOffset, line: segment.startLine };
}
