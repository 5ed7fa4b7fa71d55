/**
 * Reads a descriptor straight into memory, without a stream's copy and without a thread, as long as that does not wait:
 * regular files, and pipes that are set not to block.
 */
import { fstatSync, readFileSync, readSync } from 'node:fs';

/** Nothing is there yet. */
export const NOT_YET = -1;

/** open(2), O_NONBLOCK on Linux; fdinfo shows flags in octal. */
const O_NONBLOCK = 0o4000;

export class DirectReader {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /**
   * @returns how many bytes were read, 0 at the end, NOT_YET when it would have to wait
   * @throws the error of the read
   */
  read(into: Buffer): number {
    try {
      return readSync(this.#fd, into);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return NOT_YET;
      // Some systems tell the end of a pipe so.
      if (code === 'EOF') return 0;
      throw error;
    }
  }
}

/** @returns undefined where reading could wait */
export function directReader(fd: number): DirectReader | undefined {
  const stats = fstatSync(fd);
  return stats.isFile() || (stats.isFIFO() && isNonBlocking(fd)) ? new DirectReader(fd) : undefined;
}

function isNonBlocking(fd: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & O_NONBLOCK) !== 0;
  } catch {
    // Not Linux, or no /proc: the stream does as well.
    return false;
  }
}
