/** Reloads of a run that goes on, through real signals and files. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';

function ruleFile(id: string): string {
  return `schema: logveil.rules/1
rules:
  - id: ${id}
    description: test
    entity: TEST
    category: secret
    severity: high
    confidence: 0.9
    patterns: [{ regex: 'secret[0-9]' }]
    examples: [{ text: 'a secret1', match: secret1 }]
`;
}

/** A run on standard input, and what it has said so far. */
class Run {
  readonly child;
  readonly code: Promise<number | null>;
  out = '';
  err = '';
  #heard = (): void => {};

  constructor(args: readonly string[], cwd: string) {
    this.child = startCli(args, { cwd });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#hear(() => (this.out += chunk)));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#hear(() => (this.err += chunk)));
    this.code = new Promise((done) => this.child.once('close', done));
  }

  #hear(add: () => void): void {
    add();
    this.#heard();
  }

  /** Waits until it has said what is expected. */
  async until(isSaid: () => boolean): Promise<void> {
    while (!isSaid()) {
      await new Promise<void>((heard) => {
        this.#heard = heard;
      });
    }
  }

  /** Sends a line and waits for what comes of it. */
  async line(text: string): Promise<string> {
    const before = this.out.length;
    this.child.stdin?.write(`${text}\n`);
    await this.until(() => this.out.slice(before).endsWith('\n'));
    return this.out.slice(before).trimEnd();
  }
}

test('a changed file of rules is taken up; a broken one is told of with its place, and changes nothing', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'own.yaml': ruleFile('one') });
  const run = new Run(['--rules', 'own.yaml', '--log-level', 'info', '--summary', 'sum.json'], folder);
  expect(await run.line('secret1')).toBe('[REDACTED:one]');
  // As editors and package managers do it: a new file in place of the old one.
  writeFileSync(join(folder, 'next'), ruleFile('two'));
  renameSync(join(folder, 'next'), join(folder, 'own.yaml'));
  await run.until(() => run.err.includes('"reloaded"'));
  expect(await run.line('secret1')).toBe('[REDACTED:two]');

  writeFileSync(join(folder, 'own.yaml'), `${ruleFile('three')}    allowlist: [x]\n`);
  await run.until(() => run.err.includes('not reloaded'));
  expect(run.err).toContain('own.yaml:11:5: unknown field `allowlist`');
  expect(await run.line('secret1')).toBe('[REDACTED:two]');

  rmSync(join(folder, 'own.yaml'));
  await run.until(() => run.err.split('not reloaded').length === 3);
  expect(await run.line('secret1')).toBe('[REDACTED:two]');
  run.child.stdin?.end();
  expect(await run.code).toBe(0);
});

test('SIGHUP takes up rules and configuration; an unfinished line is finished by the rules of before', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'logveil.yaml': 'rules: [./own.yaml]\n', 'own.yaml': ruleFile('one') });
  const run = new Run(['--log-level', 'info', '--summary', 'sum.json'], folder);
  expect(await run.line('secret1')).toBe('[REDACTED:one]');
  run.child.stdin?.write('begun secret1 ');
  writeFiles(folder, {
    'logveil.yaml': 'rules: [./other.yaml]\naction: remove\n',
    'other.yaml': ruleFile('two'),
  });
  run.child.kill('SIGHUP');
  await run.until(() => run.err.includes('"reloaded"'));
  expect(await run.line('and ended secret2')).toBe('begun [REDACTED:one] and ended [REDACTED:one]');
  expect(await run.line('a secret1 b')).toBe('a  b');
  run.child.stdin?.end();
  expect(await run.code).toBe(0);
});
