/** Every spelling that is tried is one that the pattern finds, and so for spellings that are not tried. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import type * as PhoneLibrary from 'libphonenumber-js/max';
import RE2 from 're2';
import { describe, expect, it } from 'vitest';
import { type Identity, identify } from '../../src/subject/identity.ts';
import { compressedIpv6, fullIpv6 } from '../../src/subject/ipSpellings.ts';

const phones = createRequire(import.meta.url)('libphonenumber-js/max') as typeof PhoneLibrary;
const of = (value: string, options: { region?: string; tags?: string[] } = {}): Identity =>
  identify(value, { tags: [], phones, ...options });
const finds = ({ pattern }: Identity, text: string): string | undefined =>
  new RE2(pattern, 'u').exec(text)?.[1];

const VALUES: readonly (readonly [value: string, kind: string, region?: string])[] = [
  ['Anna.Meier@Example.com', 'email'],
  ['anna@bücher.example', 'email'],
  ['+49 30 901820', 'phone'],
  ['030 901820', 'phone', 'DE'],
  ['+1 212 555 0123', 'phone'],
  ['de89 3704 0044 0532 0130 00', 'iban'],
  ['203.0.113.9', 'ip'],
  ['2001:DB8::1', 'ip'],
  ['00:1a:2B:3c:4d:5e', 'mac'],
  ['123-45-6789', 'number'],
  ['4111 1111 1111 1111', 'number'],
  ['Anna Meier', 'text'],
  ['anna_m', 'text'],
];

describe.each([...VALUES])('%s', (value = '', kind, region) => {
  const identity = of(value, region ? { region } : {});

  it(`is told to be ${kind}, and each spelling tried is found in a text`, () => {
    expect(identity.kind).toBe(kind);
    for (const spelling of identity.spellings) {
      if (spelling.startsWith('::ffff:') || spelling.startsWith('tel:')) continue;
      for (const [before, after] of [
        ['', ''],
        [' ', ' '],
        ['"', '"'],
        ['=', ','],
        ['(', ').'],
      ] as const) {
        expect([spelling, finds(identity, before + spelling + after) !== undefined]).toEqual([
          spelling,
          true,
        ]);
      }
    }
  });

  it('is not found within a longer word or number', () => {
    expect(finds(identity, `x7${value}7x`)).toBeUndefined();
  });
});

describe('an address', () => {
  it('is found with any sub-address and in any case, and no other is', () => {
    const anna = of('anna@example.com');
    for (const text of [
      'ANNA@EXAMPLE.COM',
      'Anna+Shop@Example.com',
      'anna%40example.com',
      'to=anna+a.b-c@example.com;',
    ]) {
      expect([text, finds(anna, text)]).not.toEqual([text, undefined]);
    }
    for (const text of [
      'joanna@example.com',
      'anna@example.com.evil.org',
      'anna@example.community',
      'anna.x@example.com',
      'x-anna@example.com',
      'anna@example-com',
    ]) {
      expect([text, finds(anna, text)]).toEqual([text, undefined]);
    }
    expect(of('anna@example.com', { tags: ['shop'] }).spellings).toContain('anna+shop@example.com');
  });

  it('is taken letter by letter, whatever it is', () => {
    const local = fc.stringMatching(/^[A-Za-z0-9.!#$%&'*/=?^_`{|}~-]{4,20}$/);
    fc.assert(
      fc.property(local, (name) => {
        const identity = of(`${name}@example.com`);
        expect(finds(identity, `<${name}@example.com>`)).toBe(`${name}@example.com`);
      }),
    );
  });
});

describe('IPv6', () => {
  it('is written in full and in short, and back', () => {
    const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((number) => number.toString(16).padStart(4, '0')).join(':');
        expect(fullIpv6(compressedIpv6(full))).toBe(full);
      }),
    );
    expect(compressedIpv6('2001:0db8:0000:0000:0001:0000:0000:0001')).toBe('2001:db8::1:0:0:1');
    expect(fullIpv6('::ffff:192.0.2.1')).toBe('0000:0000:0000:0000:0000:ffff:c000:0201');
  });
});

it('values that would be found everywhere are refused, and errors repeat none', () => {
  expect(() => of('abc')).toThrow('at least 4 characters');
  expect(() => identify('secret-thing', { tags: [], phones, kind: 'iban' })).toThrow(
    /^--kind iban: the value does not look like one$/,
  );
});
