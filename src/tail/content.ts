/**
 * Recognises what a file holds by its bytes: names are given anew by each rotation, and inodes by the file system once
 * a file is deleted. All comparisons are of an open descriptor, so that nothing can take the file's place meanwhile.
 */
import { fstatSync } from 'node:fs';
import { ANCHOR_BYTES, type Fingerprinter, HEAD_BYTES, readAt } from '../sources/fingerprint.ts';
import { GzipReader } from '../sources/gzipReader.ts';
import type { DigestRecord } from '../state/checkpoint.ts';
import type { LookedFile } from './look.ts';
import type { Segment } from './segment.ts';

/** What is known of a file up to a place in it. */
export interface Content {
  /** Of the file's first bytes. */
  readonly head: DigestRecord;
  /** Of the bytes before `offset`. */
  readonly anchor?: DigestRecord;
  readonly offset: number;
}

/** Whether a file, up to that place, holds what is known. */
export function carries(fd: number, content: Content, fingerprinter: Fingerprinter): boolean {
  const { head, anchor, offset } = content;
  if (head.length === 0 || fstatSync(fd).size < Math.max(offset, head.length)) return false;
  if (!fingerprinter.matches(head, readAt(fd, 0, head.length))) return false;
  return (
    anchor === undefined || fingerprinter.matches(anchor, readAt(fd, offset - anchor.length, anchor.length))
  );
}

/** Whether a file begins as another that is open, and holds no more: a copy, or one that is being made. */
export function isCopyOf(fd: number, other: (length: number, offset: number) => Buffer | undefined): boolean {
  const { size } = fstatSync(fd);
  const isSameAt = (offset: number, length: number): boolean =>
    other(length, offset)?.equals(readAt(fd, offset, length)) === true;
  const last = Math.min(size, ANCHOR_BYTES);
  return isSameAt(0, Math.min(size, HEAD_BYTES)) && isSameAt(size - last, last);
}

/** Recognises the bytes that were read of a file, which stand before `offset`. */
export interface ReadBytes {
  readonly headLength: number;
  readonly anchorLength: number;
  readonly offset: number;
  isHead(bytes: Buffer): boolean;
  isAnchor(bytes: Buffer): boolean;
}

export function readBytesOf(content: Content, fingerprinter: Fingerprinter): ReadBytes {
  const { head, anchor, offset } = content;
  return {
    headLength: head.length,
    anchorLength: anchor?.length ?? 0,
    offset,
    isHead: (bytes) => fingerprinter.matches(head, bytes),
    isAnchor: (bytes) => anchor === undefined || fingerprinter.matches(anchor, bytes),
  };
}

export function readBytesOfSegment({ head, tail, readOffset }: Segment): ReadBytes {
  return {
    headLength: head.length,
    anchorLength: tail.length,
    offset: readOffset,
    isHead: (bytes) => bytes.equals(head),
    isAnchor: (bytes) => bytes.equals(tail),
  };
}

/**
 * Opens what a compressed file holds behind what was read of it, if it holds that; then its descriptor is taken.
 * @returns a reader that stands at `offset`, and the first bytes
 */
export async function openGzipAt(
  file: LookedFile,
  read: ReadBytes,
): Promise<{ readonly reader: GzipReader; readonly head: Buffer } | undefined> {
  if (file.fd === undefined) return undefined;
  const reader = new GzipReader(file.fd);
  try {
    // Head and anchor overlap in a file of which little was read.
    const start = Math.min(read.headLength, Math.max(0, read.offset - read.anchorLength));
    const head = await reader.readFully(read.headLength);
    if (read.isHead(head)) {
      reader.unread(head.subarray(start));
      const isThere = await reader.skip(read.offset - read.anchorLength - start);
      if (isThere && read.isAnchor(await reader.readFully(read.anchorLength))) {
        file.take();
        return { reader, head };
      }
    }
  } catch {
    // Damaged, or not ours to read: another file may do.
  }
  reader.release();
  return undefined;
}
