/**
 * The logs that are current: what the patterns match, newest first. What can't be looked at is told, never passed over:
 * an unread log is not a clean one.
 */
import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { globPattern, isGlob, staticFolder } from '../../audit/glob.ts';
import { describeIo } from '../../errors.ts';
import type { Deployment } from '../deployment.ts';

export interface LogFile {
  /** As the pattern has it. */
  readonly path: string;
  /** Where its links lead; this is opened. */
  readonly target: string;
  readonly size: number;
  readonly modifiedMs: number;
}

/** What can't be looked at, and why. */
export interface Gap {
  readonly path: string;
  readonly reason: string;
}

export interface LogList {
  /** Written to lately; the newest alone where none was, newest first. */
  readonly current: readonly LogFile[];
  /** How many match, older ones included. */
  readonly all: number;
  /** Whether none was written to lately. */
  readonly isStale: boolean;
  readonly gaps: readonly Gap[];
}

/** Deeper folders are not where logs are; ends a walk through links. */
const DEEPEST = 32;
const COMPRESSED = /\.(?:gz|zst|xz|bz2|zip|tgz)$/i;

export async function listLogs(deployment: Deployment, now = Date.now()): Promise<LogList> {
  const { logs = [], thresholds, limits } = deployment;
  const gaps: Gap[] = [];
  const found = new Map<string, LogFile>();
  for (const pattern of logs) {
    const before = found.size + gaps.length;
    for await (const path of expand(pattern, gaps)) await take(path, pattern, deployment, found, gaps);
    if (found.size + gaps.length === before && !(await hasMatch(pattern))) {
      gaps.push({ path: pattern, reason: isGlob(pattern) ? 'no file matches' : 'no such file' });
    }
  }
  const files = [...found.values()].sort((a, b) => b.modifiedMs - a.modifiedMs);
  const recent = files.filter(({ modifiedMs }) => now - modifiedMs <= thresholds.logAge);
  const current = recent.length > 0 ? recent : files.slice(0, 1);
  for (const { path } of current.slice(limits.logFiles)) {
    gaps.push({ path, reason: `more than ${limits.logFiles} logs (\`limits.logFiles\`)` });
  }
  return {
    current: current.slice(0, limits.logFiles),
    all: files.length,
    isStale: recent.length === 0 && files.length > 0,
    gaps,
  };
}

/** Another pattern may have named all that this one matches. */
async function hasMatch(pattern: string): Promise<boolean> {
  for await (const path of expand(pattern, [])) if (!COMPRESSED.test(path)) return true;
  return false;
}

async function take(
  path: string,
  pattern: string,
  deployment: Deployment,
  found: Map<string, LogFile>,
  gaps: Gap[],
): Promise<void> {
  // Compressed logs are of the past, and work for `logveil audit`.
  if (isGlob(pattern) && COMPRESSED.test(path)) return;
  try {
    const target = await realpath(path);
    const stats = await stat(target);
    if (isGlob(pattern) && stats.isDirectory()) return;
    if (!stats.isFile()) gaps.push({ path, reason: kindOf(stats) });
    else if (!(await isInside(target, pattern, deployment))) {
      gaps.push({ path, reason: 'its link leads out of the folder (`deployment.followLinks` allows it)' });
    } else {
      // One file under two names is one log.
      const id = `${stats.dev}:${stats.ino}`;
      if (!found.has(id)) found.set(id, { path, target, size: stats.size, modifiedMs: stats.mtimeMs });
    }
  } catch (error) {
    gaps.push({ path, reason: describeIo(error) });
  }
}

function kindOf(stats: Stats): string {
  return stats.isDirectory() ? 'it is a folder; name the files in it' : 'it is no regular file';
}

/**
 * Whoever may write in a folder of logs could else have this process, which often has more rights, read any file for
 * them: what it tells about it is little, but not nothing.
 */
async function isInside(target: string, pattern: string, deployment: Deployment): Promise<boolean> {
  if (deployment.followLinks) return true;
  for (const folder of [staticFolder(pattern), deployment.folder]) {
    if (folder === undefined) continue;
    const real = await realpath(folder).catch(() => folder);
    if (target.startsWith(real.endsWith(sep) ? real : real + sep)) return true;
  }
  return false;
}

/** Paths that exist and match; folders that can't be listed become gaps. */
async function* expand(pattern: string, gaps: Gap[]): AsyncGenerator<string> {
  // A file that is really called so is meant by its name.
  if (!isGlob(pattern) || (await exists(pattern))) {
    if (await exists(pattern)) yield pattern;
    return;
  }
  const start = staticFolder(pattern);
  const rest = start === '/' ? pattern.slice(1) : pattern.slice(start.length).replace(/^\/+/, '');
  yield* below(start, (start === '.' ? pattern : rest).split('/'), gaps, 0);
}

async function* below(
  folder: string,
  segments: readonly string[],
  gaps: Gap[],
  depth: number,
): AsyncGenerator<string> {
  const [segment = '', ...rest] = segments;
  if (depth > DEEPEST) return;
  if (segment === '**' && rest.length > 0) yield* below(folder, rest, gaps, depth + 1);
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    gaps.push({ path: folder, reason: describeIo(error) });
    return;
  }
  const wanted = globPattern(segment);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (segment === '**') {
      if (entry.isDirectory()) yield* below(path, segments, gaps, depth + 1);
      else if (rest.length === 0) yield path;
    } else if (wanted.test(entry.name)) {
      if (rest.length === 0) yield path;
      else if (entry.isDirectory() || entry.isSymbolicLink()) yield* below(path, rest, gaps, depth + 1);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}
