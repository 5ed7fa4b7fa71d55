/**
 * Zstandard (RFC 8878), by fzstd: all frames, skippable ones too. Frames are walked here first, because a header can ask
 * for a window of gigabytes, and a few bytes can stand for a block of 128 KiB.
 */
import type { ByteStream } from './byteReader.ts';
import { DamagedInput } from './damaged.ts';

/** A block of four bytes can hold 128 KiB, so this little at once bounds what comes out at once to 8 MiB. */
const FEED_BYTES = 256;
/** As the zstd command's own limit. */
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** @throws DamagedInput; errors of `input` as they are */
export async function* unzstd(input: ByteStream): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd');
  let pieces: Buffer[] = [];
  const decoder = new Decompress((piece) => {
    if (piece.length > 0) pieces.push(Buffer.from(piece));
  });
  const frames = new FrameWalk();
  const push = (bytes: Uint8Array, isLast: boolean): Buffer[] => {
    pieces = [];
    try {
      decoder.push(bytes, isLast);
    } catch (error) {
      throw new DamagedInput('its zstd data is damaged or cut off', { cause: error });
    }
    return pieces;
  };
  for await (const chunk of input) {
    frames.take(chunk);
    for (let at = 0; at < chunk.length; at += FEED_BYTES) {
      // A copy: what is not used at once is kept by the decoder.
      yield* push(Uint8Array.prototype.slice.call(chunk, at, at + FEED_BYTES), false);
    }
  }
  if (!frames.isBetween) throw new DamagedInput('its zstd data is cut off');
  // A short last frame is waited with until it is clear that nothing follows.
  yield* push(new Uint8Array(0), true);
}

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
/** Magic number, descriptor, window, dictionary id, content size: the most a header needs, without the last two. */
const WINDOW_FIELD = 5;

/** Goes from frame to frame and block to block by their headers, whatever the chunks' borders. */
class FrameWalk {
  #state: 'frame' | 'block' = 'frame';
  /** Bytes to pass over before the next header. */
  #skip = 0;
  #header: number[] = [];
  #hasChecksum = false;

  /** Whether a stream may end here. */
  get isBetween(): boolean {
    return this.#state === 'frame' && this.#skip === 0 && this.#header.length === 0;
  }

  /** @throws DamagedInput */
  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#skip > 0) {
        const passed = Math.min(this.#skip, chunk.length - at);
        this.#skip -= passed;
        at += passed;
        continue;
      }
      this.#header.push(chunk[at++] as number);
      const isDone = this.#state === 'frame' ? this.#takeFrame() : this.#takeBlock();
      if (isDone) this.#header = [];
    }
  }

  #takeFrame(): boolean {
    const bytes = Buffer.from(this.#header);
    if (bytes.length < WINDOW_FIELD) return false;
    const magic = bytes.readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      if (bytes.length < 8) return false;
      this.#skip = bytes.readUInt32LE(4);
      return true;
    }
    if (magic !== MAGIC) throw new DamagedInput('behind its zstd data stands something else');
    const descriptor = bytes[4] as number;
    const isSingle = (descriptor & 0x20) !== 0;
    const sizeFlag = descriptor >> 6;
    const windowBytes = isSingle ? 0 : 1;
    const idBytes = [0, 1, 2, 4][descriptor & 3] as number;
    const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag;
    if (bytes.length < WINDOW_FIELD + windowBytes + idBytes + sizeBytes) return false;
    const window = isSingle
      ? contentSize(bytes.subarray(WINDOW_FIELD + idBytes))
      : windowSize(bytes[5] as number);
    if (window > MAX_WINDOW_BYTES) {
      throw new DamagedInput(`its zstd window of ${window} bytes is larger than ${MAX_WINDOW_BYTES}`);
    }
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#state = 'block';
    return true;
  }

  #takeBlock(): boolean {
    if (this.#header.length < 3) return false;
    const [low = 0, middle = 0, high = 0] = this.#header;
    const header = low | (middle << 8) | (high << 16);
    const isLast = (header & 1) === 1;
    // A run of one byte is stored as that byte.
    this.#skip = ((header >> 1) & 3) === 1 ? 1 : header >> 3;
    if (isLast) {
      this.#state = 'frame';
      if (this.#hasChecksum) this.#skip += 4;
    }
    return true;
  }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** The window of a frame of one segment is its content. */
function contentSize(field: Buffer): number {
  if (field.length === 1) return field[0] as number;
  if (field.length === 2) return field.readUInt16LE() + 256;
  if (field.length === 4) return field.readUInt32LE();
  return Number(field.readBigUInt64LE());
}
