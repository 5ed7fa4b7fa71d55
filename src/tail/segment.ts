/**
 * One file as it is followed: what is open, how far it is read, and how it is recognised. It stays the same segment when
 * the file gets another name, or when its bytes turn up elsewhere because it was copied away or compressed.
 *
 * Invariant: `#head` and `#tail` are what was read at the file's begin and before `readOffset`; whenever the file's bytes
 * there differ, it is not the same file any more, and nothing that was read since is used.
 */
import { type BigIntStats, closeSync, fstatSync, readSync } from 'node:fs';
import { ANCHOR_BYTES, type Fingerprinter, HEAD_BYTES, readAt } from '../sources/fingerprint.ts';
import type { GzipReader } from '../sources/gzipReader.ts';
import { keyOf } from '../sources/rotationNames.ts';
import type { FileRecord } from '../state/checkpoint.ts';

/** The file's bytes are not those that were read any more: truncated, or written anew. */
export const REPLACED = -1;

/** Bytes a file must have in its holes before they are taken for holes: small ones cost nothing. */
const LEAST_HOLE_BYTES = 64n * 1024n;
/** Unit of `blocks` in stat(2). */
const BLOCK_BYTES = 512n;

export class Segment {
  path: string;
  dev: bigint;
  ino: bigint;
  readonly generation: number;
  /** Where reading began in this run. */
  readonly startOffset: number;
  readonly startLine: number;
  readOffset: number;
  /** No more is to come: it is not behind its path any more. */
  isFinal = false;
  /** When it became final, on the clock of the run; in milliseconds. */
  finalSince = 0;
  /** Bytes it had when it was last looked at. */
  size = 0;
  /** What is read before this place was there before the first run: it is looked at, and goes nowhere. */
  quietUntil = 0;
  /** Number of the line at `readOffset`, once it is read. */
  endLine = 1;
  /** Whether the files that come before it were looked for, while it held what `pin` has seen. */
  isConfirmed = false;
  /** Since when it is known that its file holds other bytes; on the clock of the run, in milliseconds. */
  lostSince: number | undefined;
  /** Another segment goes on with its file. */
  isHandedOver = false;
  /** The same for segments that share a file, of which each begins where another ended. */
  lineage: symbol = Symbol();
  #fd: number | undefined;
  #gzip: GzipReader | undefined;
  #fetched: Buffer = Buffer.alloc(0);
  #head: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  #modified = -1n;

  constructor(path: string, dev: bigint, ino: bigint, generation = 0, offset = 0, line = 1) {
    this.path = path;
    this.dev = dev;
    this.ino = ino;
    this.generation = generation;
    this.startOffset = offset;
    this.startLine = line;
    this.readOffset = offset;
  }

  get key(): string {
    return keyOf(this);
  }

  get isOpen(): boolean {
    return this.#fd !== undefined || this.#gzip !== undefined;
  }

  get isGzip(): boolean {
    return this.#gzip !== undefined;
  }

  /** The file's first bytes, as far as they were read. */
  get head(): Buffer {
    return this.#head;
  }

  /** The last bytes before `readOffset`. */
  get tail(): Buffer {
    return this.#tail;
  }

