/**
 * What has become of a file that is not at its path, or not itself, any more: under which name it goes on, which copy
 * holds what was not read of it, and which files came and went in between.
 */
import { closeSync, fstatSync } from 'node:fs';
import { ANCHOR_BYTES, type Fingerprinter, HEAD_BYTES, readAt } from '../sources/fingerprint.ts';
import { GzipReader } from '../sources/gzipReader.ts';
import { keyOf, openListed, rotationSiblings, type Sibling } from '../sources/rotationNames.ts';
import type { DigestRecord, FileRecord } from '../state/checkpoint.ts';
import { Segment } from './segment.ts';

/**
 * Names a rotated file so that it is known again, also when it has been compressed meanwhile: by its inode, and by its
 * size and its first bytes.
 */
function seenEntry(sibling: Sibling, fingerprinter: Fingerprinter): string {
  const { stats, isCompressed } = sibling;
  const fd = isCompressed ? undefined : openListed(sibling);
  if (fd === undefined) return `${keyOf(stats)}:${stats.size}:0:`;
  try {
    const { length, digest } = fingerprinter.of(readAt(fd, 0, HEAD_BYTES));
    return `${keyOf(stats)}:${stats.size}:${length}:${digest}`;
  } finally {
    closeSync(fd);
  }
}

/** The rotated files beside a path, so that those that come later are known as new. */
export function lookAround(path: string, fingerprinter: Fingerprinter): Set<string> {
  return seenOf(rotationSiblings(path), fingerprinter);
}

export function seenOf(siblings: readonly Sibling[], fingerprinter: Fingerprinter): Set<string> {
  return new Set(siblings.map((sibling) => seenEntry(sibling, fingerprinter)));
}

/** What a compressed file may hold: the first bytes and the size of one that is known. */
export interface Content {
  readonly head: DigestRecord;
  readonly size: number;
  /** Where it is still being read, or waits to be. */
  readonly segment?: Segment;
}

export function seenContents(seen: ReadonlySet<string>): Content[] {
  return [...seen].map((one) => {
    const [, , size, length, digest = ''] = one.split(':');
    return { size: Number(size), head: { length: Number(length), digest } };
  });
}

export interface Surroundings {
  /** Files that are followed, or done with; `device:inode`. */
  readonly isKnown: (sibling: Sibling) => boolean;
  readonly fingerprinter: Fingerprinter;
  /** As `lookAround` gave it when all was known. */
  readonly seen: ReadonlySet<string>;
  /** Files that changed before cannot be ones that were missed; in nanoseconds since 1970. */
  readonly since: bigint;
}

/**
 * Files that came to the path and were moved away again while nobody looked, the oldest first. Those compressed in other
 * ways than gzip are given too, for the message.
 */
export function missedFiles(siblings: readonly Sibling[], around: Surroundings): Sibling[] {
  const seen = new Map([...around.seen].map((one) => [one.split(':', 2).join(':'), one]));
  const isNew = (sibling: Sibling): boolean => {
    const { stats } = sibling;
    const entry = seen.get(keyOf(stats));
    if (isBeingMade(sibling, siblings)) return false;
    if (around.isKnown(sibling) || stats.mtimeNs < around.since) return false;
    return entry === undefined || !isStill(sibling, entry, around.fingerprinter);
  };
  return siblings.filter(isNew).sort((a, b) => (a.stats.mtimeNs < b.stats.mtimeNs ? -1 : 1));
}

/** Whether a file is just being compressed: when that is done, what it was made of is gone. */
export function isBeingMade({ path, isCompressed }: Sibling, siblings: readonly Sibling[]): boolean {
  const plain = path.replace(/\.[^.]+$/, '');
  return isCompressed && siblings.some((other) => other.path === plain);
}

/** Whether the file under an inode is the one that was there before: inodes of deleted files are given to new ones. */
function isStill(sibling: Sibling, entry: string, fingerprinter: Fingerprinter): boolean {
  const [, , size, length, digest = ''] = entry.split(':');
  if (sibling.isCompressed) return String(sibling.stats.size) === size;
  return beginsWith(sibling, { length: Number(length), digest }, Number(size), fingerprinter);
}

/** Whether a file still has so many bytes, and begins as it did. */
export function beginsWith(
  sibling: Pick<Sibling, 'path' | 'stats'>,
  head: DigestRecord,
  size: number,
  fingerprinter: Fingerprinter,
): boolean {
  if (Number(sibling.stats.size) < size) return false;
  const fd = openListed(sibling);
  if (fd === undefined) return false;
  try {
    return fingerprinter.matches(head, readAt(fd, 0, head.length));
  } finally {
    closeSync(fd);
  }
}

/**
 * Lets a segment go on in the copy that holds what was not read of it (copytruncate), plain or compressed.
 * @returns the copy
 */
export async function goOnInCopy(
  segment: Segment,
  siblings: readonly Sibling[],
  isKnown: (sibling: Sibling) => boolean,
): Promise<Sibling | undefined> {
  if (segment.readOffset === 0) return undefined;
  for (const sibling of siblings) {
    if (sibling.isCompressed || isKnown(sibling)) continue;
    const fd = openListed(sibling);
    if (fd === undefined) continue;
    if (segment.holds(fd)) {
      segment.adopt(sibling.path, fd);
      return sibling;
    }
    closeSync(fd);
  }
  for (const sibling of siblings) {
    if (!sibling.isGzip || isKnown(sibling)) continue;
    const head = { length: segment.head.length, matches: (bytes: Buffer) => bytes.equals(segment.head) };
    const opened = await openGzip(sibling, head, segment.readOffset);
    if (opened === undefined) continue;
    segment.adoptGzip(sibling.path, sibling.stats.dev, sibling.stats.ino, opened.reader);
    return sibling;
  }
  return undefined;
}

