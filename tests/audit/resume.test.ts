/** An audit that is killed goes on where it was, and ends as if nothing had happened. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { finished, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler } from '../support/generators.ts';
import { until } from '../support/processes.ts';
import { audit, ENVIRONMENT, withRules } from './support.ts';

function manyLines(count: number, seed: number): string {
  return Array.from({ length: count }, (_, i) => `${filler(80, seed + i)} user-${i}@toy.example\n`).join('');
}

const FILES = {
  'logs/a.log': manyLines(8000, 1),
  'logs/b.log': manyLines(16_000, 7),
  'logs/c.log': manyLines(500, 9),
};

it.each(['jsonl', 'json'])('%s: killed with -9, and continued', async (format) => {
  const folder = temporaryFolder();
  writeFiles(folder, FILES);
  const env = { LOGVEIL_TEST_RANGE_BYTES: '30000' };
  const args = ['logs', '--format', format, '--workers', '1', '-o'];
  await audit(folder, [...args, 'whole'], env);
  const state = join(folder, 'out.audit-state');
  const child = startCli(['audit', ...withRules(folder), ...args, 'out'], {
    cwd: folder,
    env: { ...ENVIRONMENT, ...env },
  });
  const ended = finished(child);
  await until(() => existsSync(state) || child.exitCode !== null);
  child.kill('SIGKILL');
  await ended;
  // On a fast machine it may have ended before; then there is nothing to go on with.
  if (existsSync(state)) {
    expect(statSync(state).mode & 0o777).toBe(0o600);
    expect(readFileSync(state, 'utf8')).not.toMatch(/user-\d+@toy/);
    const other = await audit(folder, [...args.slice(0, -1), '--exclude', 'x', '-o', 'out', '--resume'], env);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('other paths, options, rules')]);
  }
  const result = await audit(folder, [...args, 'out', '--resume'], env);
  expect([result.code, result.stderr]).toEqual([1, '']);
  expect(existsSync(state)).toBe(false);
  const [whole, resumed] = ['whole', 'out'].map((name) => readFileSync(join(folder, name), 'utf8'));
  if (format === 'jsonl') {
    expect(resumed).toBe(whole);
    return;
  }
  const facts = [whole, resumed].map((text) => {
    const { id: _, run: _run, ...rest } = JSON.parse(text as string);
    return rest;
  });
  expect(facts[1]).toEqual(facts[0]);
});

it('without a key of its own it begins anew, and says so', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'logs/a.log': manyLines(10, 1) });
  const args = ['logs', '--format', 'jsonl', '-o', 'out', '--resume'];
  const result = await audit(folder, args, { LOGVEIL_KEY: '' });
  expect([result.code, result.stderr]).toEqual([1, expect.stringContaining('begins anew')]);
  const piped = await audit(folder, ['logs', '--format', 'jsonl', '--resume']);
  expect([piped.code, piped.stderr]).toEqual([2, expect.stringContaining('--output FILE')]);
  rmSync(join(folder, 'out'));
});
