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
  let isEnded = false;
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
      const chunks = drain(stream);
      yield* chunks;
      if (failure !== undefined) throw failure;
      if (isEnded || stop.aborted) {
        yield* drain(stream);
        return;
      }
      if (stream.readableLength > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        // An event between the checks above and here would else be missed.
        if (failure !== undefined || isEnded || stop.aborted || stream.readableLength > 0) resolve();
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
