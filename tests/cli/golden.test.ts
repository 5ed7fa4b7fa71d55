/**
 * Golden cases: a folder each in `cases/`. Cases that start with `ok.` end with code 0 or 1, those with `ng.` with 2.
 *
 *     case.json   `args`, and optionally `env`, `stdin` (a file below work/), `cwd` and `files` to compare
 *     work/       the working directory; each run gets a copy
 *     expected/   stdout, stderr, code, and files/ with what the run wrote
 *
 * After a wanted change: UPDATE_GOLDEN=1 npx vitest run tests/cli/golden.test.ts, then read the diff.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY, runCli } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';

const CASES = join(import.meta.dirname, 'cases');
const IS_UPDATE = process.env.UPDATE_GOLDEN === '1';
const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };

interface Case {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
  readonly files?: readonly string[];
}

/** What differs from run to run, or with each release, rule pack and validator, is made the same. */
function stable(text: string): string {
  return text
    .replaceAll(version, '<version>')
    .replace(/"time":\d+/g, '"time":0')
    .replace(/"(started|since)": "[^"]*"/g, '"$1": "<time>"')
    .replace(/"seconds": [\d.]+/g, '"seconds": 0')
    .replace(/"(rulesDigest|digest)": "[0-9a-f]{64}"/g, '"$1": "<digest>"')
    .replace(/(unknown validator `[^`]*`, expected one of ).*/g, '$1<validators>')
    .replace(/(expected a pack )\([^)]*\)/g, '$1(<packs>)')
    .replace(/, [\d.]+ s, [\d.]+ [KMG]?i?B\/s,/g, ', 0 s, 0 B/s,')
    .replace(/(lines?), [\d.]+ s$/gm, '$1, 0 s');
}

async function outcome(name: string): Promise<Record<string, string>> {
  const folder = join(CASES, name);
  const {
    args,
    env,
    stdin,
    cwd = '',
    files = [],
  } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Case;
  const work = temporaryFolder();
  if (existsSync(join(folder, 'work'))) cpSync(join(folder, 'work'), work, { recursive: true });
  const input = stdin === undefined ? '' : readFileSync(join(work, stdin));
  const result = await runCli(args, { cwd: join(work, cwd), input, ...(env && { env }) });
  return {
    // As latin1, so that bytes that are no UTF-8 are compared too.
    stdout: stable(result.stdout.toString('latin1')),
    stderr: stable(Buffer.from(result.stderr).toString('latin1')),
    code: `${result.code}\n`,
    ...Object.fromEntries(
      files.map((file) => [`files/${file}`, stable(readFileSync(join(work, file), 'latin1'))]),
    ),
  };
}

function readExpected(folder: string): Record<string, string> {
  const expected: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    expected[path.slice(folder.length + 1)] = readFileSync(path, 'latin1');
  }
  return expected;
}

function writeExpected(folder: string, actual: Readonly<Record<string, string>>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, content] of Object.entries(actual)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, 'latin1');
  }
}

describe('golden cases of the command line', () => {
  it.each(readdirSync(CASES).sort())('%s', async (name) => {
    const actual = await outcome(name);
    const folder = join(CASES, name, 'expected');
    if (IS_UPDATE) writeExpected(folder, actual);
    expect(actual).toEqual(readExpected(folder));
    expect(actual.code === '2\n').toBe(name.startsWith('ng.'));
  });
});
