/** What counts as context of a match: words, beginnings of words, ways to spell them, and a line of its own. */
import { describe, expect, test } from 'vitest';
import { runner, toyRules } from './support.ts';

function found(words: string[], text: string, alone = false): boolean {
  const rules = toyRules({
    id: 'number',
    patterns: [String.raw`\b[0-9]{6}\b`],
    context: { words, before: 32, after: 0, required: true, alone, boost: 0.1 },
  });
  return runner({}, rules).run(text).findings.length > 0;
}

describe('words', () => {
  test.each([
    ['tax id', 'tax id 482139', true],
    ['tax id', 'tax_id=482139', true],
    ['tax id', 'tax-id: 482139', true],
    ['tax id', '{"taxId":482139}', true],
    ['tax id', '{"customerTaxId":{"value":"482139"}}', true],
    ['tax id', 'tax ids 482139', false],
    ['tax id', 'syntax id 482139', false],
    ['passport*', 'passports 482139', true],
    ['passport*', 'passportNumber=482139', true],
    ['passport*', 'mypassport 482139', false],
    ['plaka*', 'plakası 482139', true],
    ['*', 'a * 482139', true],
  ])('%j in %j', (word, text, expected) => {
    expect(found([word], text)).toBe(expected);
  });
});

describe('a line of its own', () => {
  test.each([
    '482139',
    '  482139  ',
    '"482139",',
    '[482139]',
    '482139\r\n',
    '{"log":"482139\\n","stream":"out"}',
  ])('%j', (text) => {
    expect(found(['nonesuch'], text, true)).toBe(true);
    expect(found(['nonesuch'], text, false)).toBe(false);
  });

  test.each(['n 482139', '482139 ms', `482139${' '.repeat(40)}`, '482139 720416', '{"n":482139}'])(
    'not %j',
    (text) => {
      expect(found(['nonesuch'], text, true)).toBe(false);
    },
  );
});
