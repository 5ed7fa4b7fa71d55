/** `logveil subject` as a whole: answers without the value, in audits and in files, and erasure of one person only. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type RunOptions, type RunResult, runCli, runShell, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';

const KEY = { LOGVEIL_KEY: TEST_KEY };
const LOG = `login anna@example.com
mail to Anna+Shop@Example.com and bob@example.com, anna@example.com anna@example.com
{"user":"anna\\u0040example.com","anna@example.com":1,"other":"joanna@example.com"}
nothing
`;
const ERASED = `login [REDACTED:email]
mail to [REDACTED:data-subject] and bob@example.com, [REDACTED:email] [REDACTED:email]
{"user":"[REDACTED:email]","[REDACTED:email]":1,"other":"joanna@example.com"}
nothing
`;

function folderWith(files: Readonly<Record<string, string | Buffer>> = {}): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'logs/a.log': LOG, ...files });
  return folder;
}

function subject(folder: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return runCli(['subject', ...args], { cwd: folder, env: KEY, input: 'anna@example.com\n', ...options });
}

async function audited(folder: string): Promise<void> {
  for (const format of ['json', 'jsonl']) {
    await runCli(['audit', 'logs', '--format', format, '-o', `audit.${format}`], { cwd: folder, env: KEY });
  }
}

describe('results of an audit', () => {
  it('are searched by fingerprint, alike in both forms, without the files', async () => {
    const folder = folderWith();
    await audited(folder);
    writeFiles(folder, { 'logs/a.log': '' });
    for (const format of ['json', 'jsonl']) {
      const run = await subject(folder, [`audit.${format}`, '--format', 'json', '--tag', 'Shop']);
      expect(run.code).toBe(0);
      const answer = JSON.parse(run.stdout.toString());
      expect(answer).toMatchObject({
        schema: 'logveil.subject/1',
        action: 'none',
        searched: [{ kind: format === 'json' ? 'audit' : 'findings', complete: true }],
        totals: { files: 1, lines: 3 },
      });
      expect(answer.totals.findings).toBeGreaterThanOrEqual(5);
      expect(run.stdout.toString() + run.stderr).not.toMatch(/anna|bob/i);
    }
  });

  it('under another key are refused, and without a key there is no search', async () => {
    const folder = folderWith();
    await audited(folder);
    const other = await subject(folder, ['audit.json'], { env: { LOGVEIL_KEY: 'ff'.repeat(32) } });
    expect(other.code).toBe(2);
    expect(other.stderr).toMatch(/under the key k[0-9a-f]{8}, yours is k[0-9a-f]{8}/);
    const none = await subject(folder, ['audit.json'], { env: {} });
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('expected the key of the audit') });
  });
});

describe('a search in files', () => {
  it('finds every spelling, in compressed files too, and nobody else', async () => {
    const folder = folderWith({
      'logs/b.gz': gzipSync(LOG),
      'logs/bin': Buffer.from([...Array(256).keys()]),
    });
    const run = await subject(folder, ['--scan', 'logs', '--format', 'json']);
    // What can't be searched makes the answer incomplete.
    expect(run.code).toBe(2);
    const answer = JSON.parse(run.stdout.toString());
    expect(answer.totals).toEqual({ findings: 12, files: 2, lines: 6 });
    expect(answer.failures).toHaveLength(1);
    expect(run.stdout.toString() + run.stderr).not.toMatch(/anna|bob/i);
  });

  it('takes several values of one person, and finds what no rule knows', async () => {
    const folder = folderWith({ 'logs/a.log': 'customer 4711-08-15 called 030/901820 as Meier, Anna\n' });
    const input = '+49 30 901820\nAnna Meier\n4711 0815\n';
    const run = await subject(folder, ['--scan', 'logs', '--format', 'json', '--rules', 'secrets'], {
      input,
    });
    expect(JSON.parse(run.stdout.toString()).totals).toEqual({ findings: 3, files: 1, lines: 1 });
  });
});

describe('--scrub', () => {
  it('changes nothing without --write, then only what is the person’s', async () => {
    const folder = folderWith({ 'logs/b.gz': gzipSync(LOG) });
    const dry = await subject(folder, ['--scan', 'logs', '--scrub']);
    expect(dry.code).toBe(0);
    expect(dry.stdout.toString()).toContain('would change, 6 values in 3 lines');
    expect(dry.stdout.toString()).not.toMatch(/anna|bob/i);
    expect(readFileSync(join(folder, 'logs/a.log'), 'utf8')).toBe(LOG);
    const args = ['--scan', 'logs', '--scrub', '--write', '--format', 'json', '--manifest', 'm.jsonl'];
    const written = await subject(folder, args);
    expect(written.code).toBe(0);
    expect(JSON.parse(written.stdout.toString()).action).toBe('scrubbed');
    expect(readFileSync(join(folder, 'logs/a.log'), 'utf8')).toBe(ERASED);
    expect(readFileSync(join(folder, 'm.jsonl'), 'utf8')).toContain('"subject":true');
    const again = await subject(folder, ['--scan', 'logs', '--scrub', '--write']);
    expect(again.code).toBe(0);
    expect(again.stdout.toString()).toContain('nothing found');
  });

  it('takes the files from the result of an audit', async () => {
    const folder = folderWith({ 'logs/other.log': 'bob@example.com\n' });
    await audited(folder);
    expect((await subject(folder, ['audit.json', '--scrub', '--write'])).code).toBe(0);
    expect(readFileSync(join(folder, 'logs/a.log'), 'utf8')).toBe(ERASED);
    expect(readFileSync(join(folder, 'logs/other.log'), 'utf8')).toBe('bob@example.com\n');
  });
});

describe('the value', () => {
  it('is not taken from the command line by mistake, and no error repeats it', async () => {
    const folder = folderWith();
    const run = await subject(folder, ['anna@example.com']);
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('the value comes from the prompt');
    expect(run.stderr).not.toContain('anna');
  });

  it('with --value comes with a warning', async () => {
    const run = await subject(folderWith(), ['--scan', 'logs', '--value', 'anna@example.com']);
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('process lists');
  });

  it('typed at a terminal does not show', async (context) => {
    const folder = folderWith();
    const script = 'printf "anna@example.com\\n" | script -qec "$1 $2 subject --scan logs" /dev/null';
    const probe = await runShell('command -v script', []);
    if (probe.code !== 0) context.skip('script(1) is missing');
    const run = await runShell(
      script.replace('printf', '(sleep 3; printf').replace('\\n" |', '\\n"; sleep 3) |'),
      [],
      { cwd: folder, env: KEY },
    );
    expect(run.stdout.toString()).toContain('Value (not shown)');
    expect(run.stdout.toString()).toContain('findings in');
    expect(run.stdout.toString()).not.toMatch(/anna/i);
  });
});
