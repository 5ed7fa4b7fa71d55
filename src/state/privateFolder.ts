/**
 * A folder for what logveil keeps between runs, closed to everybody else (0700, files 0600): files replaced whole, read
 * up to a bound, and a lock that one process at a time holds.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeIo, IoError } from '../errors.ts';
import { replaceFile } from '../replacedFile.ts';

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
const LOCK = 'lock';
/** Process ids come around again: a lock this old is nobody's, whoever has its number now. */
const LOCK_MS = 15 * 60_000;

/** What a file holds, or why it is not taken. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'too-long' };

export class PrivateFolder {
  readonly path: string;

  /** @throws IoError when it can't be made, or others may write there */
  constructor(path: string) {
    this.path = path;
    try {
      mkdirSync(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
      const stats = statSync(path);
      if (!stats.isDirectory()) throw new IoError(`${path}: expected a folder`);
      if ((stats.mode & WRITABLE_BY_OTHERS) !== 0)
        throw new IoError(`${path}: others may write there; expected a folder of mode 0700`);
    } catch (error) {
      if (error instanceof IoError) throw error;
      throw new IoError(`${path}: the folder can't be made: ${describeIo(error)}`, { cause: error });
    }
  }

  /** Names of its files, in order. @throws IoError */
  names(): string[] {
    try {
      return readdirSync(this.path).sort();
    } catch (error) {
      throw this.#failure(this.path, "can't be read", error);
    }
  }

  /** @throws IoError */
  read(name: string, mostBytes: number): FileContent {
    const path = join(this.path, name);
    let fd: number | undefined;
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw new IoError(`${path}: expected a file`);
      if (stats.size > mostBytes) return { kind: 'too-long' };
      const bytes = Buffer.alloc(stats.size);
      let length = 0;
      for (let more = -1; more !== 0 && length < bytes.length; length += more)
        more = readSync(fd, bytes, length, bytes.length - length, length);
      return { kind: 'text', text: bytes.toString('utf8', 0, length) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { kind: 'missing' };
      throw this.#failure(path, "can't be read", error);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** Replaces a file; when it returns, the new one is on the disk. @throws IoError; then the earlier one is still there */
  write(name: string, text: string): void {
    const path = join(this.path, name);
    try {
      replaceFile(path, [text]);
    } catch (error) {
      throw this.#failure(path, "can't be written", error);
    }
  }

  /** @throws IoError */
  remove(name: string): void {
    const path = join(this.path, name);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw this.#failure(path, "can't be removed", error);
    }
  }

  /** Keeps a damaged file under another name. @returns that name; @throws IoError */
  setAside(name: string): string {
    const aside = `${name}.damaged`;
    try {
      renameSync(join(this.path, name), join(this.path, aside));
      return aside;
    } catch (error) {
      throw this.#failure(join(this.path, name), "is damaged and can't be set aside", error);
    }
  }

  /** @returns what gives the lock back; undefined while another process holds it. @throws IoError */
  lock(): (() => void) | undefined {
    for (let isRetry = false; ; isRetry = true) {
      try {
        const fd = openSync(join(this.path, LOCK), 'wx', OWNER_ONLY);
        try {
          writeSync(fd, `${process.pid}\n`);
        } finally {
          closeSync(fd);
        }
        return () => this.remove(LOCK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
          throw this.#failure(join(this.path, LOCK), "can't be made", error);
      }
      if (isRetry || this.#isHeld()) return undefined;
      this.remove(LOCK);
    }
  }

  #isHeld(): boolean {
    const stats = statSync(join(this.path, LOCK), { throwIfNoEntry: false });
    if (stats === undefined || Date.now() - stats.mtimeMs > LOCK_MS) return false;
    const content = this.read(LOCK, 64);
    if (content.kind !== 'text') return false;
    const pid = Number(content.text);
    // Another process is just writing its number.
    if (content.text === '') return true;
    if (!Number.isInteger(pid) || pid <= 0) return false;
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // Somebody else's process lives, but is not ours to signal.
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }

  #failure(path: string, what: string, error: unknown): IoError {
    return error instanceof IoError
      ? error
      : new IoError(`${path}: ${what}: ${describeIo(error)}`, { cause: error });
  }
}
