/** Time is linear whatever the bytes: counted in steps, so that it does not depend on the machine. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLexer, MAX_UNIT_BYTES } from '../../src/json/lexer.ts';
import { bytesOf } from './support.ts';

/** Steps a byte: one to pass it, one for the state it ends, one if its token or fragment fails, one to be safe. */
const MAX_STEPS_PER_BYTE = 4;
const SIZE = 500_000;

function workFor(bytes: Uint8Array): number {
  const lexer = new JsonLexer();
  lexer.lex(bytes, 0, bytes.length);
  return lexer.work;
}

const UNITS = [
  '[',
  '{',
  '{"a":',
  '[[[[[]]]]] ',
  '"',
  '\\',
  '\\"',
  '"\\"{',
  '[1,',
  '[1 ',
  '[]x[',
  '{"a":1,"b":2 ',
  '["a",{"b":[1]},"c" x',
  '" { ',
  '-',
  '[-',
  '[t',
  '[1e5',
  ' ',
];

describe('work is linear', () => {
  test.each(UNITS)('in %s repeated', (unit) => {
    const text = unit.repeat(Math.ceil(SIZE / unit.length));
    expect(workFor(bytesOf(text))).toBeLessThan(MAX_STEPS_PER_BYTE * text.length);
  });

  test('in brackets that open and close, and fail at the end', () => {
    const nested = '['.repeat(9_000) + ']'.repeat(9_000);
    for (const text of [nested.repeat(20), `[${`${nested},`.repeat(20)}x`, `[${'[],'.repeat(SIZE / 3)}x`]) {
      expect(workFor(bytesOf(text))).toBeLessThan(MAX_STEPS_PER_BYTE * text.length);
    }
  });

  test('in lines made of hostile parts', () => {
    const parts = fc.array(fc.tuple(fc.constantFrom(...UNITS), fc.integer({ min: 1, max: 300 })), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(parts, (chosen) => {
        const text = chosen.map(([unit, times]) => unit.repeat(times)).join('');
        expect(workFor(bytesOf(text))).toBeLessThanOrEqual(MAX_STEPS_PER_BYTE * text.length);
      }),
    );
  });

  test('in windows, with a cost a window that does not grow with the line', () => {
    const perWindow = 10_000 * 2;
    for (const unit of ['{"a":', '"\\u0041', '{"k\\n":"\\ud83d\\ude00', '[', '7']) {
      const bytes = bytesOf(`["${unit}`.concat(unit.repeat(SIZE / unit.length)));
      const lexer = new JsonLexer();
      let windows = 0;
      for (let from = 0; from < bytes.length; windows++) {
        const to = Math.min(from + 4096, bytes.length);
        const isFinal = to === bytes.length;
        const taken =
          windows === 0
            ? lexer.lex(bytes, from, to, isFinal, to)
            : lexer.resume(bytes, from, to, isFinal, to);
        expect(taken).toBeGreaterThan(to - MAX_UNIT_BYTES);
        from = Math.max(taken, from + 1);
      }
      expect(lexer.work).toBeLessThan(2 * MAX_STEPS_PER_BYTE * bytes.length + windows * perWindow);
    }
  });
});

test('no bytes make it throw', () => {
  const lexer = new JsonLexer();
  const { tokens } = lexer;
  const structural = fc.constantFrom(...bytesOf('{}[]",:\\ 1-.etfnu\n'));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.nat({ max: 255 }), structural)), fc.boolean(), (values, isFinal) => {
      const bytes = Uint8Array.from(values);
      lexer.lex(bytes, 0, bytes.length, isFinal, bytes.length >> 1);
      for (let token = 0; token < tokens.count; token++) tokens.keyName(tokens.keys[token]);
    }),
    { numRuns: 1000 },
  );
});
