/**
 * Gives a new file what the old one has beside its bytes: owner, group, mode, access list, times, extended attributes.
 * Node can't read the last; GNU `cp` can, on every Linux with coreutils, and keeps times to the nanosecond.
 */
import { spawnSync } from 'node:child_process';
import { type BigIntStats, fchmodSync, fchownSync, fstatSync, futimesSync } from 'node:fs';

const PERMISSIONS = 0o7777n;
const SET_ID = 0o6000n;
const GROUP_AND_OTHERS = 0o077n;
const NANOSECONDS = 1_000_000_000;

/**
 * @param fd the new file, open, readable by its owner only
 * @param from the old file's stats
 * @returns what could not be kept, in words for people; empty when all of it was
 * @throws the system's error when the mode can't be set
 */
export function keepAttributes(path: string, from: BigIntStats, newPath: string, fd: number): string[] {
  const lost: string[] = [];
  const isOwned = keepOwner(fd, from);
  if (!isOwned) lost.push(`owner and group (${from.uid}:${from.gid})`);
  // The setting of an owner takes the set-id bits away, so modes come after it.
  const isCopied = copyWithCp(path, newPath, isOwned);
  if (!isCopied) {
    lost.push(
      'extended attributes and access lists (this system has no `cp --attributes-only`, or it failed)',
    );
    futimesSync(fd, Number(from.atimeNs) / NANOSECONDS, Number(from.mtimeNs) / NANOSECONDS);
  }
  const mode = from.mode & PERMISSIONS;
  if (isOwned) {
    fchmodSync(fd, Number(mode));
  } else {
    // Another group must not get what was allowed to the old one, and nobody else's rights are taken on.
    const kept = mode & ~SET_ID & ~GROUP_AND_OTHERS;
    fchmodSync(fd, Number(kept));
    if (kept !== mode) lost.push(`mode ${octal(mode)} (now ${octal(kept)})`);
  }
  return lost;
}

function keepOwner(fd: number, from: BigIntStats): boolean {
  const { uid, gid } = fstatSync(fd, { bigint: true });
  if (uid === from.uid && gid === from.gid) return true;
  try {
    fchownSync(fd, Number(from.uid), Number(from.gid));
    return true;
  } catch {
    return false;
  }
}

function copyWithCp(path: string, newPath: string, withMode: boolean): boolean {
  const what = withMode ? 'mode,timestamps,xattr' : 'timestamps,xattr';
  const { status } = spawnSync(
    'cp',
    ['--attributes-only', `--preserve=${what}`, '--no-target-directory', '--', path, newPath],
    { stdio: 'ignore' },
  );
  return status === 0;
}

function octal(mode: bigint): string {
  return mode.toString(8).padStart(4, '0');
}
