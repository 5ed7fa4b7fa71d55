/** Writes a file whole or not at all, for its owner only: beside it, and renamed over it. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { describeIo, IoError } from '../../errors.ts';
import { OWNER_ONLY } from '../../sinks/ownerOnly.ts';

/**
 * @param what how errors name what is written
 * @throws IoError
 */
export function writeWhole(path: string, pieces: Iterable<string>, what: string): void {
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
    throw new IoError(`${path}: ${what} can't be written: ${describeIo(error)}`, { cause: error });
  }
}
