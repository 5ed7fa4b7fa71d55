/** Reads a stream of chunks in the sizes a format asks for. */

/** Chunks of bytes; each is the reader's own. */
export type ByteStream = AsyncIterable<Buffer>;

export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(stream: ByteStream) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Bytes handed out so far. */
  get taken(): number {
    return this.#taken;
  }

  /** The next `length` bytes, or fewer at the end, without taking them. */
  async peek(length: number): Promise<Buffer> {
    while (this.#rest.length < length) {
      const { value, done } = await this.#chunks.next();
      if (done) break;
      this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    }
    return this.#rest.subarray(0, length);
  }

  /** Takes `length` bytes, or fewer at the end. */
  async read(length: number): Promise<Buffer> {
    const bytes = await this.peek(length);
    this.#advance(bytes.length);
    return bytes;
  }

  /** Takes what is there, at most `most` bytes; empty at the end. */
  async readSome(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) await this.peek(1);
    const bytes = this.#rest.subarray(0, most);
    this.#advance(bytes.length);
    return bytes;
  }

  /** The next `length` bytes as they come; fewer when the stream ends before. */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      const bytes = await this.readSome(left);
      if (bytes.length === 0) return;
      left -= bytes.length;
      yield bytes;
    }
  }

  /** All that is left. */
  rest(): AsyncGenerator<Buffer> {
    return this.pieces(Number.POSITIVE_INFINITY);
  }

  /** Gives the stream back before its end. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  #advance(length: number): void {
    this.#rest = this.#rest.subarray(length);
    this.#taken += length;
  }
}
