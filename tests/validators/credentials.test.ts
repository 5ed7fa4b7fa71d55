import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, check, refuses } from './helpers.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');

describe('jwt', () => {
  const payload = base64url('{"sub":"1"}');

  it('accepts a header with alg and one, two or four parts behind it', () => {
    const header = base64url('{"alg":"HS256","typ":"JWT"}');
    accepts('jwt', [
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `${header}.${payload}.c2ln`,
      `${header}..c2ln`,
      `${base64url(' { "typ": "JWT",\n "alg": "none" }')}.${payload}.`,
      `${base64url('{"alg":"dir","enc":"A128GCM"}')}..aXY.Y3Q.dGFn`,
      `${base64('{"alg":"RS256"}')}.${payload}.c2ln`,
    ]);
  });

  it('refuses other headers and other numbers of parts', () => {
    const header = base64url('{"alg":"HS256"}');
    refuses('jwt', [
      header,
      `${header}.a.b.c`,
      `${base64url('{"typ":"JWT"}')}.${payload}.c2ln`,
      `${base64url('{"alg":1}')}.${payload}.c2ln`,
      `${base64url('["alg"]')}.${payload}.c2ln`,
      `${base64url('null')}.${payload}.c2ln`,
      `${base64url('"alg"')}.${payload}.c2ln`,
      `${base64url('{"alg":"HS256"')}.${payload}.c2ln`,
      `${header}.${payload}.c2 ln`,
      '..',
      'www.example.com',
    ]);
  });
});

describe('github-token', () => {
  const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

  function checksum(random: string): string {
    let value = BigInt(crc32(random));
    let text = '';
    for (let i = 0; i < 6; i++) {
      text = ALPHABET[Number(value % 62n)] + text;
      value /= 62n;
    }
    return text;
  }

  const random = fc.string({ unit: fc.constantFrom(...ALPHABET), minLength: 30, maxLength: 30 });

  it('accepts the published sample token', () => {
    // Kept in two pieces so that secret scanners leave this file alone.
    accepts('github-token', [`ghp_${'zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ'}${'0mLq17'}`]);
  });

  it('accepts exactly the tokens whose checksum is right', () => {
    const prefix = fc.constantFrom('ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_');
    fc.assert(
      fc.property(prefix, random, fc.nat(35), fc.integer({ min: 1, max: 61 }), (kind, body, at, shift) => {
        const value = body + checksum(body);
        expect(check('github-token', kind + value)).toBe(true);
        const wrong = ALPHABET[(ALPHABET.indexOf(value[at]) + shift) % 62];
        expect(check('github-token', kind + value.slice(0, at) + wrong + value.slice(at + 1))).toBe(false);
      }),
    );
  });

  it('accepts other forms by their prefix, and nothing without one', () => {
    accepts('github-token', [
      `ghs_123456_${base64url('{"alg":"ES256"}')}.${base64url('{"iss":"x"}')}.c2ln`,
      `github_pat_${'a'.repeat(82)}`,
      `ghp_${'a'.repeat(40)}`,
    ]);
    refuses('github-token', [
      `ghp_${'a'.repeat(36)}`,
      `ghx_${'a'.repeat(40)}`,
      `GHP_${'a'.repeat(40)}`,
      'ghp',
      '',
    ]);
  });
});

describe('basic-credentials', () => {
  it('accepts a user, a colon and a password', () => {
    accepts('basic-credentials', [
      base64('user:pass'),
      base64('user:pass').replace(/=+$/, ''),
      base64url('ü>>>:?~~'),
      base64('Иван:пароль'),
      base64('token:'),
      base64(':x'),
      Buffer.from('jos\xe9:geheim99', 'latin1').toString('base64'),
    ]);
  });

  it('refuses base64 of anything else', () => {
    refuses('basic-credentials', [
      base64('userpass'),
      base64(':'),
      base64('user:\u0000pass'),
      base64('user:pass\n'),
      Buffer.from([0x3a, 0xff, 0xfe, 0xfd, 0x41, 0xc3]).toString('base64'),
      'dXNlcjpwYXNz=',
      'user:pass',
      '',
    ]);
  });

  it('agrees with decoding by Buffer', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab:é€😀 ~\n'), maxLength: 12 });
    fc.assert(
      fc.property(text, (plain) => {
        const expected = plain.includes(':') && Buffer.byteLength(plain) >= 2 && !plain.includes('\n');
        expect(check('basic-credentials', base64(plain))).toBe(expected);
      }),
    );
  });
});

describe('base64-decodable', () => {
  it('accepts whatever Node encodes, in both alphabets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        expect(check('base64-decodable', buffer.toString('base64'))).toBe(true);
        expect(check('base64-decodable', buffer.toString('base64url'))).toBe(true);
      }),
    );
  });

  it('refuses broken padding, mixed alphabets and other bytes', () => {
    refuses('base64-decodable', [
      '',
      '=',
      'a',
      'abcde',
      'ab=',
      'abc==',
      'abcd=',
      'ab+_',
      'ab cd',
      'ab=c',
      'ab.c',
    ]);
  });
});

describe('hex, not-hex-digest and not-uuid', () => {
  it('knows hexadecimal digits', () => {
    accepts('hex', ['0', 'deadBEEF', '0123456789abcdef']);
    refuses('hex', ['', '0x1f', 'g', 'dead beef', '@']);
  });

  it('excludes digests by their length', () => {
    for (const length of [32, 40, 64, 128]) {
      refuses('not-hex-digest', ['a1'.repeat(length / 2)]);
      accepts('not-hex-digest', [`${'a1'.repeat(length / 2 - 1)}zz`, 'a1'.repeat(length / 2 - 1)]);
    }
  });

  it('excludes UUIDs', () => {
    refuses('not-uuid', ['123e4567-e89b-12d3-a456-426614174000', 'EA7583CD-A667-48BC-B806-42ECB2B48606']);
    accepts('not-uuid', [
      '123e4567-e89b-12d3-a456-42661417400',
      '123e4567_e89b-12d3-a456-426614174000',
      'uuid',
    ]);
    accepts('not-uuid', ['123e4567-e89b-12d3-a456-42661417400g']);
  });
});
