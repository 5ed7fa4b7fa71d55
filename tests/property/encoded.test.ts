/** Promises 2, 3, 4, 7 and 9 for values that something has encoded. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, inSingleBytes, runner, runs } from '../scan/support.ts';
import { encoded } from './logs.ts';

const redact = runner({ rules: ['all'] });
const line: fc.Arbitrary<string> = fc
  .array(fc.tuple(encoded, fc.constantFrom(' ', ', ', ' | ', '" "', '&b=')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.flat().join(''));
const json: fc.Arbitrary<string> = fc
  .array(encoded, { minLength: 1, maxLength: 3 })
  .map((values) => JSON.stringify({ msg: values.join(' '), list: values, n: { url: values[0] } }));

/** The JSON with its leaves blanked. */
const shapeOf = (text: string): string =>
  JSON.stringify(JSON.parse(text), (_, value) => (typeof value === 'string' ? '' : value));

test('redacting redacted output changes nothing', () => {
  fc.assert(
    fc.property(fc.oneof(line, json), (text) => {
      const once = redact.run(Buffer.from(text)).output;
      expect(redact.run(once).output.toString('latin1')).toBe(once.toString('latin1'));
    }),
    runs(150),
  );
});

test('JSON stays JSON with the same keys', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(shapeOf(redact.run(Buffer.from(text)).output.toString())).toBe(shapeOf(text));
    }),
    runs(100),
  );
});

test('any cut gives the same', () => {
  fc.assert(
    fc.property(line, fc.array(fc.nat(), { maxLength: 6 }), (text, places) => {
      const bytes = Buffer.from(`${text}\n${text}`);
      const whole = redact.run(bytes);
      expect(redact.run(...cut(bytes, places))).toEqual(whole);
      expect(redact.run(...inSingleBytes(bytes))).toEqual(whole);
    }),
    runs(40),
  );
});

test('what is outside of findings stays', () => {
  fc.assert(
    fc.property(line, (text) => {
      const input = Buffer.from(text);
      const { output, findings } = redact.run(input);
      let rest = output.toString('latin1');
      let at = 0;
      for (const { offset, length } of [...findings].sort((a, b) => a.offset - b.offset)) {
        if (offset > at) {
          const kept = input.toString('latin1', at, offset);
          const found = rest.indexOf(kept);
          expect(found).toBeGreaterThanOrEqual(0);
          expect(rest.slice(0, found)).toMatch(/^(?:\[REDACTED:[a-z0-9-]+\])*$/);
          rest = rest.slice(found + kept.length);
        }
        at = Math.max(at, offset + length);
      }
      expect(rest).toMatch(/^(?:\[REDACTED:[a-z0-9-]+\])*/);
      expect(rest.endsWith(input.toString('latin1', at))).toBe(true);
    }),
    runs(100),
  );
});

const MAIL = 'ana.silva@example.com';
const CARD = '4111 1111 1111 1111';

