/** The files a run leaves: their form is a contract, they are their owner's alone, and they hold no value. */
import {
  chmodSync,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCli, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { TOY_RULES } from '../support/rules.ts';

const OUTPUTS = ['--findings', 'findings.jsonl', '--summary', 'summary.json'];
const FINDING_FIELDS = [
  'schema',
  'rule',
  'entity',
  'category',
  'gdpr',
  'severity',
  'confidence',
  'source',
  'line',
  'column',
  'offset',
  'length',
  'action',
  'fingerprint',
  'keyId',
];

interface PlacedFinding {
  readonly rule: string;
  readonly offset: number;
  readonly length: number;
  readonly fingerprint: string;
}

function permissions(path: string): number {
  return statSync(path).mode & 0o777;
}

function readFindings(path: string): PlacedFinding[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as PlacedFinding);
}

it('writes findings with exactly the fields of the contract, pointing at the values', async () => {
  const folder = temporaryFolder();
  const text = 'ä user-1@toy.example\r\n{"k":"tok_abcdefghijklmnopqrstuvwx"}\nuser-1@toy.example';
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': text });
  const run = await runCli(['--rules', 'rules.yaml', ...OUTPUTS, 'in.txt'], {
    cwd: folder,
    env: { LOGVEIL_KEY: TEST_KEY },
  });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const findings = readFindings(join(folder, 'findings.jsonl'));
  for (const finding of findings) {
    expect(Object.keys(finding)).toEqual(FINDING_FIELDS);
    expect(finding).toMatchObject({ fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/), source: 'in.txt' });
  }
  const bytes = Buffer.from(text);
  const values = findings.map(({ offset, length }) => bytes.toString('utf8', offset, offset + length));
  expect(values).toEqual(['user-1@toy.example', 'tok_abcdefghijklmnopqrstuvwx', 'user-1@toy.example']);
  expect(findings[0]?.fingerprint).toBe(findings[2]?.fingerprint);
  expect(findings[0]?.fingerprint).not.toBe(findings[1]?.fingerprint);
});

it('lets nobody but the owner read findings and summary, also where the files existed, and leaves nothing else', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n' });
  for (const name of ['findings.jsonl', 'summary.json']) {
    writeFileSync(
      join(folder, name),
      'what an earlier run left, longer than what this one writes'.repeat(99),
    );
    chmodSync(join(folder, name), 0o644);
  }
  const run = await runCli(['--rules', 'rules.yaml', ...OUTPUTS, 'in.txt'], { cwd: folder });
  expect(run.code).toBe(0);
  expect(permissions(join(folder, 'findings.jsonl'))).toBe(0o600);
  expect(permissions(join(folder, 'summary.json'))).toBe(0o600);
  expect(readFindings(join(folder, 'findings.jsonl'))).toHaveLength(1);
  expect(JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'))).toMatchObject({ findings: 1 });
  expect(readdirSync(folder).sort()).toEqual(['findings.jsonl', 'in.txt', 'rules.yaml', 'summary.json']);
});

it('keys the fingerprints anew for each run when no key is given', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n' });
  const fingerprints: (string | undefined)[] = [];
  for (let run = 0; run < 2; run++) {
    await runCli(['--rules', 'rules.yaml', ...OUTPUTS, 'in.txt'], { cwd: folder });
    fingerprints.push(readFindings(join(folder, 'findings.jsonl'))[0]?.fingerprint);
    const summary: unknown = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({ key: { source: 'random' } });
  }
  expect(fingerprints[0]).not.toBe(fingerprints[1]);
});

it('takes the key from a file, which beats the environment', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n', key: `${TEST_KEY}\n` });
  const withFile = ['--rules', 'rules.yaml', '--key-file', 'key', ...OUTPUTS, 'in.txt'];
  await runCli(withFile, { cwd: folder, env: { LOGVEIL_KEY: 'f'.repeat(64) } });
  const fromFile = readFindings(join(folder, 'findings.jsonl'));
  await runCli(['--rules', 'rules.yaml', ...OUTPUTS, 'in.txt'], {
    cwd: folder,
    env: { LOGVEIL_KEY: TEST_KEY },
  });
  expect(readFindings(join(folder, 'findings.jsonl'))).toEqual(fromFile);
});

