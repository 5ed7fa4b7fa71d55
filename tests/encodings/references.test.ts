import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeReferences, firstReference, REFERENCE_SIGNS } from '../../src/encodings/references.ts';
import { DecodedString } from '../../src/json/decode.ts';

function decode(text: string): { text: string; out: DecodedString; source: Buffer } {
  const source = Buffer.from(text);
  const out = new DecodedString(0);
  decodeReferences(source, 0, source.length, out, null);
  return { text: Buffer.from(out.bytes.subarray(0, out.length)).toString(), out, source };
}

describe('what is decoded', () => {
  test.each([
    ['ana%40example.com', 'ana@example.com'],
    ['100%', '100%'],
    ['%4', '%4'],
    ['%zz%41', '%zzA'],
    ['J%C3%BCrgen', 'Jürgen'],
    ['a&#64;b &#x40; &#X40;', 'a@b @ @'],
    ['&amp;&quot;&lt;&commat;', '&"<@'],
    ['&amp &unknown; &; &#; &#x; &#0; &#xD800; &#x110000; &#99999999;', undefined],
    ['&#x1F600;', '😀'],
    ['&amp;#64;', '&#64;'],
    ['%2540', '%40'],
  ])('%s', (text, expected) => {
    expect(decode(text).text).toBe(expected ?? text);
  });

  test('what encodeURIComponent writes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(decode(encodeURIComponent(text)).text).toBe(text);
      }),
    );
  });
});

test('each byte leads back to the escape it came from', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '%41', '%c3', '&amp;', '&#64;', '&#x1f600;', '%', '&', ';', 'é', '%4'), {
        maxLength: 20,
      }),
      (parts) => {
        const { out, source } = decode(parts.join(''));
        let end = 0;
        for (let i = 0; i < out.length; i++) {
          const [from, to] = [out.rawStart[i] as number, out.rawEnd[i] as number];
          expect(from === end || (i > 0 && from === out.rawStart[i - 1])).toBe(true);
          expect(to).toBeGreaterThan(from);
          end = to;
          const unit = source.subarray(from, to).toString('latin1');
          expect(unit).toMatch(to - from > 1 ? /^(?:%[0-9a-f]{2}|&[#a-z0-9]+;)$/i : /^[\s\S]$/);
        }
        expect(end).toBe(source.length);
      },
    ),
  );
});

test('the signs that blocks are searched for say the same as the search of a line', () => {
  const signs = new RegExp(REFERENCE_SIGNS.join('|'));
  const unit = fc.constantFrom(
    '%',
    '4',
    '0',
    'c3',
    'b',
    '@',
    '.',
    '&',
    '#',
    'x',
    ';',
    'amp',
    'quot',
    ' ',
    '%40',
    '%bc',
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
      const found = firstReference(Buffer.from(text), 0, text.length);
      // A sign may be no escape, as `&#0;`, but no escape is without a sign.
      if (found !== -1) expect(text.slice(found)).toMatch(new RegExp(`^(?:${signs.source})`));
      else expect(text.replace(/&#(?:x?0+|[^;]{5,});/gi, '')).not.toMatch(signs);
    }),
    { numRuns: 2000 },
  );
});
