/**
 * One consistent look at a path and the rotated files beside it. All of them were there under these names at one moment,
 * and the files that need it are open from then on: what is decided by comparing them holds whatever happens meanwhile.
 *
 *     open the path | list beside it | list again, the same | the path still leads there
 *                                    ^ the moment
 */
import { type BigIntStats, closeSync, fstatSync, openSync } from 'node:fs';
import { describeIo } from '../errors.ts';
import { keyOf, olderFirst, rotationSiblings, type Sibling, statOf } from '../sources/rotationNames.ts';

/** How often it is tried while files are renamed. */
const LOOKS = 20;

export class LookedFile implements Sibling {
  readonly path: string;
  readonly stats: BigIntStats;
  readonly isCompressed: boolean;
  readonly isGzip: boolean;
  /** Why it could not be opened, though it was to be. */
  readonly problem: string | undefined;
  #fd: number | undefined;

  constructor(file: Sibling, fd?: number, problem?: string) {
    this.path = file.path;
    this.isCompressed = file.isCompressed;
    this.isGzip = file.isGzip;
    this.problem = problem;
    this.#fd = fd;
    this.stats = fd === undefined ? file.stats : fstatSync(fd, { bigint: true });
  }

  get key(): string {
    return keyOf(this.stats);
  }

  /** Open while the look lasts, or until it is taken. */
  get fd(): number | undefined {
    return this.#fd;
  }

  /** The descriptor is the caller's from now on. */
  take(): number {
    const fd = this.#fd;
    if (fd === undefined) throw new Error('the file is not open');
    this.#fd = undefined;
    return fd;
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

export interface Look {
  /** The file at the path; undefined while there is none. */
  readonly at: LookedFile | undefined;
  /** Rotated files, the oldest first. */
  readonly around: readonly LookedFile[];
}

export function closeLook({ at, around }: Look): void {
  at?.close();
  for (const file of around) file.close();
}

/**
 * @param needsOpening whether a file beside the path is to be compared with others
 * @returns undefined while the folder does not hold still
 */
export function takeLook(path: string, needsOpening: (file: Sibling) => boolean): Look | undefined {
  for (let attempt = 0; attempt < LOOKS; attempt++) {
    const at = openAt(path);
    const siblings = rotationSiblings(path);
    const around = siblings && isStillAt(path, at) ? openAll(siblings, needsOpening) : undefined;
    if (around !== undefined) return { at, around };
    at?.close();
  }
  return undefined;
}

function openAt(path: string): LookedFile | undefined {
  const stats = statOf(path);
  if (stats === undefined) return undefined;
  const file: Sibling = { path, stats, isCompressed: false, isGzip: false };
  return opened(file) ?? new LookedFile(file);
}

function isStillAt(path: string, at: LookedFile | undefined): boolean {
  const stats = statOf(path);
  return stats === undefined ? at === undefined : keyOf(stats) === at?.key;
}

/** @returns undefined when one of them is not there under its name any more */
function openAll(
  siblings: readonly Sibling[],
  needsOpening: (file: Sibling) => boolean,
): LookedFile[] | undefined {
  const files: LookedFile[] = [];
  for (const sibling of siblings) {
    const file = needsOpening(sibling) ? opened(sibling) : new LookedFile(sibling);
    if (file === undefined) {
      for (const one of files) one.close();
      return undefined;
    }
    files.push(file);
  }
  return files.sort(olderFirst);
}

/** @returns undefined when another file is there now, or none */
function opened(file: Sibling): LookedFile | undefined {
  let fd: number;
  try {
    fd = openSync(file.path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return new LookedFile(file, undefined, describeIo(error));
  }
  const found = new LookedFile(file, fd);
  if (found.key === keyOf(file.stats)) return found;
  found.close();
  return undefined;
}

/** Whether a file is just being compressed: when that is done, what it is made of is gone. */
export function isBeingMade({ path, isCompressed }: LookedFile, { around }: Look): boolean {
  const plain = path.replace(/\.[^.]+$/, '');
  return isCompressed && around.some((other) => other.path === plain);
}
