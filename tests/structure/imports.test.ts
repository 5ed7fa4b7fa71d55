/**
 * Imports point one way. The table is that of ARCHITECTURE.md: what each folder of src/ may import beside itself, from
 * the shared nouns at the bottom to the command line on top.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');
const NOUNS = [
  'yaml',
  'telemetry',
  'findings',
  'errors',
  'boundedFile',
  'replacedFile',
  'version',
  'descriptors',
];
const EDGES = ['audit', 'report', 'scrub', 'subject', 'sources', 'sinks', 'services', 'state', 'config'];
const CORE = ['scan', 'rules', 'kernel', 'engine', 'encodings', 'json', 'known', 'validators'];

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: ['bench', 'tail', 'server', 'verify', 'monitor', 'pipeline', 'app', ...EDGES, ...CORE, ...NOUNS],
  auditThread: ['app', ...EDGES, ...CORE, ...NOUNS],
  packRules: ['app', ...CORE, ...NOUNS],
  redactThread: ['app', ...EDGES, ...CORE, ...NOUNS],
  rulesThread: ['app', ...EDGES, ...CORE, ...NOUNS],
  bench: ['app', ...EDGES, ...CORE, ...NOUNS],
  index: ['app', ...NOUNS],
  monitor: ['verify', 'app', 'pipeline', ...EDGES, ...CORE, ...NOUNS],
  verify: ['app', 'pipeline', ...EDGES, ...CORE, ...NOUNS],
  tail: ['app', 'pipeline', ...EDGES, ...CORE, ...NOUNS],
  server: ['app', 'pipeline', 'verify', ...EDGES, ...CORE, ...NOUNS],
  pipeline: NOUNS,
  app: [...EDGES, ...CORE, ...NOUNS],
  audit: ['findings', 'telemetry', 'errors'],
  report: ['audit', 'subject', 'config', 'yaml', 'findings', 'errors', 'boundedFile'],
  subject: ['audit', 'findings', 'errors', 'boundedFile'],
  scrub: ['sources', 'findings', 'errors'],
  sources: ['findings', 'errors', 'descriptors'],
  sinks: ['findings', 'errors', 'descriptors'],
  services: ['state', 'config', 'pipeline', 'findings', 'telemetry', 'errors', 'boundedFile', 'version'],
  state: ['findings', 'telemetry', 'errors', 'boundedFile', 'replacedFile'],
  config: ['yaml', 'findings', 'telemetry', 'errors', 'boundedFile'],
  scan: ['rules', 'engine', 'encodings', 'json', 'known', 'validators', 'findings', 'errors'],
  rules: ['yaml', 'engine', 'encodings', 'validators', 'findings', 'errors', 'boundedFile'],
  kernel: ['engine'],
  engine: [],
  encodings: ['json'],
  json: [],
  known: ['encodings', 'json', 'errors'],
  validators: [],
  yaml: NOUNS,
  telemetry: NOUNS,
  findings: NOUNS,
  errors: NOUNS,
  boundedFile: NOUNS,
  replacedFile: NOUNS,
  version: NOUNS,
  descriptors: NOUNS,
};

function partOf(path: string): string {
  return relative(SRC, path).split(/[/.]/, 1)[0];
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, name]) =>
    resolve(dirname(path), name),
  );
}

const files = readdirSync(SRC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('assembly'))
  .map((entry) => join(entry.parentPath, entry.name));

test('every import points down', () => {
  const wrong = files.flatMap((path) => {
    const from = partOf(path);
    const allowed = MAY_IMPORT[from] ?? [];
    return importsOf(path)
      .map(partOf)
      .filter((to) => to !== from && !allowed.includes(to))
      .map((to) => `${relative(SRC, path)} imports ${to}`);
  });
  expect(wrong).toEqual([]);
});

test('no files import each other in a circle', () => {
  const known = new Map(files.map((path) => [path, importsOf(path)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) {
      circles.push([...way.slice(way.indexOf(path)), path].map((one) => relative(SRC, one)).join(' > '));
      return;
    }
    if (done.has(path)) return;
    for (const next of known.get(path) ?? []) visit(next, [...way, path]);
    done.add(path);
  };
  for (const path of files) visit(path, []);
  expect(circles).toEqual([]);
});
