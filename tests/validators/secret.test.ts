import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctBytes, shannonEntropy } from '../../src/validators/entropy.ts';
import { accepts, check, refuses, utf8 } from './helpers.ts';

describe('shannonEntropy', () => {
  function byTheBook(bytes: Uint8Array): number {
    const counts = new Map<number, number>();
    for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
    let bits = 0;
    for (const count of counts.values()) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
    return bits;
  }

  it('knows simple cases', () => {
    const of = (text: string) => shannonEntropy(utf8(text), 0, text.length);
    expect(of('')).toBe(0);
    expect(of('aaaa')).toBe(0);
    expect(of('abab')).toBeCloseTo(1);
    expect(of('abcd')).toBeCloseTo(2);
    expect(of('0123456789abcdef')).toBeCloseTo(4);
  });

  it('agrees with the definition on any range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.nat(), fc.nat(), (bytes, a, b) => {
        const start = Math.min(a % bytes.length, b % bytes.length);
        const end = Math.max(a % bytes.length, b % bytes.length);
        expect(shannonEntropy(bytes, start, end)).toBeCloseTo(byTheBook(bytes.subarray(start, end)), 9);
        expect(distinctBytes(bytes, start, end)).toBe(new Set(bytes.subarray(start, end)).size);
      }),
    );
  });
});

describe('not-placeholder', () => {
  it('refuses what can not be a value', () => {
    refuses('not-placeholder', [
      '',
      '""',
      "''",
      'null',
      'NULL',
      '"null"',
      'None',
      'undefined',
      'true',
      'False',
      'YES',
      '****',
      '********',
      '•••••',
      'xxxx',
      'XXXX-XXXX-XXXX',
      '...',
      '?',
      '<password>',
      '<your password here>',
      '<nil>',
      `\${VAR}`,
      `\${db.password}`,
      `\${my-prop}`,
      `\${{ secrets.TOKEN }}`,
      '$(cat /run/secrets/db)',
      '#{password}',
      '{{x}}',
      '{{ .Values.password }}',
      '{}',
      '{password}',
      '%s',
      '%v',
      '%-10s',
      '%(password)s',
      '%{password}',
      '%DB_PASSWORD%',
      '$DB_PASSWORD',
      '$1',
      'process.env.DB_PASSWORD',
      'os.environ["DB_PASSWORD"]',
      'os.Getenv("X")',
      'secrets.TOKEN',
      '[REDACTED]',
      '[REDACTED:password]',
      '[FILTERED]',
      '[Redacted]',
      '(sensitive value)',
      '(null)',
      '***REDACTED***',
      '[object Object]',
    ]);
  });

  it('accepts what someone may have chosen', () => {
    accepts('not-placeholder', [
      'changeme',
      'password',
      'example',
      'hunter2',
      '$ecret',
      '$uper$ecret',
      '$2b$12$EixZaYVK1fsbw1ZfbX3OXe',
      `\${PASSWORD:-hunter2}`,
      `\${PASSWORD-hunter2}`,
      `\${password:hunter2}`,
      "{{ password | default('hunter2') }}",
      'os.getenv("X", "hunter2")',
      "process.env.X || 'hunter2'",
      '<P@ss!>',
      '%Passw0rd',
      '100%',
      'xx',
      'x*x*',
      '[hunter2]',
      '[REDACTED:email] hunter2]',
      'nullable',
      '"hunter2"',
      '"',
      '{"a":1}',
    ]);
  });
});

