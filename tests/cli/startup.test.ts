/** What takes long to load is loaded only where it is needed, and settings mean the same without it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { checkSettings } from '../../src/config/check.ts';
import { acceptPlainly } from '../../src/config/plain.ts';
import type { Config } from '../../src/config/schema.ts';
import { CLI } from '../support/cli.ts';

const IMPORT = /^(?:import|export)\b[^;]*?["']([^"']+)["'];$/gm;

/** All that is loaded with a built file, packages by their name. */
function loadedWith(path: string, known = new Set<string>()): Set<string> {
  if (known.has(path)) return known;
  known.add(path);
  for (const [, name] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    if (name.startsWith('.')) loadedWith(join(dirname(path), name), known);
    else known.add(name);
  }
  return known;
}

function importedLater(path: string, start: string): string {
  const [, name] = new RegExp(`import\\("\\./(${start}[^"]*)"\\)`).exec(readFileSync(path, 'utf8')) ?? [];
  expect(name).toBeDefined();
  return join(dirname(path), name);
}

test('the command line loads the main job when it is asked for, and that neither schemas nor YAML', () => {
  const atOnce = [...loadedWith(CLI)];
  expect(atOnce).toContain('commander');
  expect(atOnce).not.toContain('re2');
  const mainJob = [...loadedWith(importedLater(CLI, 'runRedact'))];
  expect(mainJob).toContain('re2');
  for (const name of ['zod', 'yaml', 'pino', 'tldts']) expect([...atOnce, ...mainJob]).not.toContain(name);
});

const VALUES: readonly unknown[] = [
  ...[
    '',
    'x',
    'kernel',
    're2',
    'mask',
    'drop-line',
    'withhold',
    'pass',
    'info',
    'silent',
    'keep',
    '1 parsec',
  ],
  ...['1', '0', '64KiB', ' 1.5 mb ', '-1', '1e3', true, false, 7, null, undefined, {}],
  ...[[], [''], ['a'], ['a', ''], ['a', 'b'], [1]],
];
const NAMES: readonly (keyof Config)[] = [
  ...(['rules', 'engine', 'action', 'keyFile', 'maxLine', 'overlap'] as const),
  ...(['onError', 'findings', 'summary', 'stats', 'logLevel', 'jsonKeys', 'mask'] as const),
];

test.each(NAMES)('what is accepted plainly for %s is what the schema makes of it', (name) => {
  for (const value of VALUES) {
    const accepted = acceptPlainly(name, value);
    if (accepted !== undefined)
      expect(checkSettings({ [name]: value }, 'test')).toEqual({ [name]: accepted });
  }
});
