/**
 * The end of a log, read only. The file is opened by where its links lead, without following another one put there in
 * between, without waiting for a pipe's writer, and looked at again before a byte is read.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { sniffEncoding } from '../../sources/encoding.ts';
import type { Gap, LogFile } from './files.ts';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const CHUNK_BYTES = 256 * 1024;
const LF = 0x0a;
const HEAD_BYTES = 512;
/** Lines before the part that is looked at are counted so far, to name a place; beyond, its byte has to do. */
const COUNT_BYTES = 1024 * 1024 * 1024;

/** Why a log could not be read, in words of ours. */
export class UnreadableLog extends Error {}

export class LogTail {
  readonly #handle: FileHandle;
  /** First byte that is looked at: a line's begin. */
  readonly start: number;
  /** Bytes in the file when it was opened: what is written later is for the next time. */
  readonly size: number;

  private constructor(handle: FileHandle, start: number, size: number) {
    this.#handle = handle;
    this.start = start;
    this.size = size;
  }

  /**
   * @param most bytes to look at, from the end
   * @throws UnreadableLog, system errors
   */
  static async open(file: LogFile, most: number): Promise<LogTail> {
    const handle = await open(file.target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new UnreadableLog('it is no regular file');
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
      const sniffed = sniffEncoding(buffer.subarray(0, bytesRead), true);
      if (typeof sniffed !== 'string') {
        throw new UnreadableLog(`expected text, this is ${sniffed.unreadable}; ${sniffed.advice}`);
      }
      const from = Math.max(0, stats.size - most);
      return new LogTail(handle, from === 0 ? 0 : await lineBegin(handle, from, stats.size), stats.size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  get isWhole(): boolean {
    return this.start === 0;
  }

  /** Chunks up to the end; each is valid until the next is asked for. Ends early when `signal` is aborted. */
  async *chunks(signal: AbortSignal): AsyncGenerator<Buffer> {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (let at = this.start; at < this.size && !signal.aborted; ) {
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(CHUNK_BYTES, this.size - at), at);
      // It was cut while it was read.
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Lines before {@link start}; undefined where counting them would take too long. */
  async linesBefore(signal: AbortSignal): Promise<number | undefined> {
    if (this.start > COUNT_BYTES) return undefined;
    const buffer = Buffer.alloc(CHUNK_BYTES);
    let lines = 0;
    for (let at = 0; at < this.start; ) {
      if (signal.aborted) return undefined;
      const { bytesRead } = await this.#handle.read(buffer, 0, Math.min(CHUNK_BYTES, this.start - at), at);
      if (bytesRead === 0) return undefined;
      lines += countLines(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    return lines;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The begin of the first line that begins at or behind `from`. */
async function lineBegin(handle: FileHandle, from: number, size: number): Promise<number> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  for (let at = from - 1; at < size; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK_BYTES, size - at), at);
    if (bytesRead === 0) break;
    const end = buffer.subarray(0, bytesRead).indexOf(LF);
    if (end !== -1 && at + end + 1 < size) return at + end + 1;
    at += bytesRead;
  }
  // One line that is longer than what is to be looked at: its end is looked at all the same.
  return from;
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}

/**
 * Shares bytes out among files: small ones are looked at whole, what they leave is for the others.
 * @returns bytes for each file, in the order of `sizes`
 */
export function shareOut(sizes: readonly number[], total: number): number[] {
  const shares = new Array<number>(sizes.length).fill(0);
  const order = sizes.map((_, index) => index).sort((a, b) => (sizes[a] ?? 0) - (sizes[b] ?? 0));
  let left = total;
  order.forEach((index, done) => {
    const share = Math.min(sizes[index] ?? 0, Math.floor(left / (order.length - done)));
    shares[index] = share;
    left -= share;
  });
  return shares;
}

export const gapOf = (file: LogFile, reason: string): Gap => ({ path: file.path, reason });
