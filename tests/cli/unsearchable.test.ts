/** What can't be searched is named and makes the run fail: an unread file is not a clean file. */
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { finished, runCli, runShell, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { IS_ROOT } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';

const RULES = ['--rules', 'rules.yaml'];
const LINE = 'mail user-1@toy.example\n';

/** The beginnings of files in forms that rules can't search, and how messages name them. */
const FORMS: readonly (readonly [name: string, bytes: Buffer, shown: string])[] = [
  ['app.gz', gzipSync(LINE), 'gzip'],
  ['app.zst', Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), Buffer.alloc(20)]), 'zstd'],
  ['app.xz', Buffer.concat([Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), Buffer.alloc(20)]), 'xz'],
  ['app.bz2', Buffer.concat([Buffer.from('BZh91AY&SY'), Buffer.alloc(20)]), 'bzip2'],
  ['app.zip', Buffer.concat([Buffer.from([0x50, 0x4b, 0x03, 0x04]), Buffer.alloc(20)]), 'zip'],
  ['utf16le.txt', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(LINE, 'utf16le')]), 'UTF-16'],
  ['utf16be.txt', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from('\0m\0a\0i\0l')]), 'UTF-16'],
  ['utf16le-bare.txt', Buffer.from(LINE.repeat(9), 'utf16le'), 'UTF-16LE without a byte order mark'],
  ['utf16be-bare.txt', Buffer.from(LINE, 'utf16le').swap16(), 'UTF-16BE without a byte order mark'],
  ['utf32.txt', Buffer.from([0xff, 0xfe, 0x00, 0x00, 0x6d, 0x00, 0x00, 0x00]), 'UTF-32'],
];

it('audits a folder, names every file in it that it can not search, and searches the others', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/clean/a.txt': LINE, 'logs/z.txt': LINE });
  writeFiles(folder, Object.fromEntries(FORMS.map(([name, bytes]) => [`logs/${name}`, bytes])));
  symlinkSync('z.txt', join(folder, 'logs/link.txt'));
  symlinkSync('.', join(folder, 'logs/loop'));
  symlinkSync('nowhere', join(folder, 'logs/dangling'));
  const fifo = await runShell('mkfifo logs/pipe', [], { cwd: folder });
  expect(fifo.code).toBe(0);
  const run = await runCli(['audit', ...RULES, 'logs'], { cwd: folder });
  expect(run.code).toBe(2);
  expect(
    run.stdout
      .toString()
      .match(/^ +logs\S+/gm)
      ?.sort(),
  ).toEqual(['  logs/app.gz:1:6', '  logs/clean/a.txt:1:6', '  logs/utf16le.txt:1:6', '  logs/z.txt:1:6']);
  // UTF-16 with its mark is read; the others that are compressed are damaged.
  const searched = ['app.gz', 'utf16le.txt', 'utf16be.txt'];
  for (const [name] of FORMS.filter(([form]) => !searched.includes(form)))
    expect(run.stderr).toContain(`logs/${name}: not examined: `);
  for (const name of ['link.txt', 'loop', 'dangling']) {
    expect(run.stderr).toContain(`logs/${name}: passed over: it is a symbolic link`);
  }
  expect(run.stderr).toContain('logs/pipe: passed over: it is no regular file');
});

it('links and pipes in a folder are told and leave no gap in the audit', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/a.txt': 'nothing here\n' });
  symlinkSync('a.txt', join(folder, 'logs/link.txt'));
  const run = await runCli(['audit', ...RULES, 'logs'], { cwd: folder });
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('logs/link.txt: passed over: it is a symbolic link');
});

it('tells that a file is no text, and searches it as it is when that is wanted', async () => {
  const folder = temporaryFolder();
  const binary = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 255, 254]), Buffer.from(LINE)]);
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'core.bin': binary });
  const told = await runCli(['audit', ...RULES, 'core.bin'], { cwd: folder });
  expect(told).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('core.bin: not examined: it is an ELF'),
  });
  const run = await runCli(['audit', ...RULES, '--binary', 'search', 'core.bin'], { cwd: folder });
  expect(run).toMatchObject({ code: 1, stderr: '' });
  expect(run.stdout.toString()).toContain('core.bin:1:14');
});

