/**
 * The last bytes of a source, so that the line around a finding can be looked at when the finding is told, which is after
 * its chunk. Offsets count from the source's start.
 */

/** The longest line that is looked at whole by default, the same again for the chunk behind it, and context. */
const KEPT_BYTES = 2 * 1024 * 1024 + 64 * 1024;
const CAPACITY = 2 * KEPT_BYTES;
const LF = 0x0a;

export class History {
  readonly #bytes = Buffer.allocUnsafe(CAPACITY);
  /** Offset of the first byte that is held. */
  #base = 0;
  #length = 0;

  /** Starts anew. @param offset of the first byte that will be added */
  begin(offset: number): void {
    this.#base = offset;
    this.#length = 0;
  }

  /** Offset behind the last byte. */
  get end(): number {
    return this.#base + this.#length;
  }

  /** Keeps a copy. */
  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const length = Math.min(chunk.length - at, CAPACITY - KEPT_BYTES);
      this.#reserve(length);
      chunk.copy(this.#bytes, this.#length, at, at + length);
      this.#length += length;
      at += length;
    }
  }

  /** The bytes from `offset` on, as many as are held of `length`; undefined when the first is not. */
  from(offset: number, length: number): Buffer | undefined {
    const at = offset - this.#base;
    if (at < 0 || at >= this.#length) return undefined;
    return this.#bytes.subarray(at, Math.min(at + length, this.#length));
  }

  /** Where the line before the one that begins at `offset` begins; undefined when that is farther than `limit`. */
  lineBefore(offset: number, limit: number): number | undefined {
    const at = offset - this.#base;
    if (at <= 0) return undefined;
    const least = Math.max(0, at - limit);
    const found = this.#bytes.subarray(least, Math.max(least, at - 1)).lastIndexOf(LF);
    if (found !== -1) return this.#base + least + found + 1;
    // What is held begins with a line's begin only at the source's start.
    return this.#base === 0 && least === 0 ? 0 : undefined;
  }

  /** End of the line that holds `offset`, its line end not counted; undefined when it is not within `limit` bytes. */
  lineEnd(offset: number, limit: number): number | undefined {
    const at = offset - this.#base;
    if (at < 0) return undefined;
    const found = this.#bytes.subarray(at, Math.min(at + limit, this.#length)).indexOf(LF);
    return found === -1 ? undefined : offset + found;
  }

  #reserve(length: number): void {
    if (this.#length + length <= CAPACITY) return;
    const dropped = this.#length - KEPT_BYTES;
    this.#bytes.copyWithin(0, dropped, this.#length);
    this.#base += dropped;
    this.#length = KEPT_BYTES;
  }
}
