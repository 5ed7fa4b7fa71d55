/** What is looked into, what is not, and that it is told: compressed files, archives, other encodings, odd files. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler, letters } from '../support/generators.ts';
import { IS_ROOT } from '../support/processes.ts';
import { audit } from './support.ts';

const TEXT = Array.from({ length: 400 }, (_, i) => `${filler(50, i + 1)} user-${i % 90}@toy.example\n`).join(
  '',
);

interface Told {
  readonly path: string;
  readonly state: string;
  readonly reason?: string;
  readonly findings: number;
}

async function document(
  folder: string,
  args: readonly string[],
  code: number,
): Promise<ReturnType<typeof JSON.parse>> {
  const result = await audit(folder, [...args, '--format', 'json']);
  expect([result.code, result.code === code ? '' : result.stderr]).toEqual([code, '']);
  return JSON.parse(result.stdout.toString());
}

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore', input: '' }).error === undefined;
}

const PACKERS = ['gzip', 'zstd', 'xz', 'bzip2'].filter(has);

it.runIf(has('tar'))(
  'compressed files, whatever their names, and archives give the findings of the plain file',
  async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'plain/a.log': TEXT, 'packed/none': '' });
    for (const packer of PACKERS) {
      const bytes = execFileSync(packer, ['-c'], { input: TEXT, stdio: ['pipe', 'pipe', 'ignore'] });
      writeFiles(folder, { [`packed/${packer}.dat`]: Buffer.concat([bytes, bytes]) });
    }
    execFileSync('tar', ['-czf', '../packed/all.bin', 'a.log'], { cwd: join(folder, 'plain') });
    const plain = await document(folder, ['plain'], 1);
    const packed = await document(folder, ['packed'], 1);
    const byPath = Object.fromEntries(
      packed.coverage.entries.map((entry: Told) => [entry.path, entry.findings]),
    );
    expect(byPath).toEqual({
      ...Object.fromEntries(PACKERS.map((packer) => [`packed/${packer}.dat`, 800])),
      'packed/all.bin': 400,
      'packed/all.bin!/a.log': 400,
      'packed/none': 0,
    });
    const fingerprints = (result: typeof plain): string[] =>
      result.values.map((value: { fingerprint: string }) => value.fingerprint).sort();
    expect(fingerprints(packed)).toEqual(fingerprints(plain));
    expect([packed.coverage.complete, packed.coverage.members.examined]).toEqual([true, 1]);
  },
);

it('what can not be looked at is told, and makes the exit code 2', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'logs/good.log': 'user-1@toy.example\n',
    'logs/wide.log': Buffer.from(TEXT, 'utf16le'),
    'logs/binary': Buffer.from(Array.from({ length: 900 }, (_, i) => (i * 7) % 256)),
    'logs/elf': Buffer.concat([Buffer.from('\x7fELF\x02\x01', 'latin1'), Buffer.alloc(200)]),
    'logs/cut.gz': execFileSync('gzip', ['-c'], { input: TEXT }).subarray(0, -9),
    'logs/locked.log': 'user-2@toy.example\n',
    'logs/empty.log': '',
  });
  mkdirSync(join(folder, 'logs/deep'));
  symlinkSync('..', join(folder, 'logs/deep/loop'));
  execFileSync('mkfifo', [join(folder, 'logs/pipe')]);
  chmodSync(join(folder, 'logs/locked.log'), 0);
  const result = await document(folder, ['logs', 'nowhere'], 2);
  const states = Object.fromEntries(result.coverage.entries.map((entry: Told) => [entry.path, entry.state]));
  expect(states).toMatchObject({
    'logs/good.log': 'examined',
    'logs/wide.log': 'encoding',
    'logs/binary': 'binary',
    'logs/elf': 'binary',
    'logs/cut.gz': 'partly',
    'logs/empty.log': 'examined',
    'logs/deep/loop': 'passed-over',
    'logs/pipe': 'passed-over',
    nowhere: 'unreadable',
  });
  if (!IS_ROOT) expect(states['logs/locked.log']).toBe('unreadable');
  expect([result.coverage.complete, result.run.complete]).toEqual([false, false]);
  expect(result.coverage.files.found).toBe(10);
  expect(result.failures).toContainEqual(expect.stringContaining('logs/wide.log: not examined'));
  // What came before the damage counts.
  expect(result.totals.findings).toBeGreaterThan(1);
});

it('binary files are left out or searched where that is asked for', async () => {
  const folder = temporaryFolder();
  const binary = Buffer.concat([
    Buffer.from(Array.from({ length: 300 }, (_, i) => i % 7)),
    Buffer.from('\nuser-1@toy.example\n'),
  ]);
  writeFiles(folder, { 'logs/a.bin': binary, 'logs/b.log': 'fine\n' });
  expect((await document(folder, ['logs'], 2)).totals.findings).toBe(0);
  expect((await document(folder, ['logs', '--binary', 'skip'], 0)).coverage.files.binary).toBe(1);
  expect((await document(folder, ['logs', '--binary', 'search'], 1)).totals.findings).toBe(1);
});

it('files are chosen by pattern, size, age and time, and what is left out is told', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'logs/a.log': 'user-1@toy.example\n',
    'logs/b.txt': 'user-2@toy.example\n',
    'logs/debug/c.log': 'user-3@toy.example\n',
    'logs/large.log': `user-4@toy.example ${filler(3000, 1)}\n`,
    'logs/old.log': 'user-5@toy.example\n',
  });
  utimesSync(join(folder, 'logs/old.log'), new Date('2020-01-02'), new Date('2020-01-02'));
  const examined = async (...args: string[]): Promise<string[]> => {
    const result = await document(folder, args, 1);
    expect(result.coverage.files.found).toBe(result.coverage.entries.length);
    return result.coverage.entries
      .filter(({ state }: Told) => state === 'examined')
      .map(({ path }: Told) => path.slice(5));
  };
  expect(await examined('logs', '--include', '*.log', '--exclude', 'debug')).toEqual([
    'a.log',
    'large.log',
    'old.log',
  ]);
  expect(await examined('logs/**/*.log')).toEqual(['a.log', 'large.log', 'old.log', 'debug/c.log']);
  expect(await examined('logs/{a,b}.*')).toEqual(['a.log', 'b.txt']);
  expect(await examined('logs', '--min-size', '1KiB')).toEqual(['large.log']);
  expect(await examined('logs', '--older-than', '1y')).toEqual(['old.log']);
  expect(await examined('logs', '--until', '2020-01-02')).toEqual(['old.log']);
  expect(await examined('logs', 'logs/a.log')).toHaveLength(5);
  const lines = [
    '2026-01-01T00:00:00Z user-1@toy.example',
    'no time, so as above user-2@toy.example',
    'Feb  3 04:05:06 h p: user-3@toy.example',
  ];
  writeFiles(folder, { 'timed.log': `${lines.join('\n')}\n` });
  utimesSync(join(folder, 'timed.log'), new Date('2026-03-01'), new Date('2026-03-01'));
  const since = await document(folder, ['timed.log', '--since', '2026-02-01', '--time-by', 'line'], 1);
  expect([since.totals.findings, since.totals.outsideTime]).toEqual([1, 2]);
  expect(since.aggregates.byDay).toMatchObject([{ day: '2026-02-03', findings: 1 }]);
  expect(since.aggregates.byHost).toMatchObject([{ name: 'h' }]);
});

it('standard input and pipes are looked into too', async () => {
  const folder = temporaryFolder();
  const packed = execFileSync('gzip', ['-c'], { input: TEXT });
  const result = await audit(folder, ['-', '--format', 'jsonl'], {}, packed);
  const lines = result.stdout.toString().trim().split('\n');
  expect([result.code, lines.length, JSON.parse(lines[0] as string).source]).toEqual([1, 400, 'stdin']);
});

it('a name that would be taken for a command of the terminal, a formula or a value is harmless', async () => {
  const folder = temporaryFolder();
  const name = '=cmd|\'/C calc\'!A0\u001b[31m,"x".log';
  writeFiles(folder, { [`logs/${name}`]: `user-1@toy.example\ntok_${letters(1)}\n` });
  for (const format of ['text', 'csv', 'sarif', 'jsonl', 'json', 'summary']) {
    const { stdout, code } = await audit(join(folder, 'logs'), ['--format', format, name]);
    const text = stdout.toString();
    expect(code).toBe(1);
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain(`tok_${letters(1)}`);
    if (format === 'csv') expect(text).toContain(`"'=cmd`);
  }
});