it.each(FORMS)('redacts nothing of %s and passes nothing of it on', async (name, bytes, shown) => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, [name]: bytes, 'next.txt': LINE });
  const run = await runCli([...RULES, name, 'next.txt'], { cwd: folder });
  expect(run.code).toBe(2);
  expect(run.stdout.toString()).toBe('mail [REDACTED:toy-mail]\n');
  expect(run.stderr).toContain(`${name}: expected text, this is ${shown};`);
});

it.each([
  ['gzip', gzipSync(LINE).subarray(0, 12)],
  ['UTF-16LE', Buffer.from(LINE, 'utf16le')],
])('recognises %s that comes through a pipe a byte at a time', async (_, bytes) => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  const child = startCli(RULES, { cwd: folder });
  const run = finished(child);
  for (const byte of bytes) {
    await new Promise((done) => child.stdin?.write(Buffer.of(byte), done));
  }
  child.stdin?.end();
  expect(await run).toMatchObject({ code: 2, stdout: Buffer.alloc(0) });
});

it('passes on input that is only the beginning of such a form, and nothing where there is nothing', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  for (const bytes of [Buffer.from('BZ'), Buffer.from([0xff]), Buffer.alloc(0)]) {
    const run = await runCli(RULES, { cwd: folder, input: bytes });
    expect(run).toMatchObject({ code: 0, stdout: bytes, stderr: '' });
  }
});

it('passes on text that only looks like the beginning of bzip2, and lines with some NULs', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  const padded = Buffer.concat([Buffer.alloc(200), Buffer.from('x\n')]);
  for (const bytes of [
    Buffer.from('BZh is no word\n'),
    Buffer.from('one\0two\0three\0four\0five\0\n'),
    padded,
  ]) {
    const run = await runCli(RULES, { cwd: folder, input: bytes });
    expect(run).toMatchObject({ code: 0, stdout: bytes, stderr: '' });
  }
});

it('searches a file named `-` in an audit, not standard input', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/-': LINE });
  const audit = await runCli(['audit', '--rules', '../rules.yaml', '.'], {
    cwd: join(folder, 'logs'),
    input: LINE.repeat(3),
  });
  expect({ code: audit.code, stdout: audit.stdout.toString() }).toEqual({
    code: 1,
    stdout: expect.stringMatching(/^ {2}\.\/-:1:6 /m),
  });
});

it.skipIf(process.platform !== 'linux')('reports a file that fails while it is read', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'next.txt': LINE });
  // Its first page is never mapped: reading it fails, for root too.
  const broken = '/proc/self/mem';
  const redact = await runCli([...RULES, broken, 'next.txt'], { cwd: folder });
  expect(redact).toMatchObject({ code: 2, stdout: Buffer.from('mail [REDACTED:toy-mail]\n') });
  expect(redact.stderr).toContain(`${broken}: can't be read: input/output error of the device`);
  const audit = await runCli(['audit', ...RULES, broken, 'next.txt'], { cwd: folder });
  expect(audit.code).toBe(2);
  expect(audit.stdout.toString()).toContain('next.txt:1:6');
});

it.skipIf(IS_ROOT)('reports a file it has no permission to read (root has it always)', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/secret.txt': LINE, 'logs/z.txt': LINE });
  await runShell('chmod 000 logs/secret.txt', [], { cwd: folder });
  const run = await runCli(['audit', ...RULES, 'logs'], { cwd: folder });
  expect(run.code).toBe(2);
  expect(run.stderr).toContain("logs/secret.txt: can't be read: permission denied");
  expect(run.stdout.toString()).toContain('logs/z.txt:1:6');
});

it('does not search the file it writes its findings to', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/user-1@toy.example.txt': LINE });
  const run = await runCli(['audit', ...RULES, '-o', 'logs/zz.txt', 'logs'], { cwd: folder });
  expect(run).toMatchObject({ code: 1, stderr: '' });
  const again = await runCli(['audit', ...RULES, '--format', 'jsonl', 'logs'], { cwd: folder });
  expect(again.stdout.toString().trimEnd().split('\n')).toHaveLength(2);
});
