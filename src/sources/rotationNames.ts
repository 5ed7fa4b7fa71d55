/**
 * Which names a rotated log gets, by the habits of logrotate (logrotate(8): numbers, `dateext`, `extension`), of log4j
 * and logback, and of people: `app.log.1`, `app.log-20261122`, `app.log.1.gz`, `app-20261122.log`, `app.1.log`,
 * `app.log.old`.
 */
import { type BigIntStats, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';

const COMPRESSED = /\.(?:gz|bz2|xz|zst|Z)$/;
const GZIP = /\.gz$/;
/** What stands between the name and what follows it. */
const MARK = /^[.\-_](?:\d[\d.\-_T:Z]*|old|bak|prev|orig|save)$/i;

/** A file that may hold what a followed file once held. */
export interface Sibling {
  readonly path: string;
  readonly stats: BigIntStats;
  readonly isCompressed: boolean;
  /** Whether it is compressed in the one way that is read here. */
  readonly isGzip: boolean;
}

export function isCompressedName(name: string): boolean {
  return COMPRESSED.test(name);
}

/** Whether `name` is one that a rotation gives to a file that was `base`. */
export function isRotationName(name: string, base: string): boolean {
  const plain = name.replace(COMPRESSED, '');
  if (plain === base) return plain !== name;
  if (plain.startsWith(base) && MARK.test(plain.slice(base.length))) return true;
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  if (extension === '' || !plain.startsWith(stem) || !plain.endsWith(extension)) return false;
  return MARK.test(plain.slice(stem.length, plain.length - extension.length));
}

/**
 * @returns the name of the file that one of such a name was rotated from, where that is plain: `app.log` of `app.log.1`;
 * `server-1` may as well be the log of a first server
 */
export function rotatedFrom(name: string): string | undefined {
  const [, base, mark = ''] =
    /^(.+\.[A-Za-z]+)([.\-_][\dA-Za-z].*)$/.exec(name.replace(COMPRESSED, '')) ?? [];
  return base !== undefined && MARK.test(mark) ? base : undefined;
}

/** How often a folder is looked at again that changes meanwhile. */
const LOOKS = 10;

/**
 * Rotated forms of the file at `path`, which need not exist, from its folder; unordered. A rotation that renames files
 * while they are listed would hide some and show others under a name they had: the list is made until two are the same.
 * All files of such a list had these names at one moment, the one between the two.
 * @returns undefined when the folder did not hold still
 */
export function rotationSiblings(path: string): Sibling[] | undefined {
  let siblings = listSiblings(path);
  for (let look = 1; look < LOOKS; look++) {
    const again = listSiblings(path);
    if (isSameList(siblings, again)) return again;
    siblings = again;
  }
  return undefined;
}

function isSameList(some: readonly Sibling[], others: readonly Sibling[]): boolean {
  if (some.length !== others.length) return false;
  const keys = new Map(some.map((one) => [one.path, keyOf(one.stats)]));
  return others.every((one) => keys.get(one.path) === keyOf(one.stats));
}

function listSiblings(path: string): Sibling[] {
  const real = realPathOf(path);
  const folder = dirname(real);
  const base = basename(real);
  const siblings: Sibling[] = [];
  const names = namesIn(folder).filter((name) => isRotationName(name, base));
  // Each file system has an order of its own.
  for (const name of names.sort()) {
    const stats = statOf(join(folder, name));
    if (stats === undefined) continue;
    siblings.push({
      path: join(folder, name),
      stats,
      isCompressed: COMPRESSED.test(name),
      isGzip: GZIP.test(name),
    });
  }
  return siblings;
}

/** Of a regular file, also behind a symbolic link; undefined for all else, and for what can't be looked at. */
export function statOf(path: string): BigIntStats | undefined {
  try {
    const stats = statSync(path, { bigint: true });
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** Where symbolic links lead; the path itself while nothing is there. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Device and inode, as one text. */
export function keyOf(stats: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${stats.dev}:${stats.ino}`;
}

/**
 * The order in which files were left: by the time of their last bytes. Copies and files of one tick of the kernel's
 * clock can have the same: then a greater number is an older file (logrotate(8)), and an earlier date too.
 */
export function olderFirst(some: Sibling, other: Sibling): number {
  if (some.stats.mtimeNs !== other.stats.mtimeNs) return some.stats.mtimeNs < other.stats.mtimeNs ? -1 : 1;
  const [one = '', two = ''] = [some, other].map(({ path }) => basename(path).replace(COMPRESSED, ''));
  const [count, otherCount] = [one, two].map((name) => /[.\-_](\d{1,4})$/.exec(name)?.[1]);
  if (count !== undefined && otherCount !== undefined) return Number(otherCount) - Number(count);
  return one < two ? -1 : 1;
}
