import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodedString, decodeString, escapeUnitLength } from '../../src/json/decode.ts';
import { bytesOf, decoded, spell } from './support.ts';

const decodeText = (interior: string, quoted = false): string => {
  const bytes = bytesOf(interior);
  return decoded(bytes, 0, bytes.length, quoted).toString();
};

const mapsOf = (out: DecodedString): [number, number][] =>
  Array.from({ length: out.length }, (_, i) => [out.rawStart[i], out.rawEnd[i]]);

const spelledString = fc
  .tuple(fc.string({ unit: 'binary' }), fc.infiniteStream(fc.nat({ max: 59 })))
  .map(([text, stream]) => spell(text, (choices) => (stream.next().value as number) % choices));

describe('decodeString', () => {
  test('decodes the escapes of JSON', () => {
    expect(decodeText('a\\"\\\\\\/\\b\\f\\n\\r\\tz')).toBe('a"\\/\b\f\n\r\tz');
    expect(decodeText('\\u0041\\u00e9\\u20AC\\ud83d\\ude00')).toBe('Aé€😀');
  });

  test('a lone surrogate becomes U+FFFD and takes nothing with it', () => {
    expect(decodeText('\\ud83dx')).toBe('\ufffdx');
    expect(decodeText('\\ude00\\ud83d')).toBe('\ufffd\ufffd');
    expect(decodeText('\\ud83d\\u0041')).toBe('\ufffdA');
    expect(decodeText('\\ud83d\\ud83d\\ude00')).toBe('\ufffd😀');
  });

  test('keeps unknown and cut escapes as they are', () => {
    for (const interior of ['\\q', '\\x41', 'a\\', '\\u', '\\u12', '\\u12g4', "it\\'s", '\\é']) {
      expect(decodeText(interior)).toBe(interior);
    }
  });

  test('decodes \\xHH as a byte in quoted runs only', () => {
    expect(decodeText('\\x41\\xc3\\xA9', true)).toBe('Aé');
    expect(decodeText('\\x4', true)).toBe('\\x4');
    expect(decodeText('\\xg1', true)).toBe('\\xg1');
  });

  test('maps each byte to its unit', () => {
    const bytes = bytesOf('"é\\u00e9\\n\\q\\ud83d\\ude00"');
    const out = new DecodedString(0);
    decodeString(bytes, 1, bytes.length - 1, out);
    const unit = (start: number, end: number, count: number): [number, number][] =>
      Array.from({ length: count }, () => [start, end]);
    expect(mapsOf(out)).toEqual([
      ...[...unit(1, 2, 1), ...unit(2, 3, 1)],
      ...unit(3, 9, 2),
      ...unit(9, 11, 1),
      ...[...unit(11, 12, 1), ...unit(12, 13, 1)],
      ...unit(13, 25, 4),
    ]);
  });

  test('agrees with JSON.parse however a string is written', () => {
    fc.assert(
      fc.property(spelledString, (literal) => {
        expect(decodeText(literal.slice(1, -1))).toBe(bytesOf(JSON.parse(literal)).toString());
      }),
    );
  });

  test('the bytes behind a character decode to that character, through several levels too', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.integer({ min: 1, max: 4 }),
        (text, levels) => {
          let interior = text;
          for (let level = 0; level < levels; level++) interior = JSON.stringify(interior).slice(1, -1);
          const source = bytesOf(interior);
          let parent = new DecodedString(0);
          decodeString(source, 0, source.length, parent);
          for (let level = 1; level < levels; level++) {
            const child = new DecodedString(0);
            decodeString(parent.bytes, 0, parent.length, child, false, parent);
            parent = child;
          }
          expect(Buffer.from(parent.bytes.subarray(0, parent.length)).toString()).toBe(text);
          let i = 0;
          for (const character of text) {
            const length = bytesOf(character).length;
            let spelling = source.subarray(parent.rawStart[i], parent.rawEnd[i + length - 1]).toString();
            for (let level = 0; level < levels; level++) spelling = JSON.parse(`"${spelling}"`);
            expect(spelling).toBe(character);
            i += length;
          }
        },
      ),
    );
  });

  test('takes any bytes; its maps ascend and stay in the source', () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .array(fc.constantFrom('\\', 'u', 'x', 'd83d', 'de00', '\\u', '1', 'é'))
        .map((parts) => bytesOf(parts.join(''))),
    );
    fc.assert(
      fc.property(junk, fc.boolean(), (bytes, quoted) => {
        const out = new DecodedString(0);
        decodeString(bytes, 0, bytes.length, out, quoted);
        let covered = 0;
        for (const [start, end] of mapsOf(out)) {
          expect(start === covered || end === covered).toBe(true);
          covered = end;
        }
        expect(covered).toBe(bytes.length);
      }),
    );
  });
});

describe('escapeUnitLength', () => {
  test.each([
    ['\\n', 2],
    ['\\q', 2],
    ['\\', 2],
    ['\\x41', 4],
    ['\\xg', 2],
    ['\\u0041', 6],
    ['\\u00g1', 2],
    ['\\ud83d\\ude00', 12],
    ['\\ud83dx', 6],
    ['\\ud83d\\u0041zzzzz', 6],
  ])('of %s is %d', (text, length) => {
    expect(escapeUnitLength(bytesOf(text), 0, bytesOf(text).length)).toBe(length);
  });

  test('what the end hides counts as part of the unit', () => {
    for (const text of ['\\u', '\\u12', '\\x', '\\ud83d', '\\ud83d\\', '\\ud83d\\ude0']) {
      expect(escapeUnitLength(bytesOf(text), 0, text.length)).toBeGreaterThan(text.length);
    }
  });
});
