import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeLevels, MAX_ESCAPE_LEVELS } from '../../src/json/encode.ts';

test('level 0 leaves the text as it is', () => {
  expect(escapeLevels('"[REDACTED:email]"', 0)).toBe('"[REDACTED:email]"');
});

test('each level escapes quotes and backslashes once more', () => {
  expect(escapeLevels('"a\\', 1)).toBe('\\"a\\\\');
  expect(escapeLevels('"', 2)).toBe('\\\\\\"');
});

test('parsing as many times as there are levels gives the text back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 0, max: 5 }), (text, levels) => {
      let parsed = escapeLevels(text, levels);
      for (let level = 0; level < levels; level++) parsed = JSON.parse(`"${parsed}"`);
      expect(parsed).toBe(text);
    }),
  );
});

test('refuses what it cannot write', () => {
  expect(() => escapeLevels('é', 1)).toThrow(RangeError);
  expect(() => escapeLevels('a\nb', 1)).toThrow(RangeError);
  for (const levels of [-1, 0.5, MAX_ESCAPE_LEVELS + 1]) {
    expect(() => escapeLevels('a', levels)).toThrow(RangeError);
  }
});