it('refuses to write over what it reads on standard input', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n' });
  const input = openSync(join(folder, 'in.txt'), 'r');
  const run = await runCli(['--rules', 'rules.yaml', '--findings', 'in.txt'], {
    cwd: folder,
    stdio: [input, 'pipe', 'pipe'],
  });
  closeSync(input);
  expect(run.code).toBe(2);
  expect(readFileSync(join(folder, 'in.txt'), 'utf8')).toBe('user-1@toy.example\n');
});

it('refuses to append its output to the file it reads, which would never end', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n' });
  const output = openSync(join(folder, 'in.txt'), 'a');
  const run = await runCli(['--rules', 'rules.yaml', 'in.txt'], {
    cwd: folder,
    stdio: ['pipe', output, 'pipe'],
  });
  closeSync(output);
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('standard output') });
  expect(readFileSync(join(folder, 'in.txt'), 'utf8')).toBe('user-1@toy.example\n');
});

it.each([
  ['a file', { 'kept/summary.json': 'old' }],
  ['nothing yet', { 'kept/other.json': '' }],
])('writes the summary where a symbolic link leads, to %s, for its owner only', async (_, files) => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n', ...files });
  symlinkSync('kept/summary.json', join(folder, 'link.json'));
  const target = join(folder, 'kept/summary.json');
  const before = statSync(target, { throwIfNoEntry: false });
  if (before) chmodSync(target, 0o644);
  const run = await runCli(['--rules', 'rules.yaml', '--summary', 'link.json', 'in.txt'], { cwd: folder });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(lstatSync(join(folder, 'link.json')).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(target, 'utf8'))).toMatchObject({ findings: 1 });
  expect(permissions(target)).toBe(0o600);
  // Renamed into place, not written over: a reader never sees half of it.
  expect(statSync(target).ino).not.toBe(before?.ino);
  expect(readdirSync(join(folder, 'kept')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});

it("makes an audit's output private where the file existed", async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n', out: 'old'.repeat(999) });
  chmodSync(join(folder, 'out'), 0o644);
  const run = await runCli(['audit', '--rules', 'rules.yaml', '-o', 'out', 'in.txt'], { cwd: folder });
  expect(run.code).toBe(1);
  expect(permissions(join(folder, 'out'))).toBe(0o600);
  expect(readFileSync(join(folder, 'out'), 'utf8')).toMatch(/^ {2}in\.txt:1:1 {2}\[toy-mail\]$/m);
});

it('refuses to write the summary over the output', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'in.txt': 'user-1@toy.example\n' });
  const output = openSync(join(folder, 'out'), 'w');
  const run = await runCli(['--rules', 'rules.yaml', '--summary', 'out', 'in.txt'], {
    cwd: folder,
    stdio: ['pipe', output, 'pipe'],
  });
  closeSync(output);
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('a file for each result') });
});

it('takes the key from LOGVEIL_KEY rather than from a file that the configuration names', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'rules.yaml': TOY_RULES,
    'in.txt': 'user-1@toy.example\n',
    key: 'f'.repeat(64),
    'logveil.yaml': 'keyFile: key\n',
  });
  const args = ['--rules', 'rules.yaml', ...OUTPUTS, 'in.txt'];
  const source = async (env: Record<string, string>): Promise<unknown> => {
    await runCli(args, { cwd: folder, env });
    const summary: unknown = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    return (summary as { key: { source: string } }).key.source;
  };
  expect(await source({})).toBe('key-file');
  expect(await source({ LOGVEIL_KEY: TEST_KEY })).toBe('LOGVEIL_KEY');
  expect(await source({ LOGVEIL_KEY: TEST_KEY, LOGVEIL_KEY_FILE: 'key' })).toBe('key-file');
});
