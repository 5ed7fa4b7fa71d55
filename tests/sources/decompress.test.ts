/** Decompression and archives: what the system's own programs wrote is read back, whole, or refused. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/sources/archive/byteReader.ts';
import { DamagedInput } from '../../src/sources/archive/damaged.ts';
import { decompress } from '../../src/sources/archive/decompress.ts';
import { COMPRESSIONS, type Compression, recognise } from '../../src/sources/archive/recognise.ts';
import { tarMembers } from '../../src/sources/archive/tar.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler } from '../support/generators.ts';

const PROGRAMS: Readonly<Record<Compression, string>> = {
  gzip: 'gzip',
  zstd: 'zstd',
  xz: 'xz',
  bzip2: 'bzip2',
};

function has(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore', input: '' }).error === undefined;
}

function compress(format: Compression, bytes: Buffer, ...args: string[]): Buffer {
  const options = {
    input: bytes,
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'ignore'] as ('pipe' | 'ignore')[],
  };
  return execFileSync(PROGRAMS[format], ['-c', ...args], options) as Buffer;
}

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
}

async function all(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** What came out, and whether it ended as damaged. */
async function outcome(format: Compression, bytes: Buffer, size = 65_536): Promise<[Buffer, boolean]> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of decompress(format, cut(bytes, size))) pieces.push(Buffer.from(piece));
    return [Buffer.concat(pieces), false];
  } catch (error) {
    expect(error).toBeInstanceOf(DamagedInput);
    return [Buffer.concat(pieces), true];
  }
}

const text = Buffer.concat([
  filler(150_000, 1),
  Buffer.from('\n'),
  Buffer.alloc(3000, 'aaaa\n'),
  filler(70_000, 2),
]);

describe.each(COMPRESSIONS.filter((format) => has(PROGRAMS[format])))('%s', (format) => {
  const packed = compress(format, text);

  it('is recognised and read back, whatever the chunks', async () => {
    expect(recognise(packed.subarray(0, 4096))).toEqual({ kind: 'compressed', format });
    for (const size of [packed.length, 1000, 7]) {
      const [bytes, isDamaged] = await outcome(format, packed, size);
      expect([bytes.equals(text), isDamaged]).toEqual([true, false]);
    }
  });

  it('reads all members, also where a chunk ends with one', async () => {
    const second = compress(format, Buffer.from('second\n'));
    const joined = Buffer.concat([packed, second, packed]);
    for (const size of [packed.length, packed.length + second.length, 4096, 16 * 1024, 1]) {
      if (size === 1 && format === 'xz') continue;
      const [bytes, isDamaged] = await outcome(format, joined, size);
      expect([size, bytes.length, isDamaged]).toEqual([size, 2 * text.length + 7, false]);
    }
  });

  it('reads empty and random content', async () => {
    const samples = [Buffer.alloc(0), Buffer.from('x'), Buffer.alloc(1_000_000), Buffer.alloc(400, 0xff)];
    for (const bytes of samples) {
      const [out, isDamaged] = await outcome(format, compress(format, bytes));
      expect([out.equals(bytes), isDamaged]).toEqual([true, false]);
    }
    const property = fc.asyncProperty(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 400 })), {
        maxLength: 20,
      }),
      async (runs) => {
        const bytes = Buffer.concat(runs.flatMap(([run, times]) => Array(times).fill(Buffer.from(run))));
        const [out, isDamaged] = await outcome(format, compress(format, bytes), 1000);
        expect([out.equals(bytes), isDamaged]).toEqual([true, false]);
      },
    );
    await fc.assert(property, { numRuns: 15 });
  });

  it('refuses what is cut off, at any place', async () => {
    const cuts = [packed.length - 1, packed.length - 5, packed.length - 20, packed.length >> 1, 20];
    for (const length of cuts) {
      const [bytes, isDamaged] = await outcome(format, packed.subarray(0, length));
      expect([length, isDamaged, text.subarray(0, bytes.length).equals(bytes)]).toEqual([length, true, true]);
    }
  });

  it('refuses what stands behind it, and takes padding where the format has it', async () => {
    expect((await outcome(format, Buffer.concat([packed, Buffer.from('user-7@toy.example')])))[1]).toBe(true);
    const hidden = Buffer.concat([packed, Buffer.alloc(512), Buffer.from('user-7@toy.example')]);
    expect((await outcome(format, hidden))[1]).toBe(true);
    if (format === 'zstd') return;
    const [bytes, isDamaged] = await outcome(format, Buffer.concat([packed, Buffer.alloc(512)]));
    expect([bytes.length, isDamaged]).toEqual([text.length, false]);
  });

  it('refuses what has changed on the way', async () => {
    // fzstd does not test checksums.
    if (format === 'zstd') return;
    for (const place of [0.3, 0.5, 0.9]) {
      const bad = Buffer.from(packed);
      bad[Math.floor(bad.length * place)] ^= 0x10;
      expect((await outcome(format, bad))[1]).toBe(true);
    }
  });

  it('stays small on a bomb, which can be left at any time', async () => {
    const bomb = compress(format, Buffer.alloc(200_000_000));
    let largest = 0;
    let seen = 0;
    for await (const piece of decompress(format, cut(bomb, 65_536))) {
      largest = Math.max(largest, piece.length);
      seen += piece.length;
      if (seen > 100_000_000) break;
    }
    expect(largest).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
});

