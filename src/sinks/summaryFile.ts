/** Writes the summary: whole or not at all, readable by its owner only. */
import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describeIo, IoError } from '../errors.ts';
import type { Summary } from '../findings/summary.ts';

const OWNER_ONLY = 0o600;

/**
 * A reader never sees half a summary: it is written beside the file and renamed over it. A pipe or a device is
 * written to directly.
 * @throws IoError
 */
export function writeSummary(path: string, summary: Summary): void {
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    if (isSpecial(path)) {
      writeFileSync(path, text);
      return;
    }
    writeFileSync(temporary, text, { mode: OWNER_ONLY, flag: 'wx', flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new IoError(`${path}: the summary can't be written: ${describeIo(error)}`, { cause: error });
  }
}

function isSpecial(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}
