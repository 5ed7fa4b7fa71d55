import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validators } from '../../src/validators/registry.ts';

/** Bytes that come near to what the validators look for, so that random input reaches past their first test. */
const SEEDS = [
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
  '203.0.113.9',
  '2001:db8::ff00:42:8329%eth0',
  'jane.doe@example.co.uk',
  '+49 151 12345678',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
  'ghp_000000000000000000000000000000000000',
  'dXNlcjpwYXNz',
  'x8Kq2vLw9ZrT4nBd',
  `\${PASSWORD:-x}`,
  '****',
  '0d9f2c1e-7b1a-4c55-9a43-2b1f0c9d8e7f',
];

const nearMiss = fc
  .tuple(fc.constantFrom(...SEEDS), fc.nat(), fc.nat(255), fc.nat(), fc.nat(255))
  .map(([seed, at, byte, otherAt, otherByte]) => {
    const bytes = new TextEncoder().encode(seed);
    bytes[at % bytes.length] = byte;
    bytes[otherAt % bytes.length] = otherByte;
    return bytes;
  });

const someBytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), nearMiss);

describe('registry', () => {
  it('names every validator in kebab-case', () => {
    expect([...validators.keys()].sort()).toEqual([
      'base64-decodable',
      'basic-credentials',
      'card-issuer',
      'email',
      'github-token',
      'hex',
      'iban',
      'ipv4',
      'ipv4-public',
      'ipv6',
      'ipv6-public',
      'jwt',
      'luhn',
      'not-hex-digest',
      'not-placeholder',
      'not-uuid',
      'phone-e164',
      'strong-token',
      'token-like',
      'token-or-uuid',
    ]);
  });

  for (const [name, validate] of validators) {
    it(`${name} takes any bytes and any range within them`, () => {
      fc.assert(
        fc.property(someBytes, fc.nat(), fc.nat(), (bytes, a, b) => {
          const x = a % (bytes.length + 1);
          const y = b % (bytes.length + 1);
          const start = Math.min(x, y);
          const end = Math.max(x, y);
          expect(typeof validate(bytes, start, end)).toBe('boolean');
        }),
        { numRuns: 400 },
      );
    });

    it(`${name} looks at nothing outside its range and leaves the bytes alone`, () => {
      fc.assert(
        fc.property(
          someBytes,
          fc.uint8Array({ maxLength: 8 }),
          fc.uint8Array({ maxLength: 8 }),
          (bytes, before, after) => {
            const alone = validate(bytes, 0, bytes.length);
            const joined = new Uint8Array([...before, ...bytes, ...after]);
            const copy = joined.slice();
            expect(validate(joined, before.length, before.length + bytes.length)).toBe(alone);
            expect(joined).toEqual(copy);
          },
        ),
        { numRuns: 400 },
      );
    });

    it(`${name} gives the same answer whatever it was asked before`, () => {
      fc.assert(
        fc.property(someBytes, someBytes, (bytes, other) => {
          const first = validate(bytes, 0, bytes.length);
          validate(other, 0, other.length);
          expect(validate(bytes, 0, bytes.length)).toBe(first);
        }),
        { numRuns: 200 },
      );
    });

    it(`${name} has an answer for an empty range`, () => {
      // Nothing is no id and no secret; the two that only exclude a form have nothing to exclude.
      const expected = name === 'not-uuid' || name === 'not-hex-digest';
      expect(validate(new Uint8Array([0x41]), 1, 1)).toBe(expected);
    });
  }
});