describe('token-like', () => {
  it('accepts generated values', () => {
    accepts('token-like', [
      'x8Kq2vLw9ZrT4nBd',
      'AbCdEf0123456789xyz',
      '68e26fa3629dc0203ceeb0b1d3c5b185',
      'jf15ldk2jeaooi8dhlc6rgt9g',
      'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'n5sqLw+tah0tY/q9',
      'ASIASXP6SDP2LKLKYYC4',
      'xKWbcOKlIyJJFbIB',
      'dapi-abc123def456',
    ]);
  });

  it('refuses words, names, paths, numbers and ids that have a form of their own', () => {
    refuses('token-like', [
      'password',
      'service_account_name',
      'invitedUserEmailAddress',
      'RoleDefinitionOriginType',
      'alpha.eksctl.io/nodegroup-type',
      '/var/log/pods/billing-forwarder',
      'https://api.example.com/v2/users/1a2b3c4d5e',
      'www.example.com',
      'java.io.IOException',
      '2026-11-22T14:20:48Z',
      '1748503543012345',
      '203.0.113.195',
      '1.8.0_111-b14',
      '123e4567-e89b-12d3-a456-426614174000',
      '0x7f8ecc0421f8',
      'aaaaaaaaaaaaaaaaaaaa',
      'xxxxxxxxxxxxxxxx',
      `\${AWS_SECRET_ACCESS_KEY}`,
      'process.env.STRIPE_KEY',
      'x8Kq2vL',
      '',
    ]);
  });

  it('accepts nearly all random values of the usual alphabets', () => {
    const alphabets = [
      '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
      '0123456789abcdefghijklmnopqrstuvwxyz',
      'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567',
      '0123456789abcdef',
    ];
    for (const alphabet of alphabets) {
      const values = fc.sample(
        fc.string({ unit: fc.constantFrom(...alphabet), minLength: 24, maxLength: 64 }),
        { numRuns: 300, seed: 20261122 },
      );
      const accepted = values.filter((value) => check('token-like', value)).length;
      // fast-check prefers repeated and boundary characters, so its values are less random than real ones.
      expect(accepted / values.length, alphabet).toBeGreaterThan(0.9);
    }
  });
});

describe('token-or-uuid', () => {
  it('accepts UUIDs and generated values', () => {
    accepts('token-or-uuid', [
      '7f3a91c2-58d4-4e0b-9a6c-2b1d8e5f7043',
      '7F3A91C2-58D4-4E0B-9A6C-2B1D8E5F7043',
      'x8Kq2vLw9ZrT4nBd',
      '68e26fa3629dc0203ceeb0b1d3c5b185',
    ]);
  });

  it('refuses what was typed in order, and UUIDs that stand for none', () => {
    refuses('token-or-uuid', [
      '00000000-0000-0000-0000-000000000000',
      '11111111-2222-3333-4444-555555555555',
      'abcdefghij0123456789klmnopqrst',
      'service_account_name',
      '',
    ]);
  });
});

describe('strong-token', () => {
  it('accepts long generated values in one piece', () => {
    accepts('strong-token', [
      'x8Kq2vLw9ZrT4nBd',
      '68e26fa3629dc0203ceeb0b1d3c5b185',
      'jf15ldk2jeaooi8dhlc6rgt9g',
      'q7Zt-91KmPx4Rb2Vw8sL_d3',
      'n5sqLw+tah0tY9qx81hK20p=',
    ]);
  });

  it('refuses what may as well be a name, a path, a list or a number', () => {
    refuses('strong-token', [
      'x8Kq2vLw9ZrT',
      'reports/2026/03/14/eu-1/part-7f3a.parquet',
      'shop-frontend-7d9c5b8f6-x2k4q',
      'RoleDefinitionOriginType2',
      '2026-03-14T09:21:07.412345Z',
      '7f3a91c2-58d4-4e0b-9a6c-2b1d8e5f7043',
      'abcdefghij0123456789klmnopqrst',
      'xxxxxxxxxxxxxxxxxxxx',
      '',
    ]);
  });
});

describe('not-placeholder and masks that leave a beginning', () => {
  it('refuses a value most of which is masked', () => {
    refuses('not-placeholder', ['AKC9xxxxxxxx', 'sk-****************', 'abXXXXX']);
  });

  it('accepts a value that only ends in a few marks', () => {
    accepts('not-placeholder', ['hunter2xx', 'correcthorsexxxxx', 'Zebra-91**', 'exxxx']);
  });
});
