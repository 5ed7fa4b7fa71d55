/**
 * Patterns for paths: `*` and `?` within a name, `**` across folders, `[a-z]`, `{a,b}`. Matched along one walk that
 * reports what it can't read; the packages there are pass over unreadable folders in silence.
 */
import { UsageError } from '../errors.ts';

const MAGIC = /[*?[{]/;
const LONGEST_PATTERN = 1024;

export function isGlob(text: string): boolean {
  return MAGIC.test(text);
}

/** The folder that everything a pattern matches lies in: `logs` of `logs/2026-*` + `/app.log`. */
export function staticFolder(pattern: string): string {
  const parts = pattern.split('/');
  const magic = parts.findIndex(isGlob);
  const folder = parts.slice(0, magic === -1 ? parts.length - 1 : magic).join('/');
  if (folder === '') return pattern.startsWith('/') ? '/' : '.';
  return folder;
}

/** @throws UsageError for a pattern that is not closed */
export function globPattern(pattern: string): RegExp {
  if (pattern.length > LONGEST_PATTERN)
    throw new UsageError(`a pattern of more than ${LONGEST_PATTERN} characters`);
  let source = '';
  let depth = 0;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string;
    if (char === '*') {
      const isDeep = pattern[at + 1] === '*';
      if (!isDeep) source += '[^/]*';
      else if (pattern[at + 2] === '/') {
        source += '(?:[^/]+/)*';
        at += 2;
      } else {
        source += '.*';
        at += 1;
      }
    } else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 2);
      if (end === -1) throw unclosed(pattern);
      const inner = pattern
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')
        .replaceAll('[', '\\[');
      source += `(?!/)[${inner}]`;
      at = end;
    } else if (char === '{') {
      depth++;
      source += '(?:';
    } else if (char === '}' && depth > 0) {
      depth--;
      source += ')';
    } else if (char === ',' && depth > 0) source += '|';
    else source += char.replace(/[.+^${}()|[\]\\]/, '\\$&');
  }
  if (depth > 0) throw unclosed(pattern);
  try {
    return new RegExp(`^(?:${source})$`, 's');
  } catch {
    throw unclosed(pattern);
  }
}

function unclosed(pattern: string): UsageError {
  return new UsageError(
    `\`${pattern}\`: expected a pattern such as \`**/*.log\`; a bracket or brace is not as it should be`,
  );
}

/**
 * Whether a path is meant: a pattern without a slash means names at any depth, one with a slash paths from the folder
 * asked for, or whole paths.
 */
export class PathMatcher {
  readonly #names: readonly RegExp[];
  readonly #paths: readonly RegExp[];

  /** @throws UsageError */
  constructor(patterns: readonly string[]) {
    const trimmed = patterns.map((pattern) => pattern.replace(/^\.\//, '').replace(/(.)\/$/, '$1'));
    this.#names = trimmed.filter((pattern) => !pattern.includes('/')).map(globPattern);
    this.#paths = trimmed.filter((pattern) => pattern.includes('/')).map(globPattern);
  }

  get isEmpty(): boolean {
    return this.#names.length === 0 && this.#paths.length === 0;
  }

  /**
   * @param below path from the folder asked for
   * @param path whole path, as it was given
   */
  matches(name: string, below: string, path: string): boolean {
    return (
      this.#names.some((pattern) => pattern.test(name)) ||
      this.#paths.some((pattern) => pattern.test(below) || pattern.test(path))
    );
  }
}
