/**
 * What has become of a file that is not at its path, or not itself, any more: under which name it goes on, which copy
 * holds what was not read of it, and which files came and went in between.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { ANCHOR_BYTES, type Fingerprinter, HEAD_BYTES, readAt } from '../sources/fingerprint.ts';
import { GzipReader } from '../sources/gzipReader.ts';
import { keyOf, rotationSiblings, type Sibling } from '../sources/rotationNames.ts';
import type { DigestRecord, FileRecord } from '../state/checkpoint.ts';
import { Segment } from './segment.ts';

/** How `seen` names a file: a compressed one has a new inode, but the time of the one it was made of. */
export function seenKeys({ stats }: Sibling): { readonly file: string; readonly time: string } {
  return { file: keyOf(stats), time: `${stats.mtimeNs / 1_000_000_000n}` };
}

/** The rotated files beside a path, so that those that come later are known as new. */
export function lookAround(path: string): Set<string> {
  return seenOf(rotationSiblings(path));
}

export function seenOf(siblings: readonly Sibling[]): Set<string> {
  return new Set(siblings.map(seenKeys).map(({ file, time }) => `${file}:${time}`));
}

export interface Surroundings {
  /** Files that are followed, or done with; `device:inode`. */
  readonly isKnown: (key: string) => boolean;
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
  const files = new Set<string>();
  const times = new Set<string>();
  for (const one of around.seen) {
    const cut = one.lastIndexOf(':');
    files.add(one.slice(0, cut));
    times.add(one.slice(cut + 1));
  }
  const isNew = (sibling: Sibling): boolean => {
    const { file, time } = seenKeys(sibling);
    if (around.isKnown(file) || files.has(file) || sibling.stats.mtimeNs < around.since) return false;
    return !sibling.isCompressed || !times.has(time);
  };
  return siblings.filter(isNew).sort((a, b) => (a.stats.mtimeNs < b.stats.mtimeNs ? -1 : 1));
}

/**
 * Lets a segment go on in the copy that holds what was not read of it (copytruncate), plain or compressed.
 * @returns the copy
 */
export async function goOnInCopy(
  segment: Segment,
  siblings: readonly Sibling[],
  isKnown: (key: string) => boolean,
): Promise<Sibling | undefined> {
  if (segment.readOffset === 0) return undefined;
  for (const sibling of siblings) {
    if (sibling.isCompressed || isKnown(keyOf(sibling.stats))) continue;
    const fd = openQuietly(sibling.path);
    if (fd === undefined) continue;
    if (segment.holds(fd)) {
      segment.adopt(sibling.path, fd);
      return sibling;
    }
    closeSync(fd);
  }
  for (const sibling of siblings) {
    if (!sibling.isGzip || isKnown(keyOf(sibling.stats))) continue;
    const head = { length: segment.head.length, matches: (bytes: Buffer) => bytes.equals(segment.head) };
    const reader = await openGzip(sibling.path, head, segment.readOffset);
    if (reader === undefined) continue;
    segment.adoptGzip(sibling.path, sibling.stats.dev, sibling.stats.ino, reader);
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
    const reader = await openGzip(sibling.path, { length: record.head.length, matches }, record.offset);
    if (reader === undefined) continue;
    const segment = new Segment(sibling.path, 0n, 0n, record.generation, record.offset, record.line);
    segment.adoptGzip(sibling.path, sibling.stats.dev, sibling.stats.ino, reader);
    return segment;
  }
  return undefined;
}

/** Whether a file beside it begins as a followed one, and holds no more: a copy that is being made, or one to be told apart. */
export function isCopyOf(sibling: { readonly path: string }, segment: Segment): boolean {
  const fd = openQuietly(sibling.path);
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

/** Whether a compressed file holds what began like one of these. */
export async function beginsLike(path: string, heads: readonly DigestRecord[], fingerprinter: Fingerprinter): Promise<boolean> {
  const reader = gzipReader(path);
  if (reader === undefined) return false;
  try {
    const longest = Math.max(0, ...heads.map(({ length }) => length));
    const bytes = await reader.readFully(longest);
    return heads.some(
      (head) => head.length > 0 && fingerprinter.matches(head, bytes.subarray(0, head.length)),
    );
  } catch {
    return false;
  } finally {
    await reader.close().catch(() => {});
  }
}

function reopen(record: FileRecord, sibling: Sibling, fingerprinter: Fingerprinter): Segment | undefined {
  const { dev, ino, size } = sibling.stats;
  if (Number(size) < record.offset) return undefined;
  const isSame = String(ino) === record.ino && String(dev) === record.dev;
  // Nothing was read of it: only its inode tells.
  if (record.head.length === 0 && !isSame) return undefined;
  const fd = openQuietly(sibling.path);
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
  path: string,
  head: { readonly length: number; matches(bytes: Buffer): boolean },
  offset: number,
): Promise<GzipReader | undefined> {
  const reader = gzipReader(path);
  if (reader === undefined) return undefined;
  try {
    const bytes = await reader.readFully(head.length);
    if (bytes.length > offset) reader.unread(bytes.subarray(offset));
    if (head.matches(bytes) && (await reader.skip(offset - bytes.length))) return reader;
  } catch {
    // Damaged, or not ours to read: another file may do.
  }
  await reader.close().catch(() => {});
  return undefined;
}

function openQuietly(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** @returns undefined where it can't be opened */
export function gzipReader(path: string): GzipReader | undefined {
  try {
    return new GzipReader(path);
  } catch {
    return undefined;
  }
}