/**
 * Finds the file of an earlier run again.
 * @param candidates the file at the path, if there is one, and its siblings
 * @returns a segment that stands where that run had come to
 */
export async function locate(
  record: FileRecord,
  candidates: readonly Sibling[],
  fingerprinter: Fingerprinter,
): Promise<Segment | undefined> {
  const isSameInode = ({ stats }: Sibling): boolean => String(stats.ino) === record.ino;
  const plain = candidates.filter(({ isCompressed }) => !isCompressed);
  for (const sibling of [...plain.filter(isSameInode), ...plain.filter((one) => !isSameInode(one))]) {
    const segment = reopen(record, sibling, fingerprinter);
    if (segment !== undefined) return segment;
  }
  if (record.head.length === 0) return undefined;
  for (const sibling of candidates.filter(({ isGzip }) => isGzip)) {
    const matches = (bytes: Buffer): boolean => fingerprinter.matches(record.head, bytes);
    const opened = await openGzip(sibling, { length: record.head.length, matches }, record.offset);
    if (opened === undefined) continue;
    const segment = new Segment(sibling.path, 0n, 0n, record.generation, record.offset, record.line);
    segment.adoptGzip(sibling.path, sibling.stats.dev, sibling.stats.ino, opened.reader, opened.head);
    return segment;
  }
  return undefined;
}

/** Whether a file beside it begins as a followed one, and holds no more: a copy that is being made, or one to be told apart. */
export function isCopyOf(sibling: Pick<Sibling, 'path' | 'stats'>, segment: Segment): boolean {
  const fd = openListed(sibling);
  if (fd === undefined) return false;
  try {
    const size = fstatSync(fd).size;
    const isSameAt = (offset: number, length: number): boolean =>
      segment.peek(length, offset)?.equals(readAt(fd, offset, length)) === true;
    const last = Math.min(size, ANCHOR_BYTES);
    return isSameAt(0, Math.min(size, HEAD_BYTES)) && isSameAt(size - last, last);
  } finally {
    closeSync(fd);
  }
}

/**
 * Which of these a compressed file holds.
 * @returns 'unclear' when it can't be told, because the file is gone or damaged
 */
export async function heldBy(
  sibling: Sibling,
  contents: readonly Content[],
  fingerprinter: Fingerprinter,
): Promise<Content | 'none' | 'unclear'> {
  const fd = openListed(sibling);
  if (fd === undefined) return 'unclear';
  const size = uncompressedSize(fd);
  const candidates = contents.filter((one) => one.head.length > 0 && one.size % ISIZE_MODULUS === size);
  const reader = new GzipReader(fd);
  try {
    if (candidates.length === 0) return 'none';
    const bytes = await reader.readFully(Math.max(...candidates.map(({ head }) => head.length)));
    return (
      candidates.find(({ head }) => fingerprinter.matches(head, bytes.subarray(0, head.length))) ?? 'none'
    );
  } catch {
    return 'unclear';
  } finally {
    await reader.close().catch(() => {});
  }
}

/** RFC 1952, 2.3.1: the last four bytes are the size of what was compressed, modulo 2^32. */
const ISIZE_BYTES = 4;
const ISIZE_MODULUS = 2 ** 32;

function uncompressedSize(fd: number): number | undefined {
  const { size } = fstatSync(fd);
  return size < ISIZE_BYTES ? undefined : readAt(fd, size - ISIZE_BYTES, ISIZE_BYTES).readUInt32LE();
}

function reopen(record: FileRecord, sibling: Sibling, fingerprinter: Fingerprinter): Segment | undefined {
  const { dev, ino, size } = sibling.stats;
  if (Number(size) < record.offset) return undefined;
  const isSame = String(ino) === record.ino && String(dev) === record.dev;
  // Nothing was read of it: only its inode tells.
  if (record.head.length === 0 && !isSame) return undefined;
  const fd = openListed(sibling);
  if (fd === undefined) return undefined;
  const { anchor, offset } = record;
  const holds =
    fingerprinter.matches(record.head, readAt(fd, 0, record.head.length)) &&
    (anchor === undefined ||
      fingerprinter.matches(anchor, readAt(fd, offset - anchor.length, anchor.length)));
  if (!holds) {
    closeSync(fd);
    return undefined;
  }
  const segment = new Segment(sibling.path, dev, ino, record.generation, offset, record.line);
  segment.adopt(sibling.path, fd);
  return segment;
}

/** @returns a reader that stands at `offset`, when the file begins as it should and has so many bytes */
async function openGzip(
  sibling: Sibling,
  head: { readonly length: number; matches(bytes: Buffer): boolean },
  offset: number,
): Promise<{ readonly reader: GzipReader; readonly head: Buffer } | undefined> {
  const reader = gzipReader(sibling);
  if (reader === undefined) return undefined;
  try {
    const bytes = await reader.readFully(head.length);
    if (bytes.length > offset) reader.unread(bytes.subarray(offset));
    if (head.matches(bytes) && (await reader.skip(offset - bytes.length))) return { reader, head: bytes };
  } catch {
    // Damaged, or not ours to read: another file may do.
  }
  await reader.close().catch(() => {});
  return undefined;
}

/** @returns undefined where it can't be opened */
export function gzipReader(file: Parameters<typeof openListed>[0]): GzipReader | undefined {
  const fd = openListed(file);
  return fd === undefined ? undefined : new GzipReader(fd);
}
