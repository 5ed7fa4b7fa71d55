import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepts, check, refuses } from './helpers.ts';

/** Luhn as the standard words it, on a string of digits. */
function luhnByTheBook(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, character, place) => {
    const value = Number(character) * (place % 2 === 1 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return sum % 10 === 0;
}

/** ISO 7064 MOD 97-10 with one big number. */
function mod97ByTheBook(iban: string): bigint {
  const rearranged = iban.slice(4) + iban.slice(0, 4);
  const digits = [...rearranged].map((character) => Number.parseInt(character, 36)).join('');
  return BigInt(digits) % 97n;
}

const digitString = (minLength: number, maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength, maxLength }).map((digits) => digits.join(''));

describe('luhn', () => {
  it('accepts numbers whose check digit is right', () => {
    accepts('luhn', [
      '79927398713',
      '4111111111111111',
      '4111 1111 1111 1111',
      '4111-1111-1111-1111',
      '18',
      '00',
    ]);
  });

  it('refuses wrong check digits, other bytes and single digits', () => {
    refuses('luhn', [
      '79927398710',
      '4111111111111112',
      '4111.1111.1111.1111',
      '0',
      '',
      ' - ',
      '7992739871a',
    ]);
  });

  it('agrees with the textbook form', () => {
    fc.assert(
      fc.property(digitString(2, 25), (digits) => {
        expect(check('luhn', digits)).toBe(luhnByTheBook(digits));
      }),
    );
  });

  it('notices every single wrong digit', () => {
    fc.assert(
      fc.property(digitString(2, 20), fc.nat(), fc.integer({ min: 1, max: 9 }), (body, at, shift) => {
        const checkDigit = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].find((digit) => luhnByTheBook(`${body}${digit}`));
        const digits = `${body}${checkDigit}`;
        expect(check('luhn', digits)).toBe(true);
        const place = at % digits.length;
        const wrong = (Number(digits[place]) + shift) % 10;
        expect(check('luhn', digits.slice(0, place) + wrong + digits.slice(place + 1))).toBe(false);
      }),
    );
  });
});

describe('card-issuer', () => {
  it('accepts the length and prefix of each network', () => {
    accepts('card-issuer', [
      '4111111111111111', // Visa
      '4222222222222',
      '5555555555554444', // Mastercard
      '2223000048400011',
      '378282246310005', // American Express
      '3782 822463 10005',
      '6011111111111117', // Discover
      '6011-1111-1111-1117',
      '30569309025904', // Diners Club
      '36227206271667',
      '3530111333300000', // JCB
      '6200000000000005', // UnionPay
      '6759649826438453', // Maestro
      '2200000000000004', // Mir
      '6521000000000000', // RuPay
      '9792000000000001', // Troy
      '122000000000003', // UATP
    ]);
  });

  it('refuses what no network issues', () => {
    refuses('card-issuer', [
      '411111111111111', // Visa has no 15 digits
      '37828224631000', // nor American Express 14
      '1748503543012', // epoch in milliseconds
      '1748503543012345', // and in microseconds
      '9111111111111111',
      '0000000000000000',
      '4444444444444444',
      '4111',
      '',
      '4111 1111 1111 111a',
    ]);
  });
});

/** Examples from the IBAN registry, one a format that differs in letters, length or region. */
const REGISTRY_EXAMPLES = [
  'AD1200012030200359100100',
  'AE070331234567890123456',
  'AL47212110090000000235698741',
  'AT611904300234573201',
  'BE68539007547034',
  'BR1800360305000010009795493C1',
  'CH9300762011623852957',
  'CY17002001280000001200527600',
  'DE89370400440532013000',
  'DK5000400440116243',
  'EG380019000500000000263180002',
  'ES9121000418450200051332',
  'FI2112345600000785',
  'FR1420041010050500013M02606',
  'GB29NWBK60161331926819',
  'GR1601101250000000012300695',
  'IE29AIBK93115212345678',
  'IT60X0542811101000000123456',
  'KZ86125KZT5004100100',
  'LC55HEMM000100010012001200023015',
  'MT84MALT011000012345MTLCAST001S',
  'MU17BOMM0101101030300200000MUR',
  'NL91ABNA0417164300',
  'NO9386011117947',
  'PL61109010140000071219812874',
  'SC18SSCB11010000000000001497USD',
  'SE4550000000058398257466',
  'TR330006100519786457841326',
  'UA213223130000026007233566001',
  'VA59001123000012345678',
  'XK051212012345678906',
];

describe('iban', () => {
  it('accepts the examples of the registry, written in any usual way', () => {
    accepts('iban', REGISTRY_EXAMPLES);
    accepts(
      'iban',
      REGISTRY_EXAMPLES.map((iban) => iban.replace(/(.{4})(?=.)/g, '$1 ')),
    );
    accepts('iban', [
      'de89370400440532013000',
      'GB29-NWBK-6016-1331-9268-19',
      'DE 89 3704 0044 0532 0130 00',
    ]);
  });

  it('refuses unknown countries, other lengths and odd separators', () => {
    refuses('iban', [
      'US89370400440532013000',
      'ZZ89370400440532013000',
      'DE8937040044053201300',
      'DE893704004405320130000',
      'D E89370400440532013000',
      'DE8 9370400440532013000',
      'DE89.3704.0044.0532.0130.00',
      'DE89',
      '89DE370400440532013000',
      '',
    ]);
  });

  it('refuses check digits that are never issued, though the remainder is right', () => {
    // 98 and 01 leave the same remainder as 01 + 97.
    const iban = REGISTRY_EXAMPLES[8];
    for (let account = 0; account < 10_000; account++) {
      const body = iban.slice(4, 18) + String(account).padStart(4, '0');
      if (mod97ByTheBook(`DE98${body}`) !== 1n) continue;
      expect(check('iban', `DE98${body}`)).toBe(true);
      expect(mod97ByTheBook(`DE01${body}`)).toBe(1n);
      expect(check('iban', `DE01${body}`)).toBe(false);
      return;
    }
    throw new Error('no account with check digits 98 found');
  });

  it('agrees with arithmetic on the whole number', () => {
    fc.assert(
      fc.property(digitString(18, 18), fc.integer({ min: 2, max: 98 }), (account, checkDigits) => {
        const iban = `DE${String(checkDigits).padStart(2, '0')}${account}`;
        expect(check('iban', iban)).toBe(mod97ByTheBook(iban) === 1n);
      }),
    );
  });

  it('notices every single wrong character', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...REGISTRY_EXAMPLES),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (iban, at, shift) => {
          const place = 2 + (at % (iban.length - 2));
          const character = iban[place];
          fc.pre(character >= '0' && character <= '9');
          const wrong = (Number(character) + shift) % 10;
          expect(check('iban', iban.slice(0, place) + wrong + iban.slice(place + 1))).toBe(false);
        },
      ),
    );
  });
});