describe('what is found, and where', () => {
  const { findings: plain } = redact.run(Buffer.from(MAIL));
  test.each([
    [`q=${encodeURIComponent(MAIL)}&b=1`, 'q=[REDACTED:email]&b=1'],
    [`q=${encodeURIComponent(encodeURIComponent(MAIL))}&b=1`, 'q=[REDACTED:email]&b=1'],
    [`<a>${MAIL.replace('@', '&#64;')}</a>`, '<a>[REDACTED:email]</a>'],
    [`<a>${MAIL.replace('@', '&commat;')}</a>`, '<a>[REDACTED:email]</a>'],
    [`to ${MAIL.replace('@', '\\u0040')} sent`, 'to [REDACTED:email] sent'],
    [`to ${MAIL.replace('@', '\\x40')} sent`, 'to [REDACTED:email] sent'],
    [`x ${btoa(MAIL)} y`, 'x [REDACTED:email] y'],
    [`x ${btoa(`say ${MAIL} now`)} y`, 'x [REDACTED:email] y'],
    [`x ${encodeURIComponent(btoa(`{"m":"${MAIL}"}`))} y`, 'x [REDACTED:email] y'],
    [`{"m":"${encodeURIComponent(MAIL)}"}`, '{"m":"[REDACTED:email]"}'],
    [`{"m":"{\\"n\\":\\"${encodeURIComponent(MAIL)}\\"}"}`, '{"m":"{\\"n\\":\\"[REDACTED:email]\\"}"}'],
  ])('%s', (text, expected) => {
    const { output, findings } = redact.run(Buffer.from(text));
    expect(output.toString()).toBe(expected);
    expect(findings.map(({ fingerprint }) => fingerprint)).toEqual([plain[0]?.fingerprint]);
  });

  test.each([
    [
      '{\\"password\\":\\"hunter2xyz9\\",\\"n\\":1}',
      '{\\"password\\":\\"[REDACTED:password-field]\\",\\"n\\":1}',
    ],
    [
      '{&quot;password&quot;: &quot;hunter2xyz9&quot;}',
      '{&quot;password&quot;: &quot;[REDACTED:password-field]&quot;}',
    ],
    [`pay?card=${encodeURIComponent(CARD)}&cvc=1`, 'pay?card=[REDACTED:payment-card]&cvc=1'],
  ])('%s', (text, expected) => {
    expect(redact.run(Buffer.from(text)).output.toString()).toBe(expected);
  });

  test.each([
    // In JSON a value ends with its string, at every depth.
    [
      '{"msg":"machine h.example.com login bob password c0Rrect","level":"info"}',
      '{"msg":"machine h.example.com login bob password [REDACTED:netrc-password]","level":"info"}',
    ],
    [
      '{"log":"{\\"msg\\":\\"machine h.example.com login bob password c0Rrect\\",\\"n\\":1}","s":"out"}',
      '{"log":"{\\"msg\\":\\"machine h.example.com login bob password [REDACTED:netrc-password]\\",\\"n\\":1}","s":"out"}',
    ],
    // A password may hold a quote.
    [
      '{"msg":"machine h.example.com login bob password c0R\\"rect","level":"info"}',
      '{"msg":"machine h.example.com login bob password [REDACTED:netrc-password]","level":"info"}',
    ],
    // What escapes the quote behind a value stays.
    [
      '{\\"msg\\":\\"wpa_passphrase=Kq7tango91\\",\\"n\\":1}',
      '{\\"msg\\":\\"wpa_passphrase=[REDACTED:wpa-passphrase]\\",\\"n\\":1}',
    ],
  ])('what follows stays: %s', (text, expected) => {
    expect(redact.run(Buffer.from(text)).output.toString()).toBe(expected);
  });

  test('what a first look leaves is found at the next, and told at its place', () => {
    // The password takes the end of its JSON along, so that what follows reads otherwise.
    const text =
      '%7B%22password%22%3A%22%257B%2522password%2522%253A%2522AAAAAAAAAAAAAAAAAAAAAA943wVKcS7jgkAjWqb2Mo1lI3BTFsQJH5tQ19ZyihcVts25pSBYLI0Kf6uVRKHlj1CpjWoOaqqTrdJiS2TlZKrTH2Wd%2522%257D%22%7D, ftp%3E%20PASS%20k29XqT71mLz&b=';
    const { output, findings } = redact.run(Buffer.from(text));
    expect(output.toString()).not.toContain('k29XqT71mLz');
    const places = findings.map(({ offset, length }) => text.slice(offset, offset + length));
    expect(places.some((place) => place.includes('k29XqT71mLz'))).toBe(true);
    expect(redact.run(output).output.equals(output)).toBe(true);
  });

  test.each([
    'GET /a%20b/c%2Fd?x=%7B%7D HTTP/1.1',
    'GET /%D9%85%D8%B1%D8%A8%D9%88%D8%B7 HTTP/1.1',
    'a &amp; b &lt;c&gt; 100% &#8212; %zz',
    'C:\\\\users\\\\x \\"quoted\\" \\n',
    `digest ${'0123456789abcdef'.repeat(4)}`,
    btoa('nothing to see here, only words'),
  ])('nothing in %s', (text) => {
    expect(redact.run(Buffer.from(text)).output.toString()).toBe(text);
  });
});
