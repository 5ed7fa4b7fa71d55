/** A file's content as text: read, and written again in the compression it had. */
import { createHash, type Hash } from 'node:crypto';
import { readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describeIo } from '../errors.ts';
import { ByteReader } from '../sources/archive/byteReader.ts';
import { DamagedInput } from '../sources/archive/damaged.ts';
import { decompress } from '../sources/archive/decompress.ts';
import { type Compression, HEAD_BYTES } from '../sources/archive/recognise.ts';
import { type Compressor, openCompressor, testPacked } from './compressor.ts';
import { type Storage, storageOf } from './kinds.ts';
import { Refused } from './original.ts';

const READ_BYTES = 256 * 1024;

/** Reads a file from its start, whatever was read of it before. */
export class ContentReader {
  readonly storage: Storage;
  /** First bytes, as they are on the disk. */
  readonly head: Buffer;
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
    this.head = head.subarray(0, this.#read(head, 0));
    this.storage = storageOf(this.head, isForced);
  }

  /** Before it is packed again, the compressed file must be whole. @throws Refused */
  async test(): Promise<void> {
    if (this.storage !== 'plain') await testPacked(this.storage, this.head, this.#fd);
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
    else yield* this.#decompressed(this.storage);
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

  async *#decompressed(format: Compression): AsyncGenerator<Buffer> {
    const reader = new ByteReader(decompress(format, this.#raw()));
    try {
      const inner = storageOf(await reader.peek(HEAD_BYTES), false);
      if (inner !== 'plain') throw new Refused('it is compressed twice; unpack it once first');
      yield* reader.rest();
    } catch (error) {
      // Stopped in the middle, it looks as if it were cut off.
      if (this.#stop.aborted) return;
      if (!(error instanceof DamagedInput)) throw error;
      throw new Refused(`${error.message}; repair it or take it out first`, { cause: error });
    } finally {
      // Left early, the decoder is free for the next file only when it is told so.
      await reader.close();
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
  readonly #content = createHash('sha256');
  readonly #storage: Storage;
  readonly #compressor: Compressor | undefined;
  #bytes = 0;

  /**
   * @param reader of the file as it is, which tells how it is stored
   * @param write takes bytes for the disk; what it throws is thrown on
   * @throws Refused when the program that compresses it is not there
   */
  constructor(reader: Pick<ContentReader, 'storage' | 'head'>, write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#storage = reader.storage;
    if (reader.storage === 'plain') return;
    this.#compressor = openCompressor(reader.storage, reader.head, (bytes) => this.#put(bytes));
  }

  get digest(): { readonly sha256: string; readonly bytes: number } {
    return { sha256: this.#hash.copy().digest('hex'), bytes: this.#bytes };
  }

  /** @param bytes must stay as they are until the promise settles */
  async add(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    if (this.#compressor === undefined) {
      this.#put(bytes);
      return;
    }
    this.#content.update(bytes);
    await this.#compressor.write(bytes);
  }

  async end(): Promise<void> {
    await this.#compressor?.end();
  }

  /**
   * Unpacks what was written and compares it with what was to be written: from then on there is nothing else.
   * @param written what is on the disk now
   * @throws Refused when it is not the same
   */
  async verify(written: AsyncIterable<Buffer>): Promise<void> {
    if (this.#storage === 'plain') return;
    const unpacked = createHash('sha256');
    try {
      for await (const piece of decompress(this.#storage, written)) unpacked.update(piece);
    } catch (error) {
      if (!(error instanceof DamagedInput)) throw error;
      throw new Refused(`what was compressed can't be unpacked: ${error.message}`, { cause: error });
    }
    if (!unpacked.digest().equals(this.#content.digest())) {
      throw new Refused('what was compressed does not unpack to what was written');
    }
  }

  /** Ends the program that compresses; harmless when it has ended. */
  abort(): void {
    this.#compressor?.abort();
  }

  #put(bytes: Uint8Array): void {
    this.#write(bytes);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
  }
}
