import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BASE64_SIGN, decodeBase64, nextText } from '../../src/encodings/base64.ts';
import { DecodedString } from '../../src/json/decode.ts';

function textIn(source: Buffer): string | undefined {
  const run = nextText(source, 0);
  if (run === undefined) return undefined;
  const out = new DecodedString(0);
  decodeBase64(source, run, out, null);
  for (let i = 0; i < out.length; i++) expect([out.rawStart[i], out.rawEnd[i]]).toEqual([run.start, run.end]);
  return Buffer.from(out.bytes.subarray(0, out.length)).toString();
}

const text = fc.string({ minLength: 24, maxLength: 80, unit: fc.constantFrom(...'abcXYZ019 :="{}@.,-_') });

test('text is found and decoded, in both alphabets, behind and before anything', () => {
  fc.assert(
    fc.property(
      text,
      fc.constantFrom('', ' ', '"', 'a', '/x/', '=', 'token='),
      fc.constantFrom('base64', 'base64url'),
      (value, before, alphabet) => {
        const digits = Buffer.from(value).toString(alphabet as BufferEncoding);
        expect(textIn(Buffer.from(`${before}${digits}" z`))).toContain(value);
      },
    ),
  );
});

test('what no block is searched for is no text', () => {
  const sign = new RegExp(BASE64_SIGN);
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 60 }),
        text.map((value) => `.${btoa(value)}`),
        fc.base64String(),
      ),
      (source) => {
        expect(nextText(Buffer.from(source), 0) !== undefined).toBe(sign.test(source));
      },
    ),
  );
});

test('digests, ids and random bytes are no text', () => {
  let found = 0;
  for (let i = 0; i < 2000; i++) {
    const bytes = randomBytes(48);
    for (const form of ['hex', 'base64', 'base64url'] as const)
      if (nextText(Buffer.from(bytes.toString(form)), 0) !== undefined) found++;
  }
  expect(found).toBeLessThan(5);
});
