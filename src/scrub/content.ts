/** A file's content as text: read, and written again in the compression it had. */
import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGzip, type Gzip } from 'node:zlib';
import { describeIo } from '../errors.ts';
import { ByteReader } from '../sources/archive/byteReader.ts';
import { DamagedInput } from '../sources/archive/damaged.ts';
import { gunzip } from '../sources/archive/gzip.ts';
import { HEAD_BYTES } from '../sources/archive/recognise.ts';
import { type Storage, storageOf } from './kinds.ts';
import { Refused } from './original.ts';

const READ_BYTES = 256 * 1024;

/** Reads a file from its start, whatever was read of it before. */
export class ContentReader {
  readonly storage: Storage;
  readonly #fd: number;
  readonly #stop: AbortSignal;
  #hash: Hash = createHash('sha256');
  /** Of the file as it is on the disk. */
  #bytes = 0;

  /** @throws Refused when it is in a form that can't be written again */
  constructor(fd: number, isForced: boolean, stop: AbortSignal) {
    this.#fd = fd;
    this.#stop = stop;
    const head = Buffer.alloc(HEAD_BYTES);
    this.storage = storageOf(head.subarray(0, this.#read(head, 0)), isForced);
  }

  /** What was read from the disk. Complete when `chunks` has ended. */
  get digest(): { readonly sha256: string; readonly bytes: number } {
    return { sha256: this.#hash.copy().digest('hex'), bytes: this.#bytes };
  }

  /**
   * The content, decompressed. A chunk is valid until the next.
   * @throws Refused when it can't be read or is damaged; ends early when stopped
   */
  async *chunks(): AsyncGenerator<Buffer> {
    this.#hash = createHash('sha256');
    this.#bytes = 0;
    if (this.storage === 'plain') yield* this.#raw(Buffer.allocUnsafe(READ_BYTES));
    else yield* this.#decompressed();
  }

  /** @param room is filled again and again; without one each chunk has memory of its own */
  async *#raw(room?: Buffer): AsyncGenerator<Buffer> {
    while (!this.#stop.aborted) {
      const into = room ?? Buffer.allocUnsafe(READ_BYTES);
      const length = this.#read(into, this.#bytes);
      if (length === 0) return;
      const chunk = into.subarray(0, length);
      this.#hash.update(chunk);
      this.#bytes += length;
      yield chunk;
      // Signals are heard between chunks only.
      await nextTurn();
    }
  }

  async *#decompressed(): AsyncGenerator<Buffer> {
    const reader = new ByteReader(gunzip(this.#raw()));
    try {
      const inner = storageOf(await reader.peek(HEAD_BYTES), false);
      if (inner !== 'plain') throw new Refused('it is compressed twice; unpack it once first');
      yield* reader.rest();
    } catch (error) {
      // Stopped in the middle, it looks as if it were cut off.
      if (this.#stop.aborted) return;
      if (!(error instanceof DamagedInput)) throw error;
      throw new Refused(`${error.message}; repair it or take it out first`, { cause: error });
    }
  }

  #read(into: Buffer, at: number): number {
    try {
      return readSync(this.#fd, into, 0, into.length, at);
    } catch (error) {
      throw new Refused(`it can't be read: ${describeIo(error)}`, { cause: error });
    }
  }
}

/** Writes content as it was stored, and tells the digest of what went to the disk. */
export class ContentWriter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #hash = createHash('sha256');
  readonly #gzip: Gzip | undefined;
  #bytes = 0;
  #failure: unknown;

  /** @param write takes bytes for the disk; what it throws is thrown on */
  constructor(storage: Storage, write: (bytes: Uint8Array) => void) {
    this.#write = write;
    if (storage === 'plain') return;
    this.#gzip = createGzip();
    this.#gzip.on('data', (bytes: Buffer) => {
      try {
        if (this.#failure === undefined) this.#put(bytes);
      } catch (error) {
        this.#failure = error;
      }
    });
  }

  get digest(): { readonly sha256: string; readonly bytes: number } {
    return { sha256: this.#hash.copy().digest('hex'), bytes: this.#bytes };
  }

  /** @param bytes must stay as they are until the promise settles */
  async add(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const gzip = this.#gzip;
    if (gzip === undefined) {
      this.#put(bytes);
      return;
    }
    await new Promise<void>((done, fail) => gzip.write(bytes, (error) => (error ? fail(error) : done())));
    if (this.#failure !== undefined) throw this.#failure;
  }

  async end(): Promise<void> {
    const gzip = this.#gzip;
    if (gzip === undefined) return;
    const ended = once(gzip, 'end');
    gzip.end();
    await ended;
    if (this.#failure !== undefined) throw this.#failure;
  }

  #put(bytes: Uint8Array): void {
    this.#write(bytes);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }
}
