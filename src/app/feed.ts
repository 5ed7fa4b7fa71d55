/** What takes the chunks of inputs and hands on what has become of them: one stream after the other, or several threads. */
import type { Chunk } from '../sources/chunks.ts';
import type { RedactorStream } from './liveRedaction.ts';

export interface Feed {
  /** Where the next bytes may be read to without a copy; undefined where there is no such place. */
  readonly input: Buffer | undefined;
  /**
   * Takes a chunk, or the bytes that were read to `input` (how many). The chunk may be used again when this settles.
   * @throws what handing on throws
   */
  take(chunk: Chunk): Promise<void>;
  /** The source has ended: hands on all that is left of it. */
  end(): Promise<void>;
  /** The first error that made a line be withheld. */
  readonly failure: unknown;
  close(): Promise<void>;
}

/** Hands on redacted bytes; they are valid until it settles. */
export type Emit = (bytes: Buffer) => Promise<void>;

/** Each chunk is handed on before the next is taken, so memory stays bounded and a slow reader slows us down. */
export class StreamFeed implements Feed {
  readonly #stream: RedactorStream;
  readonly #emit: Emit;

  constructor(stream: RedactorStream, emit: Emit) {
    this.#stream = stream;
    this.#emit = emit;
  }

  get input(): Buffer | undefined {
    return this.#stream.input;
  }

  take(chunk: Chunk): Promise<void> {
    return this.#emit(this.#stream.take(chunk));
  }

  end(): Promise<void> {
    return this.#emit(this.#stream.end());
  }

  get failure(): unknown {
    return this.#stream.failure;
  }

  async close(): Promise<void> {}
}
