/**
 * Writes bytes to a file descriptor, all of them: short writes are continued, a pipe that another process has made
 * non-blocking (EAGAIN) is tried again. The promise is the back-pressure.
 */
import { closeSync, constants, fstatSync, openSync, write as writeCallback, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeIo, IoError } from '../errors.ts';

const write = promisify(writeCallback);

/** A full pipe takes a while to drain; between tries nothing else is lost by waiting. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/** A reader that is only a little slower than we are is waited for here, so often and so long. */
const SHORT_WAITS = 20;
const SHORT_WAIT_MS = 0.05;
const clock = new Int32Array(new SharedArrayBuffer(4));

/** Downstream has closed the pipe: nobody reads any more, which is no error of ours. */
export class BrokenPipe extends Error {}

export class FileWriter {
  readonly #fd: number;
  readonly #what: string;
  /** The same file, where a write does not wait; undefined where there is no such way, -1 before that is known. */
  #direct: number | undefined = -1;

  /** @param what how errors name what is written */
  constructor(fd: number, what = 'the output') {
    this.#fd = fd;
    this.#what = what;
  }

  /**
   * @param bytes must stay as they are until the promise settles
   * @throws BrokenPipe, IoError
   */
  async write(bytes: Buffer): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    for (let at = this.#writeNow(bytes); at < bytes.length; ) {
      try {
        const { bytesWritten } = await write(this.#fd, bytes, at, bytes.length - at);
        at += bytesWritten;
        waitMs = FIRST_WAIT_MS;
      } catch (error) {
        if (!this.#isBusy(error)) continue;
        await sleep(waitMs);
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
    }
  }

  /**
   * Writes without a thread what goes without waiting: a thread and back costs more than a chunk's redaction.
   * @returns how many bytes were written
   */
  #writeNow(bytes: Buffer): number {
    if (this.#direct === -1) this.#direct = openDirect(this.#fd);
    const fd = this.#direct;
    let at = 0;
    for (let waits = 0; fd !== undefined && at < bytes.length && waits < SHORT_WAITS; ) {
      try {
        at += writeSync(fd, bytes, at, bytes.length - at);
        waits = 0;
      } catch (error) {
        if (!this.#isBusy(error)) continue;
        waits += 1;
        Atomics.wait(clock, 0, 0, SHORT_WAIT_MS);
      }
    }
    return at;
  }

  /**
   * @returns whether the reader has to catch up
   * @throws BrokenPipe, IoError
   */
  #isBusy(error: unknown): boolean {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') throw new BrokenPipe(this.#failed('the reader has closed the pipe'));
    if (code === 'EINTR') return false;
    if (code !== 'EAGAIN') throw new IoError(this.#failed(describeIo(error)), { cause: error });
    return true;
  }

  #failed(reason: string): string {
    return `${this.#what} can't be written: ${reason}`;
  }
}

/**
 * A descriptor for the same file that never waits: a regular file's own, or a pipe opened anew, because to set that on
 * the one we were given would set it for all who share it.
 */
function openDirect(fd: number): number | undefined {
  const stats = fstatSync(fd);
  if (stats.isFile()) return fd;
  if (!stats.isFIFO()) return undefined;
  try {
    const direct = openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
    const { ino, dev } = fstatSync(direct);
    if (ino === stats.ino && dev === stats.dev) return direct;
    closeSync(direct);
  } catch {
    // Not Linux, no /proc, or not ours to open: writing by threads does as well.
  }
  return undefined;
}
