/** Files that are replaced whole: readers see the earlier one or the new one, never a part. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

const OWNER_ONLY = 0o600;

/**
 * Writes a file beside `path`, makes it durable and renames it (rename(2) is atomic); only the owner may read it.
 * @param pieces of the text, in order
 * @throws what the system says; then the earlier file is still there, and nothing beside it
 */
export function replaceFile(path: string, pieces: Iterable<string>): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const fd = openSync(temporary, 'wx', OWNER_ONLY);
    try {
      for (const piece of pieces) {
        const bytes = Buffer.from(piece);
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
