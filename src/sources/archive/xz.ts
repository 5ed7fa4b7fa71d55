/**
 * xz, by xz-decompress (XZ Embedded as WebAssembly): all streams, and the padding between them (The .xz File Format
 * 1.2.1, section 2).
 */
import { ReadableStream } from 'node:stream/web';
import { ByteReader, type ByteStream } from './byteReader.ts';
import { DamagedInput } from './damaged.ts';

/** No more than the decoder takes at once, so that what lies behind a stream's end stays with us. */
const FEED_BYTES = 16 * 1024;
const PADDING_BYTES = 4;

/** The decoder has one state for all of a thread: a second one would wait for the first without end. */
let isBusy = false;

/** @throws DamagedInput; errors of `input` as they are */
export async function* unxz(input: ByteStream): AsyncGenerator<Buffer> {
  if (isBusy) throw new DamagedInput('xz data inside of xz data is not looked into; unpack it first');
  isBusy = true;
  try {
    const reader = new ByteReader(input);
    do {
      yield* oneStream(reader);
    } while (await skipPadding(reader));
  } finally {
    isBusy = false;
  }
}

/** @returns whether another stream follows */
async function skipPadding(reader: ByteReader): Promise<boolean> {
  for (;;) {
    const next = await reader.peek(PADDING_BYTES);
    if (next.length === 0) return false;
    if (next.some((byte) => byte !== 0)) return true;
    await reader.read(next.length);
  }
}

/** Node finds no named exports in its bundle, test runners do. */
async function loadDecoder(): Promise<typeof import('xz-decompress')> {
  const module = (await import('xz-decompress')) as typeof import('xz-decompress') & {
    readonly default?: typeof import('xz-decompress');
  };
  return module.default ?? module;
}

async function* oneStream(reader: ByteReader): AsyncGenerator<Buffer> {
  const { XzReadableStream } = await loadDecoder();
  let failure: unknown;
  const compressed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const chunk = await reader.readSome(FEED_BYTES);
          if (chunk.length === 0) controller.close();
          else controller.enqueue(chunk);
        } catch (error) {
          failure = error;
          controller.error(error);
        }
      },
    },
    // Reads nothing ahead.
    { highWaterMark: 0 },
  );
  try {
    const stream = new XzReadableStream(compressed as ConstructorParameters<typeof XzReadableStream>[0]);
    for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) {
      if (piece.length > 0) yield Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    }
  } catch (error) {
    throw failure ?? new DamagedInput('its xz data is damaged or cut off', { cause: error });
  }
}
