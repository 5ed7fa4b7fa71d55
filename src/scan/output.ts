/**
 * The redacted bytes of one chunk, gathered in memory that is reused from chunk to chunk: the engine's own, where what
 * it holds can be copied without leaving it, or a buffer that grows.
 */
import type { BlockEngine } from '../engine/engine.ts';

const FIRST_CAPACITY = 256 * 1024;
/** Engines whose output area is taken: what a stream has returned must outlive the calls of another. */
const taken = new WeakSet<BlockEngine>();

export class OutputBuffer {
  readonly #engine: BlockEngine | undefined;
  readonly #first: Buffer;
  #bytes: Buffer;
  #length = 0;

  /** @param engine whose output area is used, if no other has it, as long as it is large enough */
  constructor(engine?: BlockEngine) {
    this.#engine = engine === undefined || taken.has(engine) ? undefined : engine;
    if (this.#engine !== undefined) taken.add(this.#engine);
    this.#first = this.#engine?.outputArea ?? Buffer.allocUnsafe(FIRST_CAPACITY);
    this.#bytes = this.#first;
  }

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

  /** Appends [start, end) of the engine's window, and then one of its texts. */
  appendWindow(engine: BlockEngine, start: number, end: number, text = -1): void {
    const length = end - start + (text < 0 ? 0 : engine.textLength(text));
    this.#reserve(length);
    if (this.#engine !== undefined && this.#bytes === this.#first) {
      engine.copyOut(this.#length, start, end, text);
    } else {
      engine.window.copy(this.#bytes, this.#length, start, end);
      if (text >= 0) engine.textOf(text).copy(this.#bytes, this.#length + end - start);
    }
    this.#length += length;
  }

  /** A copy of what was appended after the length was `length`. */
  copy(length: number): Buffer {
    return Buffer.from(this.#bytes.subarray(length, this.#length));
  }

  /** Forgets what was appended after the length was `length`. */
  cutBack(length: number): void {
    this.#length = length;
  }

  /** Hands out what was gathered and starts anew. The bytes are valid until the next append. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    // What had to grow is given back: one long line must not cost memory for ever.
    this.#bytes = this.#first;
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
