/** Turns what was asked to be followed into paths, again and again: files come and go. */
import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { globSync, isDynamicPattern } from 'tinyglobby';

export class PathPatterns {
  readonly #literal: string[] = [];
  readonly #globs: string[] = [];

  /** @param patterns paths, or globs (`*`, `**`, `?`, `[...]`, `{a,b}`); relative to the working directory */
  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) {
      // A file that is really called so is meant by its name.
      if (!isDynamicPattern(pattern) || existsSync(pattern)) this.#literal.push(resolve(pattern));
      else this.#globs.push(isAbsolute(pattern) ? pattern : resolve(pattern));
    }
  }

  /** Absolute paths without duplicates, sorted; those given by name also while they do not exist. */
  expand(): string[] {
    const found = this.#globs.length === 0 ? [] : globSync(this.#globs, { absolute: true, dot: false });
    return [...new Set([...this.#literal, ...found])].sort();
  }

  /** Whether a path was given by its name. */
  isNamed(path: string): boolean {
    return this.#literal.includes(path);
  }

  /** Whether another name in the folder of a path that matches would match too. */
  wouldMatch(name: string): boolean {
    return this.#globs.some(
      (glob) => expressionOf(glob.slice(glob.lastIndexOf('/') + 1))?.test(name) === true,
    );
  }

  /** Folders in which a change means that something may have appeared, as far as the patterns name them. */
  folders(): string[] {
    const before = (glob: string): string =>
      glob.slice(0, glob.search(/[*?[{(!]/)).replace(/\/[^/]*$/, '') || '/';
    const folders = [...this.#literal.map((path) => resolve(path, '..')), ...this.#globs.map(before)];
    return [...new Set(folders)];
  }
}

/** Of the last part of a glob; undefined where it has more than `*`, `?`, `[...]` and `{a,b}`. */
function expressionOf(glob: string): RegExp | undefined {
  if (/[!()@+\\]/.test(glob)) return undefined;
  const text = glob
    .replace(/[.^$|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
    .replace(/\{([^{}]*)\}/g, (_, names: string) => `(?:${names.replaceAll(',', '|')})`);
  try {
    return new RegExp(`^${text}$`, 's');
  } catch {
    return undefined;
  }
}
