/**
 * The new file, until it takes the old one's place. Written beside it, flushed, and renamed over it: whoever opens the
 * name, and whenever the process or the machine stops, finds the whole old file or the whole new one.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { keepAttributes } from './attributes.ts';
import { nameBeside } from './leftovers.ts';
import { isInPlace, isTouched, type Original, Refused } from './original.ts';

const OWNER_ONLY = 0o600;
const READ_BYTES = 256 * 1024;
const CHANGED = 'it was changed while it was read; it is left as it is, try again';

export class Replacement {
  readonly #original: Original;
  readonly #path: string;
  readonly #fd: number;
  #isOpen = true;
  #isInPlace = false;

  /** @throws the system's error when no file can be made in the folder */
  constructor(original: Original) {
    this.#original = original;
    this.#path = nameBeside(original.path, 'new');
    this.#fd = openSync(this.#path, 'wx+', OWNER_ONLY);
  }

  /** @throws the system's error, for instance of a full disk */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }

  /** What was written so far, from its start. */
  async *written(): AsyncGenerator<Buffer> {
    for (let at = 0; ; ) {
      const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
      const length = readSync(this.#fd, chunk, 0, chunk.length, at);
      if (length === 0) return;
      at += length;
      yield chunk.subarray(0, length);
    }
  }

  /**
   * Makes it ready: attributes, and all of it on the disk.
   * @returns what could not be kept of the old file's attributes
   * @throws Refused when the old file has changed, or the system's error
   */
  finish(): string[] {
    const { path, stats } = this.#original;
    this.#refuseChanged();
    const lost = keepAttributes(path, stats, this.#path, this.#fd);
    fsyncSync(this.#fd);
    closeSync(this.#fd);
    this.#isOpen = false;
    return lost;
  }

  /**
   * Puts it in the old file's place. The old file keeps a second name until that is certain; on a failure, or when
   * somebody wrote to it in the last moment, it gets its first name back.
   * @throws Refused, or the system's error; the old file is in its place then
   */
  commit(): void {
    const { path } = this.#original;
    this.#refuseChanged();
    const old = secondName(path);
    try {
      renameSync(this.#path, path);
      this.#isInPlace = true;
      flushFolder(path);
      if (isTouched(this.#original, true)) {
        throw new Refused(
          old === undefined
            ? 'somebody wrote to it while it was replaced, and what was written last is lost'
            : CHANGED,
        );
      }
    } catch (error) {
      if (old !== undefined) {
        renameSync(old, path);
        flushFolder(path);
      }
      throw error;
    }
    if (old === undefined) return;
    rmSync(old, { force: true });
    flushFolder(path);
  }

  /** Takes away what is not in place. Harmless after `commit`. */
  abandon(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
    if (!this.#isInPlace) rmSync(this.#path, { force: true });
  }

  #refuseChanged(): void {
    if (isTouched(this.#original, false) || !isInPlace(this.#original)) throw new Refused(CHANGED);
  }
}

/** Undefined on file systems without hard links, and where the system does not allow one on a file of others. */
function secondName(path: string): string | undefined {
  const name = nameBeside(path, 'old');
  try {
    linkSync(path, name);
    return name;
  } catch {
    return undefined;
  }
}

/** A rename is on the disk when its folder is: fsync(2). */
function flushFolder(path: string): void {
  const fd = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
