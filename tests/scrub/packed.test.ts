/** Files packed by other programs are written again in the same way, or left as they are. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunResult, runCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler } from '../support/generators.ts';
import { TOY_RULES } from '../support/rules.ts';

const RAW = Array.from({ length: 3000 }, (_, i) => `${filler(60, i + 1)} user-${i % 90}@toy.example\n`).join(
  '',
);
const CLEAN = RAW.replaceAll(/user-\d+@toy\.example/g, '[REDACTED:toy-mail]');

const PACKERS = ['zstd', 'xz', 'bzip2'] as const;
type Packer = (typeof PACKERS)[number];
const installed = (name: string): boolean =>
  spawnSync(name, ['--version'], { stdio: 'ignore', input: '' }).error === undefined;

function pack(packer: Packer, text: string, flags: readonly string[] = []): Buffer {
  return execFileSync(packer, ['-c', ...flags], { input: text, stdio: ['pipe', 'pipe', 'ignore'] });
}

function unpack(packer: Packer, bytes: Buffer): string {
  return execFileSync(packer, ['-dc'], { input: bytes, maxBuffer: 1e9 }).toString();
}

function scrub(folder: string, args: readonly string[], path?: string): Promise<RunResult> {
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  return runCli(['scrub', '--rules', join(folder, 'rules.yaml'), ...args], {
    cwd: folder,
    env: path === undefined ? {} : { PATH: path },
  });
}

describe.each(PACKERS.filter(installed))('%s', (packer) => {
  it('is kept, with all members, and a second run changes nothing', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'a.log': Buffer.concat([pack(packer, RAW), pack(packer, RAW)]) });
    const dry = await scrub(folder, ['a.log']);
    expect([dry.code, dry.stderr]).toEqual([0, '']);
    expect((await scrub(folder, ['a.log', '--write'])).code).toBe(0);
    const written = readFileSync(join(folder, 'a.log'));
    expect(unpack(packer, written)).toBe(CLEAN + CLEAN);
    expect((await scrub(folder, ['a.log', '--write'])).code).toBe(0);
    expect(readFileSync(join(folder, 'a.log'))).toEqual(written);
    expect(readdirSync(folder).sort()).toEqual(['a.log', 'rules.yaml']);
  });

  it('is left as it is when the program is missing, fails, or writes something else', async () => {
    const folder = temporaryFolder();
    const packed = pack(packer, RAW);
    writeFiles(folder, { 'a.log': packed });
    const missing = await scrub(folder, ['a.log'], folder);
    expect([missing.code, missing.stdout.toString()]).toEqual([
      2,
      expect.stringContaining(`the program \`${packer}\`, which writes that, is not on the path; install it`),
    ]);
    const other = join(folder, 'other.bin');
    writeFileSync(other, pack(packer, CLEAN.slice(1)));
    const scripts = {
      'exits with 3': ['exit 3', `\`${packer}\` failed: exit code 3`],
      'writes no such format': ['exec cat', "what was compressed can't be unpacked"],
      'leaves the end': [`head -c 1000 ${other}; cat > /dev/null`, "what was compressed can't be unpacked"],
      'writes another text': [`cat > /dev/null; cat ${other}`, 'does not unpack to what was written'],
    };
    const bin = temporaryFolder();
    for (const [name, [script, message]] of Object.entries(scripts)) {
      const program = `#!/bin/sh\nif [ "$1" = -t ]; then exit 0; fi\n${script}\n`;
      writeFileSync(join(bin, packer), program);
      chmodSync(join(bin, packer), 0o755);
      const run = await scrub(folder, ['a.log', '--write'], `${bin}:/usr/bin:/bin`);
      expect([name, run.code, run.stdout.toString()]).toEqual([
        name,
        2,
        expect.stringContaining(message as string),
      ]);
      expect(readFileSync(join(folder, 'a.log'))).toEqual(packed);
      expect(readdirSync(folder).sort()).toEqual(['a.log', 'other.bin', 'rules.yaml']);
    }
  });

  it('is left as it is when it is damaged', async () => {
    const folder = temporaryFolder();
    const packed = pack(packer, RAW);
    const flipped = Buffer.from(packed);
    flipped[packed.length - 3] = (flipped[packed.length - 3] as number) ^ 1;
    const files = { 'flipped.log': flipped, 'cut.log': packed.subarray(0, -2) };
    writeFiles(folder, files);
    const run = await scrub(folder, [...Object.keys(files), '--write']);
    expect(run.code).toBe(2);
    for (const [name, bytes] of Object.entries(files)) {
      expect(run.stdout.toString()).toContain(`${name}: left as it is: `);
      expect(readFileSync(join(folder, name))).toEqual(bytes);
    }
  });
});

it.runIf(PACKERS.every(installed))('what the header tells of the packing is kept', async () => {
  const folder = temporaryFolder();
  const files = {
    'a.zst': pack('zstd', RAW, ['--no-check']),
    'b.zst': pack('zstd', RAW, ['--check']),
    'a.xz': pack('xz', RAW, ['--check=crc32']),
    'a.bz2': pack('bzip2', RAW, ['-3']),
  };
  writeFiles(folder, files);
  expect((await scrub(folder, [...Object.keys(files), '--write'])).code).toBe(0);
  const head = (name: string): Buffer => readFileSync(join(folder, name)).subarray(0, 8);
  expect([head('a.zst')[4], head('b.zst')[4]].map((byte) => ((byte as number) >> 2) & 1)).toEqual([0, 1]);
  expect(head('a.xz')[7]).toBe(1);
  expect(head('a.bz2').toString('latin1', 0, 4)).toBe('BZh3');
});
