/** gzip (RFC 1952), by node:zlib: all members, and nothing behind them but padding. */
import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { ByteStream } from './byteReader.ts';
import { DamagedInput } from './damaged.ts';

const PIECE_BYTES = 256 * 1024;

/** @throws DamagedInput; errors of `input` as they are */
export async function* gunzip(input: ByteStream): AsyncGenerator<Buffer> {
  const inflater = createGunzip({ chunkSize: PIECE_BYTES });
  const feeder = new Feeder(inflater, input);
  const fed = feeder.run();
  try {
    for await (const piece of inflater) yield piece as Buffer;
    await fed;
  } catch (error) {
    throw feeder.failure ?? new DamagedInput('its gzip data is damaged or cut off', { cause: error });
  } finally {
    inflater.destroy();
    await fed.catch(() => {});
  }
  // zlib stops at a zero byte between members and takes the rest for padding, which it need not be.
  if (feeder.lastNonZero >= inflater.bytesWritten) {
    throw new DamagedInput('behind its gzip data stands something else');
  }
}

class Feeder {
  failure: unknown;
  /** Offset of the last byte that is not zero. */
  lastNonZero = -1;
  readonly #inflater: Gunzip;
  readonly #input: ByteStream;
  #fedBytes = 0;

  constructor(inflater: Gunzip, input: ByteStream) {
    this.#inflater = inflater;
    this.#input = input;
  }

  async run(): Promise<void> {
    const inflater = this.#inflater;
    let isTaking = true;
    const stop = (): void => {
      isTaking = false;
    };
    inflater.once('end', stop).once('close', stop);
    try {
      for await (const chunk of this.#input) {
        this.#note(chunk);
        if (!isTaking) {
          if (inflater.errored) break;
          continue;
        }
        if (!inflater.write(chunk) && isTaking) await drained(inflater);
      }
      inflater.end();
    } catch (error) {
      this.failure = error;
      inflater.destroy(error as Error);
    }
  }

  #note(chunk: Buffer): void {
    let last = chunk.length - 1;
    while (last >= 0 && chunk[last] === 0) last--;
    if (last >= 0) this.lastNonZero = this.#fedBytes + last;
    this.#fedBytes += chunk.length;
  }
}

/** Until more is taken, or nothing more will be. */
async function drained(inflater: Gunzip): Promise<void> {
  const waits = new AbortController();
  const { signal } = waits;
  const wait = (event: string): Promise<unknown> => once(inflater, event, { signal }).catch(() => {});
  await Promise.race([wait('drain'), wait('end'), wait('close')]);
  waits.abort();
}
