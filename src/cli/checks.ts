/** Checks of the command line that need the file system. */
import { fstatSync, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { STDIN_FD, STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';

/**
 * A file that is read must not be written: it would be empty before its first line is looked at, or, written to at
 * its end, would never end.
 * @param outputs paths, or `-` for standard output; undefined ones are not wanted
 * @param inputs paths, or `-` for standard input
 * @throws UsageError
 */
export function refuseOverwriting(outputs: readonly (string | undefined)[], inputs: readonly string[]): void {
  for (const output of outputs) {
    if (output === undefined) continue;
    const target = statsOf(output, STDOUT_FD);
    if (!target?.isFile()) continue;
    const input = inputs.find((name) => isSameFile(statsOf(name, STDIN_FD), target));
    if (input !== undefined) {
      throw new UsageError(`${shown(output, 'output')}: expected a file other than ${shown(input, 'input')}`);
    }
  }
}

/**
 * Two results in one file would overwrite each other.
 * @param outputs paths, or `-` for standard output; undefined ones are not wanted
 * @throws UsageError
 */
export function refuseSharing(outputs: readonly (string | undefined)[]): void {
  const seen: { readonly path: string; readonly stats: Stats | undefined }[] = [];
  for (const output of outputs) {
    if (output === undefined) continue;
    const path = output === '-' ? output : resolve(output);
    const stats = statsOf(output, STDOUT_FD);
    // Pipes and devices may be shared.
    if (stats?.isFile() ?? output !== '-') {
      if (seen.some((other) => other.path === path || isSameFile(other.stats, stats))) {
        throw new UsageError(`${output}: expected a file for each result, it is named twice`);
      }
      seen.push({ path, stats });
    }
  }
}

export function isSameFile(one: Stats | undefined, other: Stats | undefined): boolean {
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/**
 * Whether an input may go on for ever: anything but a regular file.
 * @param input a path, or `-` for standard input
 */
export function isEndless(input: string): boolean {
  const stats = statsOf(input, STDIN_FD);
  return stats !== undefined && !stats.isFile();
}

/** Undefined for what can't be looked at; opening it will tell why. */
export function statsOf(name: string, standardFd: number): Stats | undefined {
  try {
    return name === '-' ? fstatSync(standardFd) : statSync(name);
  } catch {
    return undefined;
  }
}

function shown(name: string, kind: 'input' | 'output'): string {
  return name === '-' ? `standard ${kind}` : kind === 'input' ? `the input ${name}` : name;
}
