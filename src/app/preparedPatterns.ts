/**
 * What the kernel has to know of the patterns that ship, worked out when logveil is built: analysing some hundred patterns
 * takes a second. For the packs that are used most there is an image of the laid-out engine; for other lists of patterns
 * each pattern is found by its source, and those that don't ship are analysed at start.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PatternSpec } from '../engine/engine.ts';
import { KernelEngine, type KernelOptions } from '../kernel/engine.ts';
import { imageKey, readImage, writeImage } from '../kernel/image.ts';
import { PREPARED_VERSION, type PreparedPattern, preparePattern } from '../kernel/prepare.ts';
import type { CompiledRules } from '../rules/compile.ts';
import { packageRoot } from '../rules/packs.ts';

interface PreparedFile {
  readonly version: number;
  /** By source. */
  readonly patterns: Readonly<Record<string, PreparedPattern>>;
}

const KEY_DIGITS = 16;

/** All patterns the kernel searches for these rules. */
export function kernelPatterns(rules: CompiledRules): PatternSpec[] {
  return [...rules.patterns, ...rules.closerLook];
}

/** Where the build puts what it knows of single patterns. */
export function preparedPatternsPath(): string {
  return join(packageRoot(), 'dist', 'patterns.json');
}

/** Where the build puts the image for a list of patterns. */
export function imagePath(specs: readonly PatternSpec[]): string {
  return join(packageRoot(), 'dist', `kernel-${imageKey(specs).slice(0, KEY_DIGITS)}.img`);
}

/** The JSON to ship for all patterns of the rules. */
export function preparePatterns(rules: CompiledRules): string {
  const patterns = Object.fromEntries(
    kernelPatterns(rules).map(({ source }) => [source, preparePattern(source)]),
  );
  const file: PreparedFile = { version: PREPARED_VERSION, patterns };
  return JSON.stringify(file);
}

/** The image to ship for a list of patterns. */
export function prepareImage(specs: readonly PatternSpec[]): Buffer {
  return writeImage(specs, new KernelEngine(specs, { keepsImage: true }).image);
}

/** What the build knows of single patterns, by their source; nothing where it was made by another version. */
export function readPreparedPatterns(): Readonly<Record<string, PreparedPattern>> {
  const path = preparedPatternsPath();
  if (!existsSync(path)) return {};
  const { version, patterns } = JSON.parse(readFileSync(path, 'utf8')) as PreparedFile;
  return version === PREPARED_VERSION ? patterns : {};
}

/**
 * What the build has left for these patterns; nothing where it was made by another version, is damaged, or there is
 * none.
 */
export function readPrepared(specs: readonly PatternSpec[]): KernelOptions {
  const file = imagePath(specs);
  const image = existsSync(file) ? readImage(specs, readFileSync(file)) : undefined;
  if (image !== undefined) return { image };
  const patterns = readPreparedPatterns();
  return { prepared: specs.map(({ source }) => patterns[source]) };
}
