/** Writes a new file of rules; one that is there already is somebody's work. */
import { writeFileSync } from 'node:fs';
import { describeIo, IoError, UsageError } from '../errors.ts';
import { print, printable } from './printing.ts';

/**
 * @param path `-` for standard output
 * @throws UsageError when the file is there, IoError when it can't be written
 */
export async function writeNewFile(path: string, text: string): Promise<void> {
  if (path === '-') return print(text);
  try {
    writeFileSync(path, text, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new UsageError(`--output: expected a new file, ${printable(path)} is there already`);
    }
    throw new IoError(`${printable(path)}: the rules can't be written: ${describeIo(error)}`, {
      cause: error,
    });
  }
}
