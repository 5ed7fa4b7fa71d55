import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, check, refuses } from './helpers.ts';

describe('email', () => {
  it('accepts addresses', () => {
    accepts('email', [
      'jane.doe@example.co.uk',
      'JANE@EXAMPLE.COM',
      "o'neil+tag@sub.example.org",
      'x@y.io',
      'jane%40example.com',
      'a@xn--d1acufc.xn--p1ai',
      'почта@пример.рф',
      'müller@example.de',
      'info@firma.rs',
      'mail@domain.museum',
      'u@domain.travelersinsurance',
      'jane@shop.example',
      'jane@shop.test',
      '1@2.de',
    ]);
  });

  it('refuses what only looks like one', () => {
    refuses('email', [
      'icon@2x.png',
      'run@Main.java',
      'pkg@1.2.3',
      'pkg@1.2.3-rc.dev',
      'bar@v1.2.3-beta.in',
      'git@github.com',
      'user@host.local',
      'root@db.internal',
      'nas@home.lan',
      'user@localhost',
      'user@host',
      'info@presidio.',
      'a..b@example.com',
      '.a@example.com',
      'a.@example.com',
      'a@.example.com',
      'a@example..com',
      'a@-example.com',
      'a@example-.com',
      'a@ex_ample.com',
      'a b@example.com',
      'a@b@example.com',
      '@example.com',
      'a@',
      'example.com',
      '',
      `${'a'.repeat(65)}@example.com`,
      `a@${'b'.repeat(64)}.com`,
    ]);
  });

  it('does not care about the case of the domain', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('com', 'de', 'museum', 'java', 'local', 'photography'),
        fc.nat(),
        (tld, mask) => {
          const mixed = [...tld]
            .map((letter, i) => ((mask >> i) & 1 ? letter.toUpperCase() : letter))
            .join('');
          expect(check('email', `a@b.${mixed}`)).toBe(check('email', `a@b.${tld}`));
        },
      ),
    );
  });

  it('remembers labels without mixing them up', () => {
    const label = fc.string({ unit: fc.constantFrom(...'acdeimnortz'), minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(fc.array(label, { minLength: 2, maxLength: 20 }), (labels) => {
        const first = labels.map((text) => check('email', `a@b.${text}`));
        expect(labels.map((text) => check('email', `a@b.${text}`))).toEqual(first);
      }),
      { numRuns: 50 },
    );
  });
});

describe('phone-e164', () => {
  it('accepts assigned numbers however they are grouped', () => {
    accepts('phone-e164', [
      '+49 151 12345678',
      '+4915112345678',
      '+49 (0)151 12345678',
      '+1 415 555 0132',
      '+1-202-555-0143',
      '+44 (20) 7123 4567',
      '+33.1.42.68.53.00',
      '+905321234567',
    ]);
  });

  it('refuses other numbers', () => {
    refuses('phone-e164', [
      '+99912345678',
      '+1234567890',
      '+3.5.30729',
      '49 151 12345678',
      '0151 12345678',
      '+49',
      '+',
      '',
      '+49 151 12345678 ext 5',
      `+${'1'.repeat(17)}`,
      `+49${' '.repeat(60)}15112345678`,
    ]);
  });
});
