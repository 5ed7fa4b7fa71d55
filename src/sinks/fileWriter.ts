/**
 * Writes bytes to a file descriptor, all of them: short writes are continued, a pipe that another process has made
 * non-blocking (EAGAIN) is tried again. The promise is the back-pressure.
 */
import { write as writeCallback } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describeIo, IoError } from '../errors.ts';

const write = promisify(writeCallback);

/** A full pipe takes a while to drain; between tries nothing else is lost by waiting. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/** Downstream has closed the pipe: nobody reads any more, which is no error of ours. */
export class BrokenPipe extends Error {}

export class FileWriter {
  readonly #fd: number;
  readonly #what: string;

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
    let at = 0;
    let waitMs = FIRST_WAIT_MS;
    while (at < bytes.length) {
      try {
        const { bytesWritten } = await write(this.#fd, bytes, at, bytes.length - at);
        at += bytesWritten;
        waitMs = FIRST_WAIT_MS;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE') throw new BrokenPipe(this.#failed('the reader has closed the pipe'));
        if (code !== 'EAGAIN') throw new IoError(this.#failed(describeIo(error)), { cause: error });
        await sleep(waitMs);
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
    }
  }

  #failed(reason: string): string {
    return `${this.#what} can't be written: ${reason}`;
  }
}
