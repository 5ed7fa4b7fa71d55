/** Reads what a gzip file holds, from a place in it on; bounded memory, concatenated members too (RFC 1952). */
import { type BigIntStats, closeSync, fstatSync } from 'node:fs';
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
  readonly #gunzip = createGunzip();
  /** Of the compressed bytes, so many are read. */
  #at = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isEnded = false;
  #error: Error | undefined;
  /** Something has happened since it was last looked. */
  #isWoken = false;
  #wake = (): void => {};

  /** @param fd of the file; stays open until `close`: so long no other file can get its inode */
  constructor(fd: number) {
    this.#fd = fd;
    const happened = (): void => {
      this.#isWoken = true;
      this.#wake();
    };
    this.#gunzip.on('readable', happened);
    this.#gunzip.on('end', () => {
      this.#isEnded = true;
      happened();
    });
    this.#gunzip.on('error', (error) => {
      this.#error = error;
      happened();
    });
  }

  /**
   * @returns the next bytes, at most `length`; empty at the end
   * @throws the error of the file or of its compression
   */
  async read(length: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      const bytes = this.#gunzip.read() as Buffer | null;
      if (bytes !== null) this.#rest = bytes;
      else if (this.#isEnded) return Buffer.alloc(0);
      else await this.#more();
    }
    const bytes = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** Gives it the next compressed bytes once it has taken those before, and waits for what becomes of them. */
  async #more(): Promise<void> {
    if (this.#gunzip.writableLength === 0 && !this.#gunzip.writableEnded) {
      // At a place of its own: the descriptor may be looked at elsewhere too.
      const chunk = readAt(this.#fd, this.#at, CHUNK_BYTES);
      this.#at += chunk.length;
      if (chunk.length === 0) this.#gunzip.end();
      else
        this.#gunzip.write(chunk, () => {
          this.#isWoken = true;
          this.#wake();
        });
    }
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#isWoken = false;
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
  release(): void {
    this.#gunzip.destroy();
  }

  close(): void {
    this.release();
    closeSync(this.#fd);
  }

  /** Of the file, as it is now. */
  stats(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }
}
