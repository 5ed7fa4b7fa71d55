/** Files that nobody but their owner can read: findings tell where values are. */
import { closeSync, fchmodSync, fstatSync, openSync } from 'node:fs';
import { describeIo, IoError } from '../errors.ts';

export const OWNER_ONLY = 0o600;

/**
 * Creates or empties a file; a file that is there already is made private too.
 * @returns its descriptor, to be closed by the caller
 * @throws IoError
 */
export function openOwnerOnly(path: string): number {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'w', OWNER_ONLY);
    if (fstatSync(fd).isFile()) fchmodSync(fd, OWNER_ONLY);
    return fd;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    throw new IoError(`${path}: can't be created: ${describeIo(error)}`, { cause: error });
  }
}
