/** The redacted bytes of one chunk, gathered in one buffer that is reused from chunk to chunk. */

const FIRST_CAPACITY = 256 * 1024;

export class OutputBuffer {
  #bytes = Buffer.allocUnsafe(FIRST_CAPACITY);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Appends `source[start, end)`. */
  append(source: Buffer, start = 0, end = source.length): void {
    const length = end - start;
    if (length <= 0) return;
    this.#reserve(length);
    source.copy(this.#bytes, this.#length, start, end);
    this.#length += length;
  }

  /** Forgets what was appended after the length was `length`. */
  cutBack(length: number): void {
    this.#length = length;
  }

  /** Hands out what was gathered and starts anew. The bytes are valid until the next append. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
