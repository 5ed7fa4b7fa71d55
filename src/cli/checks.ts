/** Checks of the command line that need the file system. */
import { statSync } from 'node:fs';
import { UsageError } from '../errors.ts';

/**
 * A file that is read must not be written: it would be empty before its first line is looked at.
 * @throws UsageError
 */
export function refuseOverwriting(output: string | undefined, inputs: readonly string[]): void {
  const target = output === undefined ? undefined : statSync(output, { throwIfNoEntry: false });
  if (target === undefined || !target.isFile()) return;
  for (const input of inputs) {
    const source = input === '-' ? undefined : statSync(input, { throwIfNoEntry: false });
    if (source !== undefined && source.dev === target.dev && source.ino === target.ino) {
      throw new UsageError(`${output}: expected a file other than the input ${input}`);
    }
  }
}
