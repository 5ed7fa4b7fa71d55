/** Whatever bytes a log holds: outside of what is redacted the output equals the input, byte for byte. */
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { randomNumbers } from '../support/generators.ts';
import { TOY_RULES } from '../support/rules.ts';

const VALUE = Buffer.from('user-1@toy.example');
const PLACEHOLDER = Buffer.from('[REDACTED:toy-mail]');

/** The parts with a value, and with its placeholder, between each two of them. */
function both(parts: readonly (Buffer | string)[]): { raw: Buffer; redacted: Buffer } {
  const joined = (between: Buffer): Buffer =>
    Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [bytes(part)] : [between, bytes(part)])));
  return { raw: joined(VALUE), redacted: joined(PLACEHOLDER) };
}

const bytes = (part: Buffer | string): Buffer => (typeof part === 'string' ? Buffer.from(part) : part);

const CASES: Readonly<Record<string, readonly (Buffer | string)[]>> = {
  'invalid UTF-8': [
    Buffer.from([0xff, 0xfe - 1, 0xc0, 0xaf, 0x20]),
    Buffer.from([0x20, 0xe2, 0x82]),
    Buffer.from([0xed, 0xa0, 0x80, 0xf5, 0x90]),
    '\n',
  ],
  'a cut character at the end': ['ä ', Buffer.from([0x20, 0xf0, 0x9f, 0x98])],
  'CRLF and lone CR': ['a\r\nb ', '\r\n\r\r\nc ', '\rd\r\n\r', '\r'],
  'NUL bytes': [Buffer.from([0, 0, 0x0a, 0]), Buffer.from([0, 0x0a, 0, 0x0a]), Buffer.from([0])],
  'no final newline': ['one\ntwo ', ''],
  'empty lines only around it': ['\n\n\n', '\n\n\n'],
  'all other controls': [
    Buffer.from([1, 2, 3, 7, 8, 9, 11, 12, 27, 31, 127, 32]),
    ' \u2028\u2029\u0085\ufeff',
  ],
  'a byte order mark': ['\ufeff', '\n'],
  'broken JSON': ['{"a":"', '","b":"\\ud83d', '\\u00","c":[1,2,', '}]\n'],
};

it.each(Object.entries(CASES))('keeps %s', async (_, parts) => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  const { raw, redacted } = both(parts);
  const run = await runCli(['--rules', 'rules.yaml'], { cwd: folder, input: raw });
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
  expect(run.stdout.toString('latin1')).toBe(redacted.toString('latin1'));
});

it('keeps random bytes, also under all rules that ship, when nothing is done with what they find', async () => {
  const random = randomNumbers(42);
  const noise = Buffer.from(Array.from({ length: 200_000 }, () => Math.floor(random() * 256)));
  const run = await runCli(['--rules', 'all', '--action', 'keep'], { input: noise });
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
  expect(run.stdout.equals(noise)).toBe(true);
});
