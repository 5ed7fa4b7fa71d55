/**
 * Writes bytes to a file descriptor, all of them: short writes are continued, a pipe that another process has made
 * non-blocking (EAGAIN) is tried again. The promise is the back-pressure.
 */
import { write as writeCallback } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const write = promisify(writeCallback);

/** A full pipe takes a while to drain; between tries nothing else is lost by waiting. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 50;

/** Downstream has closed the pipe: nobody reads any more, which is no error of ours. */
export class BrokenPipe extends Error {}

export class FileWriter {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * @param bytes must stay as they are until the promise settles
   * @throws BrokenPipe, or the system's error
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
        if (code === 'EPIPE') throw new BrokenPipe('the reader has closed the pipe');
        if (code !== 'EAGAIN') throw error;
        await sleep(waitMs);
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
    }
  }
}