describe.runIf(has('zstd'))('zstd', () => {
  it('refuses a window of gigabytes before it is made', async () => {
    const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (31 - 10) << 3, 0x01, 0x00, 0x00]);
    expect((await outcome('zstd', header))[1]).toBe(true);
  });

  it('passes over frames that are to be skipped', async () => {
    const skipped = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), Buffer.from('xxxx')]);
    const file = Buffer.concat([
      skipped,
      compress('zstd', text),
      skipped,
      compress('zstd', Buffer.from('end')),
    ]);
    expect(recognise(file.subarray(0, 4096))).toEqual({ kind: 'compressed', format: 'zstd' });
    const [bytes, isDamaged] = await outcome('zstd', file, 500);
    expect([bytes.length, isDamaged]).toEqual([text.length + 3, false]);
  });
});

describe.runIf(has('tar'))('tar', () => {
  const longName = `${'deep/'.repeat(30)}${'n'.repeat(90)}.log`;

  it.each(['ustar', 'gnu', 'pax', 'v7'])('reads what %s has written', async (format) => {
    const folder = temporaryFolder();
    const name = format === 'v7' || format === 'ustar' ? 'deep/short.log' : longName;
    writeFiles(folder, { 'a.log': 'first\n', 'empty.log': '', [name]: filler(2000, 3), 'z.log': 'last\n' });
    const archive = execFileSync('tar', [`--format=${format}`, '-cf', '-', '.'], { cwd: folder }) as Buffer;
    expect(recognise(archive.subarray(0, 4096))).toEqual({ kind: 'tar' });
    const found: Record<string, string> = {};
    for await (const member of tarMembers(new ByteReader(cut(archive, 300)))) {
      if (member.kind === 'file') found[member.name] = (await all(member.content)).toString();
    }
    expect(found).toEqual({
      './a.log': 'first\n',
      './empty.log': '',
      [`./${name}`]: filler(2000, 3).toString(),
      './z.log': 'last\n',
    });
  });

  it('goes on behind members that are not read, and refuses what is cut off or joined', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { a: filler(5000, 1), b: filler(3000, 2) });
    const path = join(folder, 'x.tar');
    execFileSync('tar', ['-cf', path, 'a', 'b'], { cwd: folder });
    expect(existsSync(path)).toBe(true);
    const archive = readFileSync(path);
    const names = async (bytes: Buffer): Promise<string[]> => {
      const found: string[] = [];
      for await (const { name } of tarMembers(new ByteReader(cut(bytes, 700)))) found.push(name);
      return found;
    };
    expect(await names(archive)).toEqual(['a', 'b']);
    // Between two members: without its end mark an archive may have lost any number of them.
    await expect(names(archive.subarray(0, 512 + 5120))).rejects.toThrow('end mark');
    await expect(names(archive.subarray(0, 4000))).rejects.toBeInstanceOf(DamagedInput);
    await expect(names(archive.subarray(0, 6800))).rejects.toBeInstanceOf(DamagedInput);
    await expect(names(Buffer.concat([archive, archive]))).rejects.toBeInstanceOf(DamagedInput);
    writeFileSync(path, '');
  });
});

describe('tar headers', () => {
  const header = (name: string, type: string, size: number): Buffer => {
    const block = Buffer.alloc(512);
    block.write(name);
    block.write(size.toString(8).padStart(11, '0'), 124);
    block.write(' '.repeat(8), 148);
    block.write(type, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return block;
  };
  const data = Buffer.concat([Buffer.from('content'), Buffer.alloc(505)]);

  it('content is looked at whatever its type and name', async () => {
    const archive = Buffer.concat([
      ...[header('a', '0', 7), data, header('hard link', '1', 7), data, header('unknown', 'Q', 7), data],
      ...[header('', '0', 7), data, header('link', '2', 0), header('pipe', '6', 0), header('hard', '1', 0)],
      Buffer.alloc(1024),
    ]);
    const found: string[] = [];
    for await (const { name, kind, content } of tarMembers(new ByteReader(cut(archive, 100)))) {
      found.push(`${name} ${kind} ${(await all(content)).toString()}`);
    }
    const files = ['a', 'hard link', 'unknown', ''].map((name) => `${name} file content`);
    expect(found).toEqual([...files, 'link link ', 'pipe other ', 'hard link ']);
  });
});

describe('recognition', () => {
  it.each([
    ['text', Buffer.from('plain text, with a NUL \0 in it\n')],
    ['text', Buffer.alloc(0)],
    ['text', Buffer.from('ORC of a story\n')],
    ['text', Buffer.from('BZh9 is no bzip2\n')],
    ['text', Buffer.from('PK is a name\n')],
    ['utf16', Buffer.from('\ufeffwide', 'utf16le')],
    ['encoding', Buffer.from('fffe000061000000', 'hex')],
    ['binary', Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), Buffer.alloc(100)])],
    ['binary', Buffer.from(Array.from({ length: 500 }, (_, i) => (i * 7) % 30))],
  ])('%s', (kind, head) => {
    expect(recognise(head).kind).toBe(kind);
  });
});
