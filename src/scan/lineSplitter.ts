/**
 * Cuts a stream of chunks into lines, whatever the chunks' borders. A line that lies in one chunk is handed on without
 * being copied; the beginning of an unfinished line is carried over. A line longer than the limit is handed on in
 * windows that overlap, so that memory stays bounded.
 *
 * What is handed on depends on the stream's bytes only, never on how they were cut.
 */

const LF = 0x0a;
const CR = 0x0d;
const FIRST_CAPACITY = 64 * 1024;

export const LINE_ENDS = {
  lf: Buffer.from('\n'),
  crlf: Buffer.from('\r\n'),
  /** The last line of a stream need not end, and what follows may be missing: a CR there is no part of a value. */
  cr: Buffer.from('\r'),
  none: Buffer.alloc(0),
} as const;

export interface LineHandler {
  /** @param content valid until the call returns */
  onLine(content: Buffer, lineEnd: Buffer): void;
  /**
   * A part of a line that exceeds the limit.
   * @param content valid until the call returns
   * @param lineEnd given with the last part, which may be of any length
   * @returns how many bytes at the content's start are done with; the next part begins behind them
   */
  onWindow(content: Buffer, isFirst: boolean, lineEnd: Buffer | undefined): number;
}

export class LineSplitter {
  readonly #handler: LineHandler;
  readonly #maxLineBytes: number;
  /** The unfinished line, or the part of a long line that is still needed: `#carry[0, #carried)`. */
  #carry = Buffer.allocUnsafe(FIRST_CAPACITY);
  #carried = 0;
  /** Whether a window of the unfinished line has been handed on. */
  #isLong = false;

  /** @param maxLineBytes longest line to hand on whole, line end not counted, and length of a window */
  constructor(handler: LineHandler, maxLineBytes: number) {
    this.#handler = handler;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes the next bytes of the stream; keeps no reference to the chunk. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const found = chunk.indexOf(LF, at);
      const end = found === -1 ? chunk.length : found;
      if (found !== -1 && this.#carried === 0 && !this.#isLong && end - at <= this.#maxLineBytes) {
        this.#handOn(chunk, at, end);
      } else {
        this.#carryOver(chunk, at, end);
        if (found !== -1) this.#finishCarried(LINE_ENDS.lf);
      }
      at = end + (found === -1 ? 0 : 1);
    }
  }

  /** The stream has ended; hands on the last line if it has no line end. */
  end(): void {
    if (this.#carried > 0 || this.#isLong) this.#finishCarried(LINE_ENDS.none);
  }

  /** Whether everything taken has been handed on, and the next byte begins a line. */
  get isEmpty(): boolean {
    return this.#carried === 0 && !this.#isLong;
  }

  #handOn(bytes: Buffer, start: number, end: number): void {
    const isCrlf = end > start && bytes[end - 1] === CR;
    this.#handler.onLine(
      bytes.subarray(start, isCrlf ? end - 1 : end),
      isCrlf ? LINE_ENDS.crlf : LINE_ENDS.lf,
    );
  }

  /** Appends `chunk[start, end)`, none of which is a line end, to the unfinished line. */
  #carryOver(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#carried === this.#maxLineBytes) this.#handOnWindow();
      const length = Math.min(end - at, this.#maxLineBytes - this.#carried);
      this.#reserve(this.#carried + length);
      chunk.copy(this.#carry, this.#carried, at, at + length);
      this.#carried += length;
      at += length;
    }
  }

  #handOnWindow(): void {
    const done = this.#handler.onWindow(this.#carry.subarray(0, this.#carried), !this.#isLong, undefined);
    this.#carry.copyWithin(0, done, this.#carried);
    this.#carried -= done;
    this.#isLong = true;
  }

  #finishCarried(lineEnd: Buffer): void {
    const length = this.#carried;
    const isLong = this.#isLong;
    this.#carried = 0;
    this.#isLong = false;
    const hasCr = length > 0 && this.#carry[length - 1] === CR;
    const content = this.#carry.subarray(0, hasCr ? length - 1 : length);
    const withCr = lineEnd === LINE_ENDS.lf ? LINE_ENDS.crlf : LINE_ENDS.cr;
    const realEnd = hasCr ? withCr : lineEnd;
    if (isLong) this.#handler.onWindow(content, false, realEnd);
    else this.#handler.onLine(content, realEnd);
  }

  #reserve(length: number): void {
    if (length <= this.#carry.length) return;
    const larger = Buffer.allocUnsafe(Math.min(this.#maxLineBytes, Math.max(length, this.#carry.length * 2)));
    this.#carry.copy(larger, 0, 0, this.#carried);
    this.#carry = larger;
  }
}
