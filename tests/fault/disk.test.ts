/** Disks that are full: what can't be written is counted and reported; the redacted stream goes on where it can. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCli, runShell } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { IS_ROOT } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';

const RULES = ['--rules', 'rules.yaml'];
const FULL_DEVICE = '/dev/full';

function folderWithRules(): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  return folder;
}

interface PartOfSummary {
  readonly findings: number;
  readonly anomalies: { readonly findingsLost: number };
  readonly failures: readonly string[];
}

function readSummary(folder: string): PartOfSummary {
  return JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as PartOfSummary;
}

describe.skipIf(!existsSync(FULL_DEVICE))('a device that is always full', () => {
  it('loses findings, not the stream, and counts them', async () => {
    const folder = folderWithRules();
    const run = await runCli([...RULES, '--findings', FULL_DEVICE, '--summary', 'summary.json'], {
      cwd: folder,
      input: 'mail user-1@toy.example\n'.repeat(500),
    });
    expect(run.code).toBe(2);
    expect(run.stdout.toString()).toBe('mail [REDACTED:toy-mail]\n'.repeat(500));
    expect(run.stderr).toContain('no space left on the device');
    const { findings, anomalies, failures } = readSummary(folder);
    expect({ findings, lost: anomalies.findingsLost }).toEqual({ findings: 500, lost: 500 });
    expect(failures).toEqual([expect.stringContaining('500 findings are lost')]);
  });

  it('can not take the redacted stream: that ends the run with a clear message', async () => {
    const folder = folderWithRules();
    writeFiles(folder, { 'in.txt': 'mail user-1@toy.example\n' });
    for (const args of [RULES, ['audit', ...RULES]]) {
      const run = await runShell('"$@" >/dev/full', [...args, '--summary', 'summary.json', 'in.txt'], {
        cwd: folder,
      });
      const message = "the output can't be written: no space left on the device";
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
      // The summary is written all the same, and tells of it.
      expect(readSummary(folder)).toMatchObject({ findings: 1, failures: [message] });
      rmSync(join(folder, 'summary.json'));
    }
  });

  it('can not take the help or the version', async () => {
    for (const flag of ['--help', '--version']) {
      const run = await runShell('"$@" >/dev/full', [flag]);
      expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('no space left') });
    }
  });

  it('can not take the summary', async () => {
    const run = await runCli([...RULES, '--summary', FULL_DEVICE], {
      cwd: folderWithRules(),
      input: 'mail user-1@toy.example\n',
    });
    expect(run.code).toBe(2);
    expect(run.stdout.toString()).toBe('mail [REDACTED:toy-mail]\n');
    expect(run.stderr).toContain("/dev/full: the summary can't be written: no space left on the device");
  });
});

/** Mounts a file system of its own that holds `kib` KiB; unmounted after the test. */
async function smallDisk(folder: string, kib: number): Promise<string> {
  const disk = join(folder, 'disk');
  const mount = `mkdir disk && mount -t tmpfs -o size=${kib}k,mode=700 logveil-test disk`;
  const mounted = await runShell(mount, [], { cwd: folder });
  expect(mounted).toMatchObject({ code: 0 });
  onTestFinished(async () => {
    await runShell('umount disk', [], { cwd: folder });
  });
  return disk;
}

const CAN_MOUNT =
  IS_ROOT &&
  (await runShell('d=$(mktemp -d) && mount -t tmpfs none "$d" && umount "$d"; r=$?; rmdir "$d"; exit $r', []))
    .code === 0;

describe.skipIf(!CAN_MOUNT)('a small disk that fills up (needs the right to mount one)', () => {
  it('keeps whole findings only, and counts exactly what is missing', async () => {
    const folder = folderWithRules();
    const disk = await smallDisk(folder, 64);
    const lines = 20_000;
    writeFileSync(join(folder, 'in.txt'), 'mail user-1@toy.example\n'.repeat(lines));
    const args = [...RULES, '--findings', 'disk/findings.jsonl', '--summary', 'summary.json', 'in.txt'];
    const run = await runCli(args, { cwd: folder });
    expect(run.code).toBe(2);
    expect(run.stdout.toString()).toBe('mail [REDACTED:toy-mail]\n'.repeat(lines));
    const written = readFileSync(join(disk, 'findings.jsonl'), 'utf8');
    const whole = written.split('\n').slice(0, -1);
    expect(written === '' || written.endsWith('\n')).toBe(true);
    for (const line of whole) expect(JSON.parse(line)).toMatchObject({ rule: 'toy-mail' });
    expect(readSummary(folder).anomalies.findingsLost).toBe(lines - whole.length);
  });

  it('holds the old summary or the new one, never half of one, and no temporary file', async () => {
    const folder = folderWithRules();
    const disk = await smallDisk(folder, 16);
    writeFiles(disk, { 'summary.json': '{"old":true}\n' });
    await runShell('head -c 100000 /dev/zero > disk/ballast', [], { cwd: folder });
    const run = await runCli([...RULES, '--summary', 'disk/summary.json'], { cwd: folder, input: 'a\n' });
    expect(run).toMatchObject({ code: 2, stdout: Buffer.from('a\n') });
    expect(readFileSync(join(disk, 'summary.json'), 'utf8')).toBe('{"old":true}\n');
    expect(readdirSync(disk).sort()).toEqual(['ballast', 'summary.json']);
  });

  it('fails where the redacted stream goes to it, with what fitted in place', async () => {
    const folder = folderWithRules();
    const disk = await smallDisk(folder, 64);
    writeFiles(folder, { 'in.txt': 'mail user-1@toy.example\n'.repeat(20_000) });
    const run = await runShell('"$@" > disk/out', [...RULES, 'in.txt'], { cwd: folder });
    expect(run).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("the output can't be written: no space left on the device"),
    });
    const { size } = statSync(join(disk, 'out'));
    const expected = Buffer.from('mail [REDACTED:toy-mail]\n'.repeat(20_000));
    expect(readFileSync(join(disk, 'out')).equals(expected.subarray(0, size))).toBe(true);
  });
});
