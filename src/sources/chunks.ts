/**
 * Reads a source chunk by chunk until it ends or until told to stop. On stop everything that was already read from
 * the operating system is still handed on: bytes taken from a pipe are nowhere else any more.
 *
 * What a stream has buffered comes first; while nothing is there, the descriptor is read directly, which gives the bytes
 * behind. In between the event loop gets no turn, so the stream can't read in that time, and the order holds.
 */
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DirectReader, NOT_YET } from './directReader.ts';

/** Where bytes come from; at least one of the two is there. */
export interface Source {
  /** To wait with, and to read where there is no direct way. */
  readonly stream: Readable | undefined;
  readonly direct: DirectReader | undefined;
  /** Gives back what was opened. */
  readonly close: () => void;
  /** Whether it was read to its end. */
  isEnded: boolean;
}

/** A chunk, or how many bytes were read into the room that was offered. */
export type Chunk = Buffer | number;

/** Signals and timers get their turn after so long. */
const TURN_MS = 10;
const ROOM_BYTES = 256 * 1024;

/**
 * @param stop ends the reading after what has been read so far
 * @param room where to read to, asked for before each read; without it chunks are handed on, valid until the next
 * @throws the source's error, for instance a read error of the file
 */
export async function* chunksOf(
  source: Source,
  stop: AbortSignal,
  room?: () => Buffer | undefined,
): AsyncGenerator<Chunk> {
  const waiter = source.stream && new Waiter(source.stream, stop);
  let own: Buffer | undefined;
  let turnAt = performance.now() + TURN_MS;
  try {
    for (;;) {
      const isLast = stop.aborted;
      const chunks = waiter?.drain() ?? [];
      yield* chunks;
      if (waiter?.failure !== undefined) throw waiter.failure;
      // While the chunks were handed on, events may have come that nobody heard: look again before waiting.
      if (chunks.length > 0 && !isLast) continue;
      if (waiter?.isEnded === true) source.isEnded = true;
      if (isLast || source.isEnded) return;
      if (performance.now() >= turnAt) {
        await nextTurn();
        turnAt = performance.now() + TURN_MS;
        continue;
      }
      const offered = room?.();
      own ??=
        offered === undefined && source.direct !== undefined ? Buffer.allocUnsafe(ROOM_BYTES) : undefined;
      const into = (offered ?? own)?.subarray(0, ROOM_BYTES);
      const length = into === undefined ? NOT_YET : (source.direct?.read(into) ?? NOT_YET);
      if (length === 0) {
        source.isEnded = true;
        return;
      }
      if (length > 0) {
        yield offered === undefined ? (own as Buffer).subarray(0, length) : length;
      } else if (!stop.aborted) {
        await waiter?.wait();
        turnAt = performance.now() + TURN_MS;
      }
    }
  } finally {
    waiter?.close();
    source.close();
  }
}

/** A stream's buffered bytes, and waiting for more. */
class Waiter {
  failure: Error | undefined;
  isEnded: boolean;
  readonly #stream: Readable;
  readonly #stop: AbortSignal;
  #wake = (): void => {};
  readonly #onWake = (): void => this.#wake();
  readonly #onEnd = (): void => {
    this.isEnded = true;
    this.#wake();
  };
  readonly #onError = (error: Error): void => {
    this.failure = error;
    this.#wake();
  };

  constructor(stream: Readable, stop: AbortSignal) {
    this.#stream = stream;
    this.#stop = stop;
    // Standard input named twice has ended already.
    this.isEnded = stream.destroyed;
    stream.on('error', this.#onError).on('end', this.#onEnd).on('close', this.#onEnd);
    stream.on('readable', this.#onWake);
    stop.addEventListener('abort', this.#onWake);
  }

  drain(): Buffer[] {
    const chunks: Buffer[] = [];
    const next = (): Buffer | null => this.#stream.read() as Buffer | null;
    for (let chunk = next(); chunk !== null; chunk = next()) chunks.push(chunk);
    return chunks;
  }

  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  close(): void {
    const stream = this.#stream;
    this.#stop.removeEventListener('abort', this.#onWake);
    stream.off('error', this.#onError).off('end', this.#onEnd).off('close', this.#onEnd);
    stream.off('readable', this.#onWake);
    stream.on('error', () => {}).destroy();
  }
}
