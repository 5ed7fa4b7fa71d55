/** Scrubbing files in place: what changes, what stays, and what is refused. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type RunOptions, type RunResult, runCli, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { HAS_PROC, IS_ROOT } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';

const RAW = 'one\nmail user-1@toy.example\r\ntok_abcdefghijklmnopqrstuvwx and user-22@toy.example\nlast';
const CLEAN = 'one\nmail [REDACTED:toy-mail]\r\n[REDACTED:toy-token] and [REDACTED:toy-mail]\nlast';

function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES, ...files });
  return folder;
}

function scrub(folder: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return runCli(['scrub', '--rules', 'rules.yaml', ...args], { cwd: folder, ...options });
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

describe('a dry run', () => {
  it('shows masked lines and counts, and changes nothing, not even a time', async () => {
    const folder = folderWith({ 'logs/a.txt': RAW, 'logs/clean.txt': 'nothing\n' });
    const before = statSync(join(folder, 'logs/a.txt'), { bigint: true });
    const run = await scrub(folder, ['logs']);
    expect(run.code).toBe(0);
    const out = run.stdout.toString();
    expect(out).toContain('logs/a.txt: would change, 3 values in 2 lines');
    expect(out).toContain('- mail ******************');
    expect(out).toContain('+ mail [REDACTED:toy-mail]');
    expect(out).toContain('1 unchanged');
    expect(out).not.toMatch(/user-\d|tok_/);
    expect(read(folder, 'logs/a.txt')).toBe(RAW);
    const { ino, mtimeNs, ctimeNs } = statSync(join(folder, 'logs/a.txt'), { bigint: true });
    expect({ ino, mtimeNs, ctimeNs }).toEqual({
      ino: before.ino,
      mtimeNs: before.mtimeNs,
      ctimeNs: before.ctimeNs,
    });
    expect(readdirSync(join(folder, 'logs'))).toEqual(['a.txt', 'clean.txt']);
  });

  it('with --fail-on tells by its exit code what it found', async () => {
    const folder = folderWith({ 'a.txt': 'mail user-1@toy.example\n' });
    expect((await scrub(folder, ['a.txt', '--fail-on', 'medium'])).code).toBe(1);
    expect((await scrub(folder, ['a.txt', '--fail-on', 'high'])).code).toBe(0);
    expect((await scrub(folder, ['a.txt', '--write', '--fail-on', 'medium'])).code).toBe(0);
  });

  it('shows no control character of a file or its name', async () => {
    const folder = folderWith({ 'a\u001b[31m.txt': '\u001b]0;x\u0007 user-1@toy.example\n' });
    const out = (await scrub(folder, ['.'])).stdout.toString();
    expect(out).toContain('would change');
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });
});

describe('--write', () => {
  it('replaces values, and a second run changes nothing', async () => {
    const folder = folderWith({ 'logs/a.txt': RAW });
    const run = await scrub(folder, ['logs', '--write']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(read(folder, 'logs/a.txt')).toBe(CLEAN);
    const { ino } = statSync(join(folder, 'logs/a.txt'));
    const again = await scrub(folder, ['logs', '--write']);
    expect(again.code).toBe(0);
    expect(again.stdout.toString()).toContain('1 unchanged');
    expect(statSync(join(folder, 'logs/a.txt')).ino).toBe(ino);
    expect(readdirSync(join(folder, 'logs'))).toEqual(['a.txt']);
  });

  it('keeps mode and times to the nanosecond, and of root the owner', async () => {
    const folder = folderWith({ 'a.txt': RAW });
    const path = join(folder, 'a.txt');
    if (IS_ROOT) chownSync(path, 1234, 4321);
    chmodSync(path, 0o2640);
    execFileSync('touch', ['-d', '2024-02-03T04:05:06.123456789Z', path]);
    const before = statSync(path, { bigint: true });
    expect((await scrub(folder, ['a.txt', '--write'])).code).toBe(0);
    const after = statSync(path, { bigint: true });
    expect(after.ino).not.toBe(before.ino);
    for (const name of ['mode', 'uid', 'gid', 'mtimeNs', 'atimeNs'] as const) {
      expect([name, after[name]]).toEqual([name, before[name]]);
    }
  });

  it('keeps extended attributes', async (context) => {
    const folder = folderWith({ 'a.txt': RAW });
    try {
      execFileSync('setfattr', ['-n', 'user.logveil', '-v', 'kept', join(folder, 'a.txt')], {
        stdio: 'ignore',
      });
    } catch {
      context.skip('setfattr is missing, or the file system has no extended attributes');
    }
    expect((await scrub(folder, ['a.txt', '--write'])).code).toBe(0);
    const value = execFileSync('getfattr', ['--only-values', '-n', 'user.logveil', join(folder, 'a.txt')]);
    expect(value.toString()).toBe('kept');
  });

  it('keeps gzip, several members of it included', async () => {
    const members = Buffer.concat([gzipSync(RAW), gzipSync(RAW)]);
    const folder = folderWith({ 'a.gz': members, 'damaged.gz': members.subarray(0, -9) });
    writeFileSync(join(folder, 'behind.gz'), Buffer.concat([gzipSync(RAW), Buffer.from('more bytes')]));
    const run = await scrub(folder, ['a.gz', 'damaged.gz', 'behind.gz', '--write']);
    expect(run.code).toBe(2);
    expect(gunzipSync(readFileSync(join(folder, 'a.gz'))).toString()).toBe(CLEAN + CLEAN);
    expect(readFileSync(join(folder, 'damaged.gz'))).toEqual(members.subarray(0, -9));
    expect(run.stdout.toString()).toContain('damaged.gz: left as it is: its gzip data is damaged');
    expect(run.stdout.toString()).toContain('behind.gz: left as it is: ');
  });

  it('is refused for what can not be written again as it was', async () => {
    const files = {
      'a.tgz': gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from('ustar user-1@toy.example')])),
      'a.bin': Buffer.from([...Array(200).keys()]),
      'utf16.txt': Buffer.from(`\ufeff${RAW}`, 'utf16le'),
    };
    const folder = folderWith(files);
    const run = await scrub(folder, [...Object.keys(files), '--write']);
    expect(run.code).toBe(2);
    for (const [name, bytes] of Object.entries(files)) {
      expect(readFileSync(join(folder, name))).toEqual(bytes);
      expect(run.stdout.toString()).toContain(`${name}: left as it is`);
    }
  });

  it('leaves links alone unless told', async () => {
    const folder = folderWith({ 'a.txt': RAW, 'b.txt': RAW });
    linkSync(join(folder, 'a.txt'), join(folder, 'other.txt'));
    symlinkSync('b.txt', join(folder, 'link.txt'));
    const run = await scrub(folder, ['a.txt', 'link.txt', '--write']);
    expect(run.code).toBe(2);
    expect([read(folder, 'a.txt'), read(folder, 'b.txt')]).toEqual([RAW, RAW]);
    const told = ['a.txt', 'link.txt', '--write', '--break-hard-links', '--follow-symlinks'];
    expect((await scrub(folder, told)).code).toBe(0);
    expect([read(folder, 'a.txt'), read(folder, 'b.txt'), read(folder, 'other.txt')]).toEqual([
      CLEAN,
      CLEAN,
      RAW,
    ]);
  });

  it.skipIf(!HAS_PROC)('leaves a file alone that a process has open for writing', async () => {
    const folder = folderWith({ 'a.txt': RAW });
    const path = join(folder, 'a.txt');
    const reading = openSync(path, 'r');
    const writing = openSync(path, 'a');
    const refused = await scrub(folder, ['a.txt', '--write']);
    expect(refused.code).toBe(2);
    expect(refused.stdout.toString()).toContain(`process ${process.pid} has it open for writing`);
    expect(read(folder, 'a.txt')).toBe(RAW);
    closeSync(writing);
    // Reading does no harm.
    expect((await scrub(folder, ['a.txt', '--write'])).code).toBe(0);
    closeSync(reading);
    writeFileSync(path, RAW);
    const again = openSync(path, 'a');
    expect((await scrub(folder, ['a.txt', '--write', '--force'])).code).toBe(0);
    closeSync(again);
    expect(read(folder, 'a.txt')).toBe(CLEAN);
  });

  it('is an error where findings exist and nothing would change', async () => {
    const folder = folderWith({ 'keys.json': '{"user-1@toy.example":1}\n' });
    for (const args of [['--write'], []]) {
      const run = await scrub(folder, ['keys.json', ...args]);
      expect(run.code).toBe(2);
      expect(run.stdout.toString()).toContain('none of them changes a byte');
    }
    const keep = await scrub(folder, ['keys.json', '--action', 'keep']);
    expect(keep).toMatchObject({ code: 2, stderr: expect.stringContaining('--action keep') });
  });

  it('records digests before and after', async () => {
    const folder = folderWith({ 'a.txt': RAW, 'b.gz': gzipSync(RAW), 'c.txt': 'nothing' });
    const before = readFileSync(join(folder, 'b.gz'));
    const args = ['a.txt', 'b.gz', 'c.txt', '--write', '--manifest', 'm.jsonl'];
    expect((await scrub(folder, args, { env: { LOGVEIL_KEY: TEST_KEY } })).code).toBe(0);
    const records = read(folder, 'm.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map(({ event }) => event)).toEqual([
      ...['run', 'replacing', 'replaced', 'replacing', 'replaced', 'unchanged'],
    ]);
    expect(records[2]).toMatchObject({
      path: 'a.txt',
      sha256Before: sha256(RAW),
      sha256After: sha256(CLEAN),
    });
    expect(records[4]).toMatchObject({
      sha256Before: sha256(before),
      sha256After: sha256(readFileSync(join(folder, 'b.gz'))),
      byRule: { 'toy-mail': 2, 'toy-token': 1 },
    });
    expect(statSync(join(folder, 'm.jsonl')).mode & 0o777).toBe(0o600);
    // Another run adds to it.
    await scrub(folder, args);
    expect(read(folder, 'm.jsonl').split('\n').length).toBeGreaterThan(records.length);
  });

  it('writes what redaction of the same bytes gives', async () => {
    const piece = fc.constantFrom(
      ...['user-1@toy.example', 'x', '\n', '\r\n', ' ', '"', 'tok_abcdefghijklmnopqrstuvwx'],
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (parts) => {
        const folder = folderWith({ 'a.txt': parts.join('') });
        const redacted = await runCli(['--rules', 'rules.yaml', 'a.txt'], { cwd: folder });
        await scrub(folder, ['a.txt', '--write']);
        expect(read(folder, 'a.txt')).toBe(redacted.stdout.toString());
      }),
      { numRuns: 6 },
    );
  });
});

describe('trouble on the way', () => {
  it('a killed run leaves the old file or the new one, whole, and the next run clears up', async () => {
    const folder = folderWith({});
    const kill = ['--import', join(import.meta.dirname, 'killedAt.mjs')];
    const seen = new Set<string>();
    let code: number | null = null;
    for (let at = 1; code !== 0; at++) {
      writeFiles(folder, { 'logs/a.txt': RAW });
      const env = { KILL_AT: String(at) };
      const run = await scrub(folder, ['logs', '--write', '--manifest', 'm.jsonl'], { nodeArgs: kill, env });
      code = run.code;
      expect(code === 0 || run.signal === 'SIGKILL').toBe(true);
      const now = read(folder, 'logs/a.txt');
      expect([RAW, CLEAN]).toContain(now);
      seen.add(now);
      // The record tells which of the two it is.
      const last = read(folder, 'm.jsonl').trimEnd().split('\n').at(-1) ?? '';
      if (now === CLEAN) expect(JSON.parse(last)).toMatchObject({ sha256After: sha256(CLEAN) });
      // What the next run does is the same after each kill that left nothing behind.
      if (readdirSync(join(folder, 'logs')).length === 1) continue;
      expect((await scrub(folder, ['logs', '--write'])).code).toBe(0);
      expect(read(folder, 'logs/a.txt')).toBe(CLEAN);
      expect(readdirSync(join(folder, 'logs'))).toEqual(['a.txt']);
    }
    expect(seen.size).toBe(2);
  }, 180_000);

  it('a file that is written to in the last moment gets its place back', async () => {
    const folder = folderWith({ 'logs/a.txt': RAW });
    const { ino } = statSync(join(folder, 'logs/a.txt'));
    const nodeArgs = ['--import', join(import.meta.dirname, 'appendsLate.mjs')];
    const run = await scrub(folder, ['logs', '--write'], { nodeArgs });
    expect(run.code).toBe(2);
    expect(run.stdout.toString()).toContain('changed while it was read');
    expect(read(folder, 'logs/a.txt')).toBe(`${RAW}a late line\n`);
    expect(statSync(join(folder, 'logs/a.txt')).ino).toBe(ino);
    expect(readdirSync(join(folder, 'logs'))).toEqual(['a.txt']);
  });

  it('a full disk leaves the file as it was', async (context) => {
    if (!IS_ROOT) context.skip('only root can make a small file system');
    const folder = folderWith({});
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      context.skip('this machine does not let a file system be made');
    }
    onTestFinished(() => {
      execFileSync('umount', [folder]);
    });
    const text = `${RAW}\n`.repeat(2000);
    writeFiles(folder, { 'rules.yaml': TOY_RULES, 'logs/a.txt': text });
    const run = await scrub(folder, ['logs', '--write']);
    expect(run.code).toBe(2);
    expect(run.stdout.toString()).toContain('no space left on the device');
    expect(read(folder, 'logs/a.txt')).toBe(text);
    expect(readdirSync(join(folder, 'logs'))).toEqual(['a.txt']);
  });

  it.skipIf(IS_ROOT)('a folder that can not be written to leaves the file as it was', async () => {
    const folder = folderWith({ 'logs/a.txt': RAW });
    chmodSync(join(folder, 'logs'), 0o500);
    onTestFinished(() => chmodSync(join(folder, 'logs'), 0o700));
    const run = await scrub(folder, ['logs', '--write']);
    expect(run).toMatchObject({ code: 2 });
    expect(read(folder, 'logs/a.txt')).toBe(RAW);
  });

  it('SIGINT leaves the file in work as it was', async () => {
    const folder = folderWith({ 'logs/a.txt': `${RAW}\n`.repeat(200_000) });
    const { size } = statSync(join(folder, 'logs/a.txt'));
    utimesSync(join(folder, 'logs/a.txt'), 1, 1);
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../../dist/cli.js'), 'scrub', '--rules', 'rules.yaml', 'logs', '--write'],
      { cwd: folder },
    );
    const code = await new Promise<number | null>((done) => {
      child.once('close', done);
      const timer = setInterval(() => {
        if (readdirSync(join(folder, 'logs')).length < 2) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 5);
      child.once('exit', () => clearInterval(timer));
    });
    expect(code).toBe(2);
    expect(statSync(join(folder, 'logs/a.txt')).size).toBe(size);
    expect(readdirSync(join(folder, 'logs'))).toEqual(['a.txt']);
  });
});
