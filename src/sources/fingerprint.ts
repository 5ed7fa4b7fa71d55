/**
 * Recognises a file by its bytes, also where its name and inode have changed or are another file's: by its first bytes,
 * and by those before the place it was read to. What is kept of them is a keyed digest, so that a checkpoint holds
 * nothing of a log.
 */
import { createHmac } from 'node:crypto';
import { readSync } from 'node:fs';

/** Enough for heads with equal banners to differ by their first time stamps. */
export const HEAD_BYTES = 1024;
/** Enough for one or two lines. */
export const ANCHOR_BYTES = 256;
/** 128 bits. */
const DIGEST_DIGITS = 32;

/** Digest of so many bytes at a place that is known otherwise. */
export interface Fingerprint {
  readonly length: number;
  readonly digest: string;
}

export class Fingerprinter {
  readonly #key: Buffer;

  /** @param key equal for fingerprints that are to be compared */
  constructor(key: Buffer) {
    this.#key = key;
  }

  of(bytes: Buffer): Fingerprint {
    const digest = createHmac('sha256', this.#key).update(bytes).digest('hex').slice(0, DIGEST_DIGITS);
    return { length: bytes.length, digest };
  }

  matches(fingerprint: Fingerprint, bytes: Buffer): boolean {
    return bytes.length === fingerprint.length && this.of(bytes).digest === fingerprint.digest;
  }
}

/**
 * Reads `length` bytes from `offset` on, fewer where the file ends.
 * @throws the error of the read
 */
export function readAt(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = readSync(fd, bytes, filled, length - filled, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
