/** Reads what a gzip file holds, from a place in it on; bounded memory, concatenated members too (RFC 1952). */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

export class GzipReader {
  readonly #file: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  /** @param fd of the file, at its begin; closed by `close`: so long no other file can get its inode */
  constructor(fd: number) {
    this.#file = createReadStream('', { fd, autoClose: false });
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

  async close(): Promise<void> {
    this.#file.destroy();
    await this.#chunks.return?.();
  }
}
