/**
 * Lists the files to audit below the paths given, folders in the order of their names. What can't be looked at is
 * reported, never passed over in silence: an unread file is not a clean file.
 */
import { type Dirent, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describeIo } from '../errors.ts';

export type Found =
  | { readonly kind: 'file'; readonly path: string }
  /** Should have been looked at. `reason` is for people. */
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }
  /** Holds no bytes of this folder: a link, a socket. Told, but no gap in the audit. */
  | { readonly kind: 'passed-over'; readonly path: string; readonly reason: string };

/** Files and what is left out, with the reason. Symbolic links below a folder are left out: they lead to loops. */
export function* walk(paths: readonly string[]): Generator<Found> {
  for (const path of paths) {
    try {
      const stats = statSync(path);
      if (stats.isDirectory()) yield* walkFolder(path);
      else if (stats.isFile()) yield { kind: 'file', path };
      else yield { kind: 'skipped', path, reason: 'it is no regular file' };
    } catch (error) {
      yield { kind: 'skipped', path, reason: describeIo(error) };
    }
  }
}

/** Without recursion: folders may be nested deeper than the stack. */
function* walkFolder(root: string): Generator<Found> {
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    let entries: Dirent[];
    try {
      entries = readdirSync(folder, { withFileTypes: true });
    } catch (error) {
      yield { kind: 'skipped', path: folder, reason: describeIo(error) };
      continue;
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const folders: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const found = classify(path);
      if (found === 'folder') folders.push(path);
      else yield found;
    }
    waiting.push(...folders.reverse());
  }
}

function classify(path: string): Found | 'folder' {
  try {
    const stats = lstatSync(path);
    if (stats.isDirectory()) return 'folder';
    if (stats.isFile()) return { kind: 'file', path };
    return {
      kind: 'passed-over',
      path,
      reason: stats.isSymbolicLink() ? 'it is a symbolic link' : 'it is no regular file',
    };
  } catch (error) {
    return { kind: 'skipped', path, reason: describeIo(error) };
  }
}
