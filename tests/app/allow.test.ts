/** What is allowed is no finding; nothing that is allowed switches off a rule. */
import { describe, expect, test } from 'vitest';
import { createSanitizer, type SanitizerOptions } from '../../src/app/sanitizer.ts';
import { KEY_HEX } from '../scan/support.ts';

const redact = (text: string, allow: SanitizerOptions['allow']): string =>
  createSanitizer({ rules: ['default'], key: KEY_HEX, ...(allow && { allow }) }).redact(text);

const LINE = 'from ana@example.com to bob@example.org password=ana@example.com';

describe('allow in the configuration', () => {
  test('takes values out of the findings of the rules named, and of no others', () => {
    expect(redact(LINE, [{ rules: ['email'], values: ['ANA@example.com'] }])).toBe(
      'from ana@example.com to [REDACTED:email] password=[REDACTED:password]',
    );
  });

  test('without rules takes them out of all, and nothing else', () => {
    expect(redact(LINE, [{ values: ['ana@example.com'] }])).toBe(
      'from ana@example.com to [REDACTED:email] password=ana@example.com',
    );
    expect(redact('bob@example.com and 4111 1111 1111 1111', [{ patterns: ['@example\\.com$'] }])).toBe(
      'bob@example.com and [REDACTED:payment-card]',
    );
  });

  test('a value that holds an allowed one is a finding still', () => {
    expect(redact('x https://app:ana@example.com@db.test/ y', [{ values: ['ana@example.com'] }])).toContain(
      'REDACTED',
    );
  });

  test.each([
    ['patterns', { patterns: ['.*'] }],
    ['patterns', { patterns: ['.'] }],
    ['patterns', { patterns: ['a|'] }],
    ['RE2', { patterns: ['(?=x)'] }],
    ['stopwords', { stopwords: ['e'] }],
    ['at least one', {}],
    ['not nope', { rules: ['nope'], values: ['x'] }],
  ])('what would switch off a rule is refused: %s', (told, entry) => {
    expect(() => redact('x', [entry])).toThrow(told);
  });

  test('is told of by the digest of the rules', () => {
    const digest = (allow: SanitizerOptions['allow']): string =>
      createSanitizer({ rules: ['pii'], key: KEY_HEX, ...(allow && { allow }) }).summary().rulesDigest;
    expect(digest([{ values: ['x@y.de'] }])).not.toBe(digest(undefined));
  });
});

test('a comment in a stream switches no redaction off', () => {
  expect(redact('ana@example.com # logveil:allow logveil:allow=email', undefined)).toBe(
    '[REDACTED:email] # logveil:allow logveil:allow=email',
  );
});
