/** Finds processes that could still write to a file: what they write after it was replaced would be lost. */
import { type BigIntStats, readdirSync, readFileSync, statSync } from 'node:fs';

/** open(2) on Linux: the access mode, of which 0 is reading only. */
const ACCESS_MODE = 0o3;

export interface OpenWriters {
  /** Processes that have the file open for writing, or mapped so that they can write to it. */
  readonly pids: readonly number[];
  /** Processes whose files could not be looked at: those of other users, for anybody but root. */
  readonly unseen: number;
  /** False where there is no /proc to ask. */
  readonly isKnown: boolean;
}

/** @param file as `stat` tells it */
export function findWriters(file: BigIntStats): OpenWriters {
  const pids: number[] = [];
  let unseen = 0;
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return { pids, unseen, isKnown: false };
  }
  const processes = names.filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of processes) {
    if (pid === process.pid) continue;
    const writes = isWriter(pid, file);
    if (writes === undefined) unseen++;
    else if (writes) pids.push(pid);
  }
  return { pids, unseen, isKnown: processes.length > 0 };
}

/** Undefined when the process does not let itself be looked at. */
function isWriter(pid: number, file: BigIntStats): boolean | undefined {
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    // A process that has ended meanwhile writes no more.
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? false : undefined;
  }
  return descriptors.some((fd) => isOpenForWriting(pid, fd, file)) || isMapped(pid, file);
}

function isOpenForWriting(pid: number, fd: string, file: BigIntStats): boolean {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true });
    if (dev !== file.dev || ino !== file.ino) return false;
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'latin1'))?.[1];
    return flags === undefined || (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0;
  } catch {
    // Closed meanwhile.
    return false;
  }
}

/** A shared mapping that can be written outlives its descriptor: proc(5), /proc/pid/maps. */
function isMapped(pid: number, file: BigIntStats): boolean {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'latin1')
      .split('\n')
      .some((line) => {
        const [, permissions = '', , , inode] = line.split(/\s+/);
        return permissions[1] === 'w' && permissions[3] === 's' && inode === String(file.ino);
      });
  } catch {
    return false;
  }
}
