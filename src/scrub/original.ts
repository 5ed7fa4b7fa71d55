/** The file that is to be rewritten: opened so that nothing about it changes, and held to what may be rewritten. */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { describeIo } from '../errors.ts';
import { isWorkingName, leftoversOf } from './leftovers.ts';
import { findWriters } from './openWriters.ts';

export interface ScrubPolicy {
  /** Rewrite the file a named symbolic link leads to; the link stays. Refused otherwise. */
  readonly followLinks: boolean;
  /** Rewrite under this name only, other names of a file keep the old bytes. Refused otherwise. */
  readonly breakHardLinks: boolean;
  /** Rewrite also what another process has open for writing, and what looks binary. */
  readonly force: boolean;
}

/** The file is left as it is; the message says why and what can be done, without its name. */
export class Refused extends Error {}

export interface Original {
  /** Where the file is, symbolic links followed. */
  readonly path: string;
  readonly fd: number;
  /** As it was when it was opened. */
  readonly stats: BigIntStats;
  /** What could not be checked, for people. */
  readonly notes: readonly string[];
}

/**
 * Opens a file for rewriting.
 * @param isWritten whether it will be rewritten; a dry run only looks
 * @throws Refused
 */
export function openOriginal(given: string, policy: ScrubPolicy, isWritten: boolean): Original {
  if (isWorkingName(given)) throw new Refused('it belongs to another run of logveil that is at work');
  const path = targetOf(given, policy);
  const leftovers = attempt(() => leftoversOf(path));
  if (isWritten) attempt(() => removeAll(leftovers));
  const fd = attempt(() => openQuietly(path));
  try {
    const stats = fstatSync(fd, { bigint: true });
    if (!stats.isFile()) throw new Refused('it is no regular file');
    const names = stats.nlink - (isWritten ? 0n : secondNames(leftovers, stats));
    if (names > 1n && !policy.breakHardLinks) {
      throw new Refused(
        `it has ${names} names (hard links), and the others would keep the old bytes; ` +
          '--break-hard-links rewrites this name alone',
      );
    }
    return { path, fd, stats, notes: policy.force ? [] : refuseOpenForWriting(stats) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * @returns what could not be checked
 * @throws Refused when another process can write to it
 */
export function refuseOpenForWriting(stats: BigIntStats): string[] {
  const { pids, unseen, isKnown } = findWriters(stats);
  if (pids.length > 0) {
    throw new Refused(
      `process ${pids.join(', ')} has it open for writing; stop or rotate it first, ` +
        'or use --force and lose what it writes from then on',
    );
  }
  if (!isKnown) return ['whether another process writes to it is not known: this system has no /proc'];
  return unseen > 0
    ? ['whether processes of other users write to it is not known: only root can see that']
    : [];
}

/**
 * @param isRenamed whether it lost its name since: that changes ctime, too
 * @returns whether somebody wrote to the file since it was opened
 */
export function isTouched({ fd, stats }: Original, isRenamed: boolean): boolean {
  const now = fstatSync(fd, { bigint: true });
  if (now.size !== stats.size || now.mtimeNs !== stats.mtimeNs) return true;
  return !isRenamed && now.ctimeNs !== stats.ctimeNs;
}

/** Whether the name still leads to the file that was opened. */
export function isInPlace({ path, stats }: Original): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return now !== undefined && now.dev === stats.dev && now.ino === stats.ino;
}

function removeAll(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}

/** How many of the names are one more of the file itself. */
function secondNames(paths: readonly string[], { dev, ino }: BigIntStats): bigint {
  const same = paths.filter((path) => {
    const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.ino === ino && stats.dev === dev;
  });
  return BigInt(same.length);
}

function targetOf(given: string, policy: ScrubPolicy): string {
  const isLink = attempt(() => lstatSync(given)).isSymbolicLink();
  if (!isLink) return given;
  if (!policy.followLinks) {
    throw new Refused('it is a symbolic link; name the file itself, or use --follow-symlinks');
  }
  return attempt(() => realpathSync(given));
}

/** Not even the time of the last access changes, where the system lets us: open(2), O_NOATIME is for owner and root. */
function openQuietly(path: string): number {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return openSync(path, flags | (constants.O_NOATIME ?? 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return openSync(path, flags);
  }
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Refused(`it can't be opened: ${describeIo(error)}`, { cause: error });
  }
}
