/** Known values are found however they are encoded, by either engine, and by nothing else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSanitizer } from '../../src/app/sanitizer.ts';
import { KnownSecrets, SHORTEST_VALUE } from '../../src/known/knownSecrets.ts';
import { KEY_HEX, runs } from '../scan/support.ts';

const VALUES = [
  'S3cr"t&/Wörd',
  'six-by',
  'b7Zq91LmXw04vTn5',
  'sk_known_0123456789abcdef',
  'sk_known_0123456789abcdefXY',
];
const sanitizers = (['kernel', 're2'] as const).map((engine) =>
  createSanitizer({ engine, key: KEY_HEX, rules: ['pii/li'], knownSecrets: VALUES }),
);

const base64At = (offset: number, alphabet: BufferEncoding) => (value: string) =>
  Buffer.from(`${'x?>'.slice(0, offset)}${value}~~`).toString(alphabet);
const ENCODINGS: readonly (readonly [string, (value: string) => string])[] = [
  ['plain', (value) => value],
  ['percent', encodeURIComponent],
  ['percent twice', (value) => encodeURIComponent(encodeURIComponent(value))],
  [
    'all percent',
    (value) => [...Buffer.from(value)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  ],
  ['HTML', (value) => value.replace(/[&"]/g, (char) => ({ '&': '&amp;', '"': '&quot;' })[char] as string)],
  ['HTML numbers', (value) => [...value].map((char) => `&#${char.codePointAt(0)};`).join('')],
  ['JSON', (value) => JSON.stringify({ a: value })],
  ['JSON in JSON', (value) => JSON.stringify({ a: JSON.stringify([value]) })],
  ['hex', (value) => Buffer.from(value).toString('hex')],
  ['HEX', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ...[0, 1, 2].flatMap((offset) =>
    (['base64', 'base64url'] as const).map((alphabet): readonly [string, (value: string) => string] => [
      `${alphabet} at ${offset}`,
      base64At(offset, alphabet),
    ]),
  ),
];

describe.each(VALUES)('value %#', (value) => {
  test.each(ENCODINGS)('%s', (_, encode) => {
    const text = `a ${encode(value)} b\nclean line\n`;
    const [kernel, re2] = sanitizers.map((sanitizer) => ({
      output: sanitizer.redact(text),
      findings: sanitizer.scan(text),
    }));
    expect(kernel).toEqual(re2);
    expect(kernel?.output).toMatch(/^a .*\[REDACTED:known-secret\].* b\nclean line\n$/);
    const [plain] = sanitizers[0]?.scan(value) ?? [];
    expect(kernel?.findings.map(({ fingerprint }) => fingerprint)).toEqual([plain?.fingerprint]);
    expect(kernel?.findings[0]).toMatchObject({
      entity: 'KNOWN_SECRET',
      category: 'secret',
      severity: 'critical',
    });
    expect(sanitizers[0]?.redact(kernel?.output ?? '')).toBe(kernel?.output);
  });
});

test('every value in a text is found, wherever it stands', () => {
  const value = fc
    .uint8Array({ minLength: SHORTEST_VALUE, maxLength: 40 })
    .map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 30 })), { minLength: 1, maxLength: 8 }),
      (values, places) => {
        const copies = values.map((bytes) => Buffer.from(bytes));
        const secrets = new KnownSecrets(values.map((bytes) => Buffer.from(bytes)));
        const text = Buffer.concat(
          places.flatMap(([pick, noise]) => [noise, copies[pick % copies.length] as Buffer]),
        );
        const covered = new Uint8Array(text.length);
        for (let from = 0; secrets.find(text, from, text.length); from = secrets.match.at + 1) {
          covered.fill(1, secrets.match.start, secrets.match.end);
        }
        for (const copy of copies) {
          for (let at = text.indexOf(copy); at !== -1; at = text.indexOf(copy, at + 1)) {
            expect(covered.subarray(at, at + copy.length).includes(0)).toBe(false);
          }
        }
      },
    ),
    runs(300),
  );
});

test('other text of the same length and beginning is left alone', () => {
  const text = 'sk_known_0123456789abcdeg six-bz b7Zq91LmXw04vTn6 736978626a';
  for (const sanitizer of sanitizers) expect(sanitizer.redact(text)).toBe(text);
});

test('the values given are wiped', () => {
  const values = [Buffer.from('a-secret-value')];
  const secrets = new KnownSecrets(values);
  expect(values[0]?.every((byte) => byte === 0)).toBe(true);
  expect(secrets.find(Buffer.from('x a-secret-value'), 0, 16)).toBe(true);
});
