/** UTF-16 is searched as text, and findings tell bytes of the file as it is stored. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { History } from '../../src/audit/history.ts';
import { SourcePlaces } from '../../src/audit/sourcePlaces.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { recognise } from '../../src/sources/archive/recognise.ts';
import { decodeUtf16, type Utf16, utf16Length } from '../../src/sources/archive/utf16.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { letters, randomNumbers } from '../support/generators.ts';
import { audit } from './support.ts';

function utf16(text: string, encoding: Utf16): Buffer {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, number = 0; at < bytes.length; number++) {
    const size = sizes[number % sizes.length] ?? bytes.length;
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

const encoding = fc.constantFrom<Utf16>('utf-16le', 'utf-16be');

test('cut anywhere, it decodes to the same text, and each place is that of the file', async () => {
  const text = fc.string({
    unit: fc.oneof(fc.constant('\n'), fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })),
    maxLength: 1000,
    size: 'max',
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(text, encoding, sizes, fc.nat(), async (given, order, cuts, seed) => {
      const stored = utf16(given, order);
      const history = new History();
      const places = new SourcePlaces(history, 2, utf16Length);
      const decoded: Buffer[] = [];
      for await (const chunk of decodeUtf16(pieces(stored, cuts), order)) {
        decoded.push(chunk);
        history.add(chunk);
        places.add(chunk);
      }
      const searched = Buffer.concat(decoded).toString();
      expect(searched).toBe(Buffer.from(given).toString());
      const characters = [...searched];
      const first = characters.length === 0 ? 0 : seed % characters.length;
      const before = characters.slice(0, first).join('');
      const value = characters.slice(first, first + 5).join('');
      const line = before.slice(before.lastIndexOf('\n') + 1);
      const lineStart = before.length - line.length;
      expect(
        places.of({
          offset: Buffer.byteLength(before),
          column: Buffer.byteLength(line) + 1,
          length: Buffer.byteLength(value),
        }),
      ).toEqual({
        offset: 2 + 2 * before.length,
        column: 1 + 2 * line.length + (lineStart === 0 ? 2 : 0),
        length: 2 * value.length,
      });
    }),
    { numRuns: 100 },
  );
});

test('the begin of a line that is longer than what is kept of it is known', () => {
  const history = new History();
  const places = new SourcePlaces(history, 2, utf16Length);
  const add = (bytes: Buffer): void => {
    history.add(bytes);
    places.add(bytes);
  };
  add(Buffer.from('first line\n'));
  const piece = Buffer.from('é'.repeat(32 * 1024));
  for (let i = 0; i < 200; i++) add(piece);
  const column = 200 * piece.length - 1;
  expect(places.of({ offset: 11 + column - 1, column, length: 2 })).toEqual({
    offset: 2 + 22 + column - 1,
    column,
    length: 2,
  });
});

it('its findings are those of the same text in UTF-8, compressed too', async () => {
  const folder = temporaryFolder();
  const text = [
    '2026-05-01 10:00:00 für user-1@toy.example 😀 und user-2@toy.example',
    `Schlüssel tok_${letters(1)}`,
    '😀😀 user-1@toy.example',
    '',
  ].join('\r\n');
  const stored = { 'le.txt': utf16(text, 'utf-16le'), 'be.txt': utf16(text, 'utf-16be') };
  writeFiles(folder, { 'plain/a.txt': text, ...stored });
  writeFiles(folder, { 'packed.gz': gzipSync(stored['be.txt']) });
  const found = async (path: string): Promise<Finding[]> => {
    const { code, stdout } = await audit(folder, [path, '--format', 'jsonl']);
    expect(code).toBe(1);
    return stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  const plain = await found('plain/a.txt');
  expect(plain).toHaveLength(4);
  for (const path of ['le.txt', 'be.txt', 'packed.gz']) {
    const findings = await found(path);
    const file = path === 'le.txt' ? stored['le.txt'] : stored['be.txt'];
    expect(findings.map(({ fingerprint, line }) => [fingerprint, line])).toEqual(
      plain.map(({ fingerprint, line }) => [fingerprint, line]),
    );
    for (const [index, { offset, length, column }] of findings.entries()) {
      const bytes = Buffer.from(file.subarray(offset, offset + length));
      const value = (path === 'le.txt' ? bytes : bytes.swap16()).toString('utf16le');
      const there = plain[index] as Finding;
      expect(value).toBe(Buffer.from(text).toString('utf8', there.offset, there.offset + there.length));
      expect((offset - column + 1) % 2).toBe(0);
    }
  }
});

it('what only begins like it, is cut off, or has no mark is told', async () => {
  const folder = temporaryFolder();
  const text = 'a line with user-1@toy.example in it\n'.repeat(3);
  writeFiles(folder, {
    'logs/cut.txt': utf16(text, 'utf-16le').subarray(0, -1),
    'logs/noise.bin': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.alloc(600, 0xdd)]),
    'logs/unmarked.txt': Buffer.from(text, 'utf16le'),
    'logs/mark.txt': Buffer.from([0xff, 0xfe]),
    'logs/utf32.txt': Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]),
  });
  const { code, stdout } = await audit(folder, ['logs', '--format', 'json']);
  expect(code).toBe(2);
  const { entries } = JSON.parse(stdout.toString()).coverage;
  const states = Object.fromEntries(
    entries.map((entry: { path: string; state: string; findings: number }) => [
      entry.path.slice('logs/'.length),
      [entry.state, entry.findings],
    ]),
  );
  expect(states).toEqual({
    'cut.txt': ['partly', 3],
    'noise.bin': ['binary', 0],
    'unmarked.txt': ['encoding', 0],
    'mark.txt': ['examined', 0],
    'utf32.txt': ['encoding', 0],
  });
});

test('noise behind a mark is not taken for text', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = randomNumbers(seed);
    const noise = Buffer.from(Array.from({ length: 4094 }, () => Math.floor(random() * 256)));
    const head = Buffer.concat([Buffer.from(seed % 2 === 0 ? [0xff, 0xfe] : [0xfe, 0xff]), noise]);
    expect(recognise(head).kind).toBe('binary');
  }
});
