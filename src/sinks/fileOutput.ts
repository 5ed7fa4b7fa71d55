/**
 * A file as a sink, written exactly once: its length is part of the checkpoint, and what was written behind it is cut on
 * start. It can rotate itself, by size or time, and be rotated by others, who then ask for it to be reopened.
 *
 * Invariants: writes go to the end, whole or not at all (what a failed write has left is cut); the file is rotated between
 * two checkpoints only, so one that was moved away holds nothing that is not settled.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeIo, IoError } from '../errors.ts';
import { takeExclusively } from './exclusive.ts';
import { type Output, type OutputPosition, Stopped } from './output.ts';
import { OWNER_ONLY } from './ownerOnly.ts';

export interface FileOutputOptions {
  readonly path: string;
  /** A new file is begun when this one has so many bytes. */
  readonly rotateBytes?: number;
  /** A new file is begun when this one is so old, in milliseconds. */
  readonly rotateMs?: number;
  /** So many rotated files are kept, `path.1` the newest. */
  readonly keep: number;
  /** Told when writing fails, again and again, and when it goes on; without bytes of a log. */
  readonly onTrouble?: (message: string | undefined) => void;
  /** How long to wait after the first failed write; in milliseconds. */
  readonly retryMs?: number;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** Errors that pass: a full disk is emptied, a device comes back. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EAGAIN', 'EINTR', 'ENOMEM', 'ESTALE']);

export class FileOutput implements Output {
  readonly name: string;
  accepted = 0;
  readonly #options: FileOutputOptions;
  readonly #release: () => void;
  #fd: number;
  /** Whole lines in the file, in bytes. */
  #size: number;
  #openedAt = Date.now();
  #isTroubled = false;
  #stop: AbortSignal | undefined;

  /** @throws IoError when the file can't be opened, or another process writes to it */
  constructor(options: FileOutputOptions) {
    this.#options = options;
    this.name = options.path;
    this.#release = takeExclusively(options.path);
    try {
      this.#fd = open(options.path);
      this.#size = fstatSync(this.#fd).size;
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  /** Gives up waiting for a disk to be emptied when the signal aborts. */
  stopWith(signal: AbortSignal): void {
    this.#stop = signal;
  }

  async write(bytes: Buffer, number: number): Promise<void> {
    let waitMs = this.#options.retryMs ?? FIRST_RETRY_MS;
    while (!this.#writeWhole(bytes)) {
      if (this.#stop?.aborted) throw new Stopped(`${this.name}: stopped while it could not be written`);
      await sleep(waitMs, undefined, { signal: this.#stop }).catch(() => {});
      waitMs = Math.min(LONGEST_RETRY_MS, waitMs * 2);
    }
    if (this.#isTroubled) this.#options.onTrouble?.(undefined);
    this.#isTroubled = false;
    this.#size += bytes.length;
    this.accepted = number;
  }

  /** @returns false when it may work later; then nothing of it is in the file */
  #writeWhole(bytes: Buffer): boolean {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      return true;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const message = `${this.name} can't be written: ${describeIo(error)}`;
      if (!PASSING.has(code)) throw new IoError(message, { cause: error });
      if (fstatSync(this.#fd).isFile()) ftruncateSync(this.#fd, this.#size);
      if (!this.#isTroubled) this.#options.onTrouble?.(`${message}; lines are held until it can`);
      this.#isTroubled = true;
      return false;
    }
  }

  settle(): OutputPosition | undefined {
    const stats = fstatSync(this.#fd, { bigint: true });
    if (!stats.isFile()) return undefined;
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      throw new IoError(`${this.name} can't be made durable: ${describeIo(error)}`, { cause: error });
    }
    // Somebody may have truncated it: what counts is what is there.
    this.#size = Number(stats.size);
    return { path: this.name, dev: String(stats.dev), ino: String(stats.ino), size: this.#size };
  }

  async drain(): Promise<void> {}

  recover(position: OutputPosition): void {
    const moved = [this.name, ...rotatedFiles(this.name)].find((path) => isAt(path, position));
    if (moved === undefined) return;
    const fd = openSync(moved, 'r+');
    try {
      if (fstatSync(fd).size > position.size) ftruncateSync(fd, position.size);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    this.#size = fstatSync(this.#fd).size;
  }

  get wantsRotation(): boolean {
    const { rotateBytes, rotateMs } = this.#options;
    if (this.#size === 0) return false;
    return (
      (rotateBytes !== undefined && this.#size >= rotateBytes) ||
      (rotateMs !== undefined && Date.now() - this.#openedAt >= rotateMs)
    );
  }

  rotate(): void {
    const { path, keep } = this.#options;
    try {
      if (keep === 0) ftruncateSync(this.#fd, 0);
      else {
        rmSync(`${path}.${keep}`, { force: true });
        for (let number = keep - 1; number >= 1; number--) {
          if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
        }
        renameSync(path, `${path}.1`);
      }
    } catch (error) {
      throw new IoError(`${path} can't be rotated: ${describeIo(error)}`, { cause: error });
    }
    this.reopen();
  }

  reopen(): void {
    const fd = open(this.#options.path);
    closeSync(this.#fd);
    this.#fd = fd;
    this.#size = fstatSync(fd).size;
    this.#openedAt = Date.now();
  }

  async close(): Promise<void> {
    closeSync(this.#fd);
    this.#release();
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'a', OWNER_ONLY);
  } catch (error) {
    throw new IoError(`${path}: can't be opened: ${describeIo(error)}`, { cause: error });
  }
}

function rotatedFiles(path: string): string[] {
  const base = basename(path);
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${base}.`) || name.startsWith(`${base}-`))
    .map((name) => join(dirname(path), name));
}

function isAt(path: string, { dev, ino }: OutputPosition): boolean {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true && String(stats.dev) === dev && String(stats.ino) === ino;
}
