/**
 * Lists the files of an audit below the paths given, folders in the order of their names. What can't be looked at, and
 * what was asked to be left out, is listed with the reason, never passed over in silence: an unread file is not a clean
 * file.
 */
import { createHash } from 'node:crypto';
import { type Dirent, lstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { describeIo } from '../errors.ts';
import { globPattern, isGlob, PathMatcher, staticFolder } from './glob.ts';
import type { FileState } from './result.ts';

/** What to list. Times in milliseconds since 1970, sizes in bytes. */
export interface ListingOptions {
  readonly paths: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly minSize?: number;
  readonly maxSize?: number;
  /** By the file's time: the last change not before, and before. */
  readonly changedFromMs?: number;
  readonly changedUntilMs?: number;
  /** Share of the files, drawn by their paths; 1 for all. */
  readonly sample: number;
  /** Whether symbolic links below a folder are followed. */
  readonly follows: boolean;
  /** Files this very audit writes. */
  readonly isOwn: (stats: Stats) => boolean;
}

/** One line of the plan. */
export interface Listed {
  readonly path: string;
  /** Folder it was found from; its own path when it was named itself. */
  readonly root: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** `file` and `stream` are to be searched; all others are not, for the reason. */
  readonly kind: 'file' | 'stream' | Extract<FileState, 'unreadable' | 'filtered' | 'passed-over'>;
  readonly reason?: string;
}

/** The name of standard input among paths. */
const STDIN = '-';
const DRAW_DIGITS = 8;

/** @throws UsageError for a pattern that is none */
export function* listFiles(options: ListingOptions): Generator<Listed> {
  yield* new Lister(options).run();
}

class Lister {
  readonly #options: ListingOptions;
  readonly #include: PathMatcher;
  readonly #exclude: PathMatcher;
  /** Folders and files by device and number, where one could be come to twice. */
  readonly #seen = new Set<string>();
  readonly #tracks: boolean;

  constructor(options: ListingOptions) {
    this.#options = options;
    this.#include = new PathMatcher(options.include);
    this.#exclude = new PathMatcher(options.exclude);
    this.#tracks = options.follows || options.paths.length > 1;
  }

  *run(): Generator<Listed> {
    for (const path of this.#options.paths) {
      if (path === STDIN) {
        yield { path, root: path, size: 0, modifiedMs: 0, kind: 'stream' };
        continue;
      }
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined && isGlob(path)) yield* this.#matching(path);
      else yield* this.#named(path);
    }
  }

  *#matching(pattern: string): Generator<Listed> {
    const wanted = globPattern(pattern);
    let count = 0;
    for (const listed of this.#folder(staticFolder(pattern))) {
      if (listed.kind !== 'unreadable' && !wanted.test(listed.path)) continue;
      count++;
      yield listed;
    }
    if (count === 0) yield left(pattern, pattern, 'unreadable', 'no file matches the pattern');
  }

  *#named(path: string): Generator<Listed> {
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) yield* this.#folder(path);
      else if (stats.isFile()) yield this.#file(path, path, stats);
      else if (stats.isFIFO()) yield { path, root: path, size: 0, modifiedMs: 0, kind: 'stream' };
      else yield left(path, path, 'unreadable', 'it is no regular file');
    } catch (error) {
      yield left(path, path, 'unreadable', describeIo(error));
    }
  }

  /** Without recursion: folders may be nested deeper than the stack. */
  *#folder(root: string): Generator<Listed> {
    const waiting = [root];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      let entries: Dirent[];
      try {
        entries = readdirSync(folder, { withFileTypes: true });
      } catch (error) {
        yield left(folder, root, 'unreadable', describeIo(error));
        continue;
      }
      entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      const folders: string[] = [];
      for (const { name } of entries) {
        // A file named `-` must not be taken for standard input.
        const joined = join(folder, name);
        const path = joined === STDIN ? `./${STDIN}` : joined;
        const found = this.#entry(path, name, root);
        if (found === 'folder') folders.push(path);
        else yield found;
      }
      waiting.push(...folders.reverse());
    }
  }

  #entry(path: string, name: string, root: string): Listed | 'folder' {
    try {
      const below = relative(root, path);
      let stats = lstatSync(path);
      if (this.#exclude.matches(name, below, path)) {
        return { ...left(path, root, 'filtered', 'excluded'), ...(stats.isFile() && factsOf(stats)) };
      }
      if (stats.isSymbolicLink()) {
        if (!this.#options.follows) return left(path, root, 'passed-over', 'it is a symbolic link');
        stats = statSync(path);
      }
      if (stats.isDirectory()) {
        return this.#isNew(stats)
          ? 'folder'
          : left(path, root, 'passed-over', 'its links lead in a circle, or twice to one folder');
      }
      if (stats.isFile()) return this.#file(path, root, stats);
      return left(path, root, 'passed-over', 'it is no regular file');
    } catch (error) {
      return left(path, root, 'unreadable', describeIo(error));
    }
  }

  #file(path: string, root: string, stats: Stats): Listed {
    const { minSize, maxSize, changedFromMs, changedUntilMs, sample, isOwn } = this.#options;
    const facts = factsOf(stats);
    const below = relative(root, path);
    const leave = (kind: 'filtered' | 'passed-over', reason: string): Listed => ({
      ...left(path, root, kind, reason),
      ...facts,
    });
    if (isOwn(stats))
      return { ...left(path, root, 'passed-over', 'this audit writes it'), modifiedMs: facts.modifiedMs };
    if (!this.#include.isEmpty && !this.#include.matches(basename(path), below, path))
      return leave('filtered', 'not included');
    if (path === root && this.#exclude.matches(basename(path), path, path))
      return leave('filtered', 'excluded');
    if (minSize !== undefined && stats.size < minSize) return leave('filtered', 'smaller than --min-size');
    if (maxSize !== undefined && stats.size > maxSize) return leave('filtered', 'larger than --max-size');
    if (changedFromMs !== undefined && stats.mtimeMs < changedFromMs)
      return leave('filtered', 'last changed before the time asked for');
    if (changedUntilMs !== undefined && stats.mtimeMs >= changedUntilMs)
      return leave('filtered', 'last changed after the time asked for');
    if (sample < 1 && draw(path) >= sample) return leave('filtered', 'not drawn with --sample');
    if (!this.#isNew(stats)) return leave('passed-over', 'it is listed already');
    return { path, root, kind: 'file', ...facts };
  }

  #isNew(stats: Stats): boolean {
    if (!this.#tracks) return true;
    const name = `${stats.dev}:${stats.ino}`;
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    return true;
  }
}

function left(
  path: string,
  root: string,
  kind: Exclude<Listed['kind'], 'file' | 'stream'>,
  reason: string,
): Listed {
  return { path, root, size: 0, modifiedMs: 0, kind, reason };
}

function factsOf(stats: Stats): { readonly size: number; readonly modifiedMs: number } {
  return { size: stats.size, modifiedMs: Math.floor(stats.mtimeMs) };
}

/** A number in [0, 1) that depends on the path only, so that a repeated audit draws the same files. */
function draw(path: string): number {
  const digits = createHash('sha256').update(path).digest('hex').slice(0, DRAW_DIGITS);
  return Number.parseInt(digits, 16) / 16 ** DRAW_DIGITS;
}