  /** Goes on with a descriptor of a file that holds the same bytes as far as read. */
  adopt(path: string, fd: number): void {
    this.close();
    const stats = fstatSync(fd, { bigint: true });
    this.#fd = fd;
    this.path = path;
    this.dev = stats.dev;
    this.ino = stats.ino;
    this.size = Number(stats.size);
    this.#modified = -1n;
    // What was read stays what it is recognised by; of a file that is opened for the first time its bytes are.
    if (this.#tail.length === 0) this.#remember();
  }

  /**
   * Remembers the first bytes of a file of which nothing was read, so that it is known when others take their place.
   * @returns whether there are any
   * @throws the error of the system
   */
  pin(): boolean {
    if (this.#fd !== undefined) this.#head = readAt(this.#fd, 0, HEAD_BYTES);
    return this.#head.length > 0;
  }

  /** Whether nothing of it was read, and nothing of it was read before. */
  get isUntouched(): boolean {
    return this.readOffset === 0 && this.quietUntil === 0;
  }

  /**
   * Goes on with what a compressed file holds; the reader stands at `readOffset`.
   * @param head the first bytes of that, as far as they are known
   */
  adoptGzip(path: string, dev: bigint, ino: bigint, reader: GzipReader, head: Buffer = this.#head): void {
    this.close();
    this.#head = head;
    this.#gzip = reader;
    this.path = path;
    this.dev = dev;
    this.ino = ino;
  }

  /** Of a compressed file: gets the next bytes ready for `read`. */
  async fetch(length: number): Promise<void> {
    if (this.#gzip !== undefined && this.#fetched.length === 0) this.#fetched = await this.#gzip.read(length);
  }

  /**
   * Reads on.
   * @returns how many bytes, 0 where there are none now, or REPLACED
   * @throws the error of the system
   */
  read(into: Buffer): number {
    const count = this.#gzip === undefined ? this.#readPlain(into) : this.#readFetched(into);
    if (count <= 0) return count;
    const kept = Math.min(count, ANCHOR_BYTES);
    const last = into.subarray(count - kept, count);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-ANCHOR_BYTES);
    // From what was read, not from the file: it may have been truncated by now.
    if (this.#head.length >= this.readOffset && this.readOffset + count > this.#head.length)
      this.#head = Buffer.concat([this.#head.subarray(0, this.readOffset), into.subarray(0, count)]).subarray(
        0,
        HEAD_BYTES,
      );
    this.readOffset += count;
    return count;
  }

  #readFetched(into: Buffer): number {
    const count = this.#fetched.copy(into);
    this.#fetched = this.#fetched.subarray(count);
    return count;
  }

  #readPlain(into: Buffer): number {
    if (this.#fd === undefined) return 0;
    const count = readSync(this.#fd, into, 0, into.length, this.readOffset);
    const stats = fstatSync(this.#fd, { bigint: true });
    const size = Number(stats.size);
    // Nothing has happened to it since nothing came the last time.
    if (count === 0 && stats.mtimeNs === this.#modified && size >= this.readOffset) return 0;
    // After the read: had the file been replaced before it, what came is another file's.
    if (size < this.readOffset + count || !this.isIntact()) return REPLACED;
    this.size = size;
    if (count === 0) this.#modified = stats.mtimeNs;
    return count;
  }

  /** Whether the open file still begins, and goes on before `readOffset`, as it was read. */
  isIntact(): boolean {
    return this.#fd === undefined || this.holds(this.#fd);
  }

  /** Whether a file's bytes are those of this one as far as it was read. */
  holds(fd: number): boolean {
    const tail = readAt(fd, this.readOffset - this.#tail.length, this.#tail.length);
    return tail.equals(this.#tail) && readAt(fd, 0, this.#head.length).equals(this.#head);
  }

  /** Hands the open file over to a segment that begins where this one has come to, at that line. */
  handOver(line: number): Segment {
    const next = new Segment(this.path, this.dev, this.ino, this.generation, this.readOffset, line);
    next.#fd = this.#fd;
    next.#head = this.#head;
    next.#tail = this.#tail;
    next.size = this.size;
    next.lineage = this.lineage;
    this.#fd = undefined;
    this.isHandedOver = true;
    return next;
  }

  /** Reads again from an earlier place. For a file that is not compressed. */
  rewind(offset: number): void {
    if (this.#fd === undefined) return;
    const length = Math.min(ANCHOR_BYTES, offset);
    const tail = readAt(this.#fd, offset - length, length);
    // Had it been replaced before, these would be another file's.
    this.#tail = this.isIntact() ? tail : Buffer.alloc(0);
    this.readOffset = offset;
  }

  /** Reads bytes again that were read last. */
  giveBack(bytes: Buffer): void {
    if (this.#gzip === undefined) {
      this.rewind(this.readOffset - bytes.length);
      return;
    }
    this.#fetched = Buffer.concat([bytes, this.#fetched]);
    this.readOffset -= bytes.length;
  }

  /** Bytes of the open file, from its begin if nothing else is said; undefined when it is not open. */
  peek(length: number, offset = 0): Buffer | undefined {
    return this.#fd === undefined ? undefined : readAt(this.#fd, offset, length);
  }

  /** @returns bytes that are there and not read */
  unread(): number {
    return this.#fd === undefined ? 0 : Math.max(0, this.currentSize - this.readOffset);
  }

  /** Whether there are holes in it: nobody has written there, and reading gives NULs. */
  get isSparse(): boolean {
    if (this.#fd === undefined) return false;
    const { blocks, size } = fstatSync(this.#fd, { bigint: true });
    return blocks * BLOCK_BYTES + LEAST_HOLE_BYTES < size;
  }

  /** Bytes the open file has now; of one that is closed, had. */
  get currentSize(): number {
    if (this.#fd === undefined) return this.size;
    const { size } = fstatSync(this.#fd);
    // Should it be truncated, what it had is told.
    this.size = Math.max(this.size, size);
    return size;
  }

  /** Of the open file, as it is now. */
  stats(): BigIntStats | undefined {
    return this.#fd === undefined ? this.#gzip?.stats() : fstatSync(this.#fd, { bigint: true });
  }

  /** @param offset a place that was read, `line` its line's number */
  record(fingerprinter: Fingerprinter, offset: number, line: number): FileRecord {
    const anchor = this.#anchorAt(offset);
    return {
      path: this.path,
      dev: String(this.dev),
      ino: String(this.ino),
      generation: this.generation,
      head: fingerprinter.of(this.#head),
      ...(anchor && { anchor: fingerprinter.of(anchor) }),
      offset,
      line,
      size: Math.max(this.size, this.readOffset),
      ...(this.quietUntil > offset && { quietUntil: this.quietUntil }),
    };
  }

  /** The bytes before a place, unless the file has been replaced meanwhile. */
  #anchorAt(offset: number): Buffer | undefined {
    if (offset === this.readOffset) return this.#tail;
    if (this.#fd === undefined) return undefined;
    const length = Math.min(ANCHOR_BYTES, offset);
    try {
      const bytes = readAt(this.#fd, offset - length, length);
      return this.isIntact() ? bytes : undefined;
    } catch {
      // A device that fails now is told of by the next read.
      return undefined;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
    this.#gzip?.close();
    this.#gzip = undefined;
  }

  /** Takes the bytes around from the file itself. */
  #remember(): void {
    if (this.#fd === undefined) return;
    this.#head = readAt(this.#fd, 0, Math.min(HEAD_BYTES, this.readOffset));
    const length = Math.min(ANCHOR_BYTES, this.readOffset);
    this.#tail = readAt(this.#fd, this.readOffset - length, length);
  }
}
