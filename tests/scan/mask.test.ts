import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type MaskOptions, maskValue } from '../../src/scan/mask.ts';
import { runs } from './support.ts';

const options: fc.Arbitrary<MaskOptions> = fc.record({
  keepFirst: fc.nat({ max: 6 }),
  keepLast: fc.nat({ max: 6 }),
  keepFormat: fc.boolean(),
});
const value = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...'abcXYZ0189-. @:/+()_*"\\é漢😀') }),
    fc.string({ unit: 'binary' }),
  )
  .map((text) => Buffer.from(text));

const isAlphanumeric = (character: string): boolean => /[0-9A-Za-z]/.test(character);

describe('a mask', () => {
  test('shows at most what was asked for, and at most a third', () => {
    fc.assert(
      fc.property(value, options, (bytes, mask) => {
        const shown = [...maskValue(bytes, mask).toString()].filter(isAlphanumeric).length;
        expect(shown).toBeLessThanOrEqual(mask.keepFirst + mask.keepLast);
        expect(3 * shown).toBeLessThanOrEqual([...bytes.toString()].length);
      }),
      runs(500),
    );
  });

  test('is as many characters long as the value, and needs no escapes', () => {
    fc.assert(
      fc.property(value, options, (bytes, mask) => {
        const masked = maskValue(bytes, mask).toString();
        expect(masked).toHaveLength([...bytes.toString()].length);
        expect(masked).toMatch(/^[0-9A-Za-z *\-./:@+()_]*$/);
        expect(JSON.stringify(masked)).toBe(`"${masked}"`);
      }),
      runs(500),
    );
  });

  test('of a mask is the mask itself', () => {
    fc.assert(
      fc.property(value, options, (bytes, mask) => {
        const once = maskValue(bytes, mask);
        expect(maskValue(once, mask).toString()).toBe(once.toString());
      }),
      runs(500),
    );
  });

  test.each([
    ['4111-1111-1111-1234', { keepFirst: 0, keepLast: 4, keepFormat: true }, '****-****-****-1234'],
    ['4111-1111-1111-1234', { keepFirst: 3, keepLast: 3, keepFormat: false }, '411*************234'],
    ['ana@example.com', { keepFirst: 1, keepLast: 0, keepFormat: true }, 'a**@*******.***'],
    ['secret7', { keepFirst: 2, keepLast: 2, keepFormat: true }, '*******'],
    ['2001:db8:1::192.0.2.1', { keepFirst: 0, keepLast: 4, keepFormat: true }, '****:***:*::***.*.*.*'],
    ['', { keepFirst: 1, keepLast: 1, keepFormat: true }, ''],
    ['jürgen', { keepFirst: 2, keepLast: 0, keepFormat: false }, 'j*****'],
  ] as const)('%s %o', (text, mask, masked) => {
    expect(maskValue(Buffer.from(text), mask).toString()).toBe(masked);
  });
});
