/** Promise 2: any way of cutting the same bytes into chunks gives the same output and the same findings. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, inSingleBytes, type Runner, runner, runs, type TestOptions } from '../scan/support.ts';
import { dockerLines, log } from './logs.ts';

const SETTINGS: readonly [string, TestOptions][] = [
  ['lines of any length', {}],
  ['the smallest lines', { maxLine: 256 }],
  ['the smallest lines and overlap', { maxLine: 256, overlap: 1 }],
  ['lines dropped', { maxLine: 512, action: 'drop-line' }],
  ['values kept', { action: 'keep' }],
  ['values removed, keys redacted', { action: 'remove', jsonKeys: 'redact', maxLine: 300 }],
];

function expectSame(redact: Runner, bytes: Buffer, chunks: readonly Buffer[]): void {
  const whole = redact.run(bytes);
  const pieces = redact.run(...chunks);
  expect(pieces.output.toString('latin1')).toBe(whole.output.toString('latin1'));
  expect(pieces.findings).toEqual(whole.findings);
}

describe.each(SETTINGS)('%s', (_, options) => {
  const redact = runner({ rules: ['all'], ...options });

  test('chunks of any length', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(), { maxLength: 12 }), (bytes, places) => {
        expectSame(redact, bytes, cut(bytes, places));
      }),
      runs(40),
    );
  });

  test('chunks of one byte', () => {
    fc.assert(
      fc.property(log, (bytes) => expectSame(redact, bytes, inSingleBytes(bytes))),
      runs(25),
    );
  });
});

describe('every single cut', () => {
  const texts: readonly [string, string][] = [
    ['CRLF', 'a@example.com\r\n\r\nb@example.com\r'],
    ['a block', 'x\n-----BEGIN PRIVATE KEY-----\r\nMIIEowIBAAKCAQEA\r\n-----END PRIVATE KEY----- y\nz'],
    [
      'a block in docker lines',
      dockerLines('a\n-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END PRIVATE KEY-----'),
    ],
    [
      'a long line',
      `${'lorem ipsum '.repeat(20)}ana@example.com ${'dolor sit '.repeat(20)}{"password":"zr9-Kq"}`,
    ],
    ['a line of the longest length', `${'x'.repeat(242)} a@example.com\r\n${'y'.repeat(255)}\n`],
  ];

  test.each(texts)('%s', (_, text) => {
    const redact = runner({ rules: ['all'], maxLine: 256 });
    const bytes = Buffer.from(text);
    const whole = redact.run(bytes);
    for (let at = 0; at <= bytes.length; at++) {
      expect(redact.run(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
    }
  });
});
