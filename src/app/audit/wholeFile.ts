/** Writes a file whole or not at all, for its owner only: beside it, and renamed over it. */
import { describeIo, IoError } from '../../errors.ts';
import { replaceFile } from '../../replacedFile.ts';

/**
 * @param what how errors name what is written
 * @throws IoError
 */
export function writeWhole(path: string, pieces: Iterable<string>, what: string): void {
  try {
    replaceFile(path, pieces);
  } catch (error) {
    throw new IoError(`${path}: ${what} can't be written: ${describeIo(error)}`, { cause: error });
  }
}
