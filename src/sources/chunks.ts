/**
 * Reads a stream chunk by chunk until it ends or until told to stop. On stop everything that was already read from
 * the operating system is still handed on: bytes taken from a pipe are nowhere else any more.
 */
import type { Readable } from 'node:stream';

/**
 * @param stop ends the reading after what has been read so far
 * @throws the stream's error, for instance a read error of the file
 */
export async function* chunksOf(stream: Readable, stop: AbortSignal): AsyncGenerator<Buffer> {
  let failure: Error | undefined;
  // Standard input named twice has ended already.
  let isEnded = stream.destroyed;
  let wake = (): void => {};
  const onError = (error: Error): void => {
    failure = error;
    wake();
  };
  const onEnd = (): void => {
    isEnded = true;
    wake();
  };
  const onWake = (): void => wake();
  stream.on('error', onError).on('end', onEnd).on('close', onEnd).on('readable', onWake);
  stop.addEventListener('abort', onWake);
  try {
    for (;;) {
      const isLast = stop.aborted;
      const chunks = drain(stream);
      yield* chunks;
      if (failure !== undefined) throw failure;
      if (isLast) return;
      // While the chunks were handed on, events may have come that nobody heard: look again before waiting.
      if (chunks.length > 0) continue;
      if (isEnded) return;
      if (stop.aborted) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stop.removeEventListener('abort', onWake);
    stream.off('error', onError).off('end', onEnd).off('close', onEnd).off('readable', onWake);
    stream.on('error', () => {}).destroy();
  }
}

function drain(stream: Readable): Buffer[] {
  const chunks: Buffer[] = [];
  for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null) {
    chunks.push(chunk);
  }
  return chunks;
}
