/** Writes a file whole or not at all, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeIo, IoError } from '../errors.ts';
import { OWNER_ONLY } from './ownerOnly.ts';

/**
 * A reader never sees half of it: it is written beside the file and renamed over it; a symbolic link stays and leads to
 * it. A pipe or a device is written to directly.
 * @param what how errors name it
 * @throws IoError
 */
export function writeWhole(path: string, content: string | Buffer, what: string): void {
  let temporary: string | undefined;
  try {
    if (isSpecial(path)) {
      writeFileSync(path, content);
      return;
    }
    const target = targetOf(path);
    temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    writeFileSync(temporary, content, { mode: OWNER_ONLY, flag: 'wx', flush: true });
    renameSync(temporary, target);
  } catch (error) {
    if (temporary !== undefined) rmSync(temporary, { force: true });
    throw new IoError(`${path}: ${what} can't be written: ${describeIo(error)}`, { cause: error });
  }
}

function isSpecial(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice() || stats.isBlockDevice());
}

/** Where the links lead, also when nothing is there yet. Links in a circle are the system's error. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? targetOf(resolve(dirname(path), readlinkSync(path))) : path;
  }
}
