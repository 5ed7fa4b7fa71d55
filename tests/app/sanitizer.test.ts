/** What programs pass that does not fit: said plainly, with a code, and without what they passed. */
import { describe, expect, test } from 'vitest';
import { createRedactStream, createRedactWebStream } from '../../src/app/redactStream.ts';
import { createSanitizer } from '../../src/app/sanitizer.ts';
import { UsageError } from '../../src/errors.ts';

function errorOf(work: () => unknown): UsageError {
  try {
    work();
  } catch (error) {
    return error as UsageError;
  }
  throw new Error('expected it to throw');
}

describe('options of a wrong type', () => {
  test.each<[string, unknown, RegExp]>([
    ['null', null, /^options: expected an object$/],
    ['an array', ['secret-7654321'], /^options: expected an object$/],
    ['a text', 'secret-7654321', /^options: expected an object$/],
    [
      'known secrets that are a text',
      { knownSecrets: 'secret-7654321' },
      /`knownSecrets`: expected an array of/,
    ],
    [
      'a known secret that is a number',
      { knownSecrets: ['good-value', 7654321] },
      /`knownSecrets.1`: expected a s/,
    ],
    ['a known secret that is null', { knownSecrets: [null] }, /`knownSecrets.0`: expected a string$/],
    [
      'a known secret that is left out',
      { knownSecrets: new Array(1) },
      /`knownSecrets.0`: expected a string$/,
    ],
    ['a source that is a number', { knownSecretSources: [7654321] }, /knownSecrets/],
    ['a key that is a number', { key: 7654321 }, /`key`: expected a string of 64 hex digits$/],
  ])('%s', (_, options, message) => {
    for (const make of [createSanitizer, createRedactStream, createRedactWebStream]) {
      const error = errorOf(() => make(options as object));
      expect(error).toBeInstanceOf(UsageError);
      expect(error.code).toBe('LOGVEIL_USAGE');
      if (make === createSanitizer || !Array.isArray(options)) expect(error.message).toMatch(message);
      expect(error.message).not.toContain('7654321');
    }
  });
});

describe('a text', () => {
  const sanitizer = createSanitizer({ rules: ['pii'] });
  const text = 'mail jane@example.com';
  const redacted = 'mail [REDACTED:email]';

  test.each([undefined, null, 5, {}, [], true, [[1, 2]], new ArrayBuffer(8)])(
    'that is %s is refused',
    (input) => {
      const wrong = input as unknown as string;
    for (const work of [() => sanitizer.redact(wrong), () => sanitizer.scan(wrong)]) {
      const error = errorOf(work);
      expect(error).toBeInstanceOf(UsageError);
      expect(error.message).toMatch(/^expected a string, a Buffer or another Uint8Array/);
    }
    expect(sanitizer.redact(text)).toBe(redacted);
    },
  );

  test('may be any Uint8Array', () => {
    const bytes = new TextEncoder().encode(`xx${text}xx`).subarray(2, -2);
    expect(sanitizer.redact(bytes).toString()).toBe(redacted);
    expect(sanitizer.scan(bytes)).toHaveLength(1);
  });
});
