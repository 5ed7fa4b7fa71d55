/**
 * Keeps what a part tells until it is the part's turn: in memory up to a bound, in a file without a name beyond it. The
 * file holds no value, nobody else can open it, and it is gone with the process, however that ends.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeIo, IoError } from '../../errors.ts';
import { OWNER_ONLY } from '../../sinks/ownerOnly.ts';

const MOST_MEMORY_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/** What was kept; can be sent to another thread, which then owns it. */
export interface Spooled {
  readonly chunks: readonly Uint8Array[];
  /** Goes on behind the chunks. */
  readonly file: { readonly fd: number; readonly bytes: number } | undefined;
}

export class Spool {
  #chunks: Uint8Array[] = [];
  #inMemory = 0;
  #file: { readonly fd: number; bytes: number } | undefined;

  /** @throws IoError when the temporary file can't be written */
  write(bytes: Buffer): void {
    if (this.#file === undefined && this.#inMemory + bytes.length <= MOST_MEMORY_BYTES) {
      // Memory of its own, so that it can be handed to another thread.
      this.#chunks.push(Uint8Array.prototype.slice.call(bytes));
      this.#inMemory += bytes.length;
      return;
    }
    this.#file ??= { fd: openNameless(), bytes: 0 };
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file.fd, bytes, at);
    } catch (error) {
      throw new IoError(
        `${tmpdir()}: findings can't be kept there: ${describeIo(error)}; TMPDIR names another folder`,
        {
          cause: error,
        },
      );
    }
    this.#file.bytes += bytes.length;
  }

  /** Hands over what was kept. */
  take(): Spooled {
    const spooled = { chunks: this.#chunks, file: this.#file };
    this.#chunks = [];
    this.#file = undefined;
    return spooled;
  }
}

/** Reads what was kept, once, and gives it back. */
export function* spooledBytes(spooled: Spooled): Generator<Buffer> {
  for (const chunk of spooled.chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  if (spooled.file === undefined) return;
  const { fd, bytes } = spooled.file;
  try {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; at < bytes; ) {
      const length = readSync(fd, buffer, 0, buffer.length, at);
      if (length === 0) throw new IoError('findings that were kept in a temporary file are gone');
      at += length;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

/** Gives back what nobody reads. */
export function dropSpooled(spooled: Spooled): void {
  if (spooled.file !== undefined) closeSync(spooled.file.fd);
}

function openNameless(): number {
  const path = join(tmpdir(), `logveil-${randomBytes(12).toString('hex')}.tmp`);
  try {
    const fd = openSync(path, 'wx+', OWNER_ONLY);
    rmSync(path);
    return fd;
  } catch (error) {
    throw new IoError(`${tmpdir()}: no temporary file can be made: ${describeIo(error)}`, { cause: error });
  }
}
