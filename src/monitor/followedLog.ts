/** One log that is followed: its new bytes, read only, through rotation and truncation. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Read of one log in one round; what is more comes in the next. */
const MOST_A_ROUND = 4 * 1024 * 1024;
/** So much of what was there before is read, for the last hour. */
const BACKLOG_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

export interface LogListener {
  onBytes(bytes: Buffer, offset: number): void | Promise<void>;
  /** What follows is another file under the same name, or the same from its begin. */
  onBegin(offset: number): void;
}

export class FollowedLog {
  readonly #listener: LogListener;
  #file = '';
  #offset = -1;

  constructor(listener: LogListener) {
    this.#listener = listener;
  }

  /**
   * @param target where its links lead
   * @returns bytes that were read
   * @throws system errors
   */
  async read(target: string): Promise<number> {
    const handle = await open(target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) return 0;
      const file = `${stats.dev}:${stats.ino}`;
      if (this.#offset === -1) this.#begin(file, Math.max(0, stats.size - BACKLOG_BYTES));
      else if (file !== this.#file || stats.size < this.#offset) this.#begin(file, 0);
      const buffer = Buffer.alloc(CHUNK_BYTES);
      let read = 0;
      while (read < MOST_A_ROUND && this.#offset < stats.size) {
        const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, this.#offset);
        if (bytesRead === 0) break;
        // Taken on before it is handed over: what fails there is not read again and again.
        const at = this.#offset;
        this.#offset += bytesRead;
        read += bytesRead;
        await this.#listener.onBytes(buffer.subarray(0, bytesRead), at);
      }
      return read;
    } finally {
      await handle.close();
    }
  }

  #begin(file: string, offset: number): void {
    this.#file = file;
    this.#offset = offset;
    this.#listener.onBegin(offset);
  }
}
