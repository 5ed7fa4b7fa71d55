/**
 * Keeps two processes from writing to one file, which would tear their lines: a file beside it holds the writer's
 * process id. One that was left by a process that is gone counts for nothing.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { IoError } from '../errors.ts';
import { OWNER_ONLY } from './ownerOnly.ts';

/**
 * @param path of the file to be written
 * @returns what gives the file free again
 * @throws IoError when another process writes to it
 */
export function takeExclusively(path: string): () => void {
  const lock = `${path}.lock`;
  for (let isRetry = false; ; isRetry = true) {
    try {
      writeFileSync(lock, `${process.pid}\n`, { flag: 'wx', mode: OWNER_ONLY });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      // Where no file can be made at all, opening the file itself says so best.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return () => {};
      const writer = writerOf(lock);
      if (writer !== undefined || isRetry) {
        throw new IoError(
          `${path}: process ${writer ?? 'unknown'} writes to it; give each process a file of its own`,
        );
      }
      rmSync(lock, { force: true });
    }
  }
}

/** The process that holds the lock, undefined when it is gone. */
function writerOf(lock: string): number | undefined {
  try {
    const pid = Number(readFileSync(lock, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Somebody else's process lives, but is not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? Number(readFileSync(lock, 'utf8')) : undefined;
  }
}
