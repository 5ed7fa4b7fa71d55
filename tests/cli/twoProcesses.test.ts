/** Two processes at once: neither tears or empties what the other writes. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { runCli, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { TOY_RULES } from '../support/rules.ts';

const ARGS = ['--rules', 'rules.yaml', '--findings', 'findings.jsonl'];

it('a findings file that another process writes to is refused, and is not emptied', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  const first = startCli(ARGS, { cwd: folder });
  first.stdin?.write('mail user-1@toy.example\n');
  await once(first.stdout as Readable, 'data');
  const second = await runCli(ARGS, { cwd: folder, input: 'x\n' });
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/findings\.jsonl: process \d+ writes to it/);
  expect(second.stdout.toString()).toBe('');
  first.stdin?.end();
  const [code] = await once(first, 'close');
  expect(code).toBe(0);
  expect(readFileSync(join(folder, 'findings.jsonl'), 'utf8').trim().split('\n')).toHaveLength(1);
});

it('what a process that is gone has left does not count', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  writeFileSync(join(folder, 'findings.jsonl.lock'), '4194304999\n');
  const run = await runCli(ARGS, { cwd: folder, input: 'x\n' });
  expect(run.code).toBe(0);
});
