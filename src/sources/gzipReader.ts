/** Reads what a gzip file holds, from a place in it on; bounded memory, concatenated members too (RFC 1952). */
import { type BigIntStats, closeSync, fstatSync, readSync } from 'node:fs';
import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { readAt } from './fingerprint.ts';

const CHUNK_BYTES = 64 * 1024;
/** Of the compressed bytes so many give more than the first bytes that files are recognised by. */
const PEEK_BYTES = 4096;
/** RFC 1952, 2.3.1: the last four bytes are the size of what was compressed, modulo 2^32. */
const SIZE_BYTES = 4;
export const SIZE_MODULUS = 2 ** 32;

/** What a compressed file tells without being read to its end. */
export interface GzipPeek {
  /** The first bytes of what it holds. */
  readonly head: Buffer;
  /** Bytes of what it holds, modulo 2^32. */
  readonly size: number;
}

/** @returns undefined when the file is damaged, or not finished yet */
export function peekGzip(fd: number, headBytes: number): GzipPeek | undefined {
  try {
    const { size } = fstatSync(fd);
    const start = readAt(fd, 0, PEEK_BYTES);
    // Whatever the bytes give, without an end.
    const head = gunzipSync(start, { finishFlush: constants.Z_SYNC_FLUSH });
    return {
      head: head.subarray(0, headBytes),
      size: readAt(fd, size - SIZE_BYTES, SIZE_BYTES).readUInt32LE(),
    };
  } catch {
    return undefined;
  }
}

export class GzipReader {
  readonly #fd: number;
  readonly #file: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  /** @param fd of the file; stays open until `close`: so long no other file can get its inode */
  constructor(fd: number) {
    this.#fd = fd;
    this.#file = Readable.from(chunksOf(fd), { objectMode: false });
    const gunzip = createGunzip();
    // The next read throws it.
    gunzip.on('error', () => {});
    this.#file.on('error', (error) => gunzip.destroy(error));
    this.#file.pipe(gunzip);
    this.#chunks = gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /**
   * @returns the next bytes, at most `length`; empty at the end
   * @throws the error of the file or of its compression
   */
  async read(length: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return Buffer.alloc(0);
      this.#rest = value;
    }
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** Reads exactly `length` bytes, fewer at the end. */
  async readFully(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0; ) {
      const part = await this.read(missing);
      if (part.length === 0) break;
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** Passes over bytes. @returns whether there were so many */
  async skip(length: number): Promise<boolean> {
    for (let missing = length; missing > 0; ) {
      const part = await this.read(missing);
      if (part.length === 0) return false;
      missing -= part.length;
    }
    return true;
  }

  /** Gives bytes back, to be read again. */
  unread(bytes: Buffer): void {
    this.#rest = Buffer.concat([bytes, this.#rest]);
  }

  /** Ends reading; the descriptor stays open, and is the caller's again. */
  async release(): Promise<void> {
    this.#file.destroy();
    await this.#chunks.return?.();
  }

  async close(): Promise<void> {
    this.#file.destroy();
    closeSync(this.#fd);
    await this.#chunks.return?.();
  }

  /** Of the file, as it is now. */
  stats(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }
}

/** At places of its own: the descriptor may be looked at elsewhere too. */
function* chunksOf(fd: number): Generator<Buffer> {
  for (let at = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSync(fd, chunk, 0, CHUNK_BYTES, at);
    if (count === 0) return;
    at += count;
    yield chunk.subarray(0, count);
  }
}
