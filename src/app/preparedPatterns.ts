/**
 * What the kernel has to know of the patterns that ship, worked out when logveil is built: analysing some three hundred
 * patterns takes a second, reading the result some milliseconds. Patterns are found by their source, so those of other
 * rules are simply not there and are analysed at start.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREPARED_VERSION, type PreparedPattern, preparePattern } from '../kernel/prepare.ts';
import type { CompiledRules } from '../rules/compile.ts';
import { packageRoot } from '../rules/packs.ts';

interface PreparedFile {
  readonly version: number;
  /** By source. */
  readonly patterns: Readonly<Record<string, PreparedPattern>>;
}

/** Where the build puts them. */
export function preparedPatternsPath(): string {
  return join(packageRoot(), 'dist', 'patterns.json');
}

/** The JSON to ship for all patterns of the rules. */
export function preparePatterns(rules: CompiledRules): string {
  const sources = [...rules.patterns, ...rules.closerLook].map(({ source }) => source);
  const patterns = Object.fromEntries(sources.map((source) => [source, preparePattern(source)]));
  const file: PreparedFile = { version: PREPARED_VERSION, patterns };
  return JSON.stringify(file);
}

/** @returns by source; empty where there are none, or where they were made by another version */
export function readPreparedPatterns(): ReadonlyMap<string, PreparedPattern> {
  const path = preparedPatternsPath();
  if (!existsSync(path)) return new Map();
  const file = JSON.parse(readFileSync(path, 'utf8')) as PreparedFile;
  return new Map(file.version === PREPARED_VERSION ? Object.entries(file.patterns) : []);
}
