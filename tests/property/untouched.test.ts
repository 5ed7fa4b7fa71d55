/** Promise 3: outside of what was found the output equals the input, byte for byte. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/findings/finding.ts';
import { runner, runs } from '../scan/support.ts';
import { exampleTexts, exampleValues, pemBlock } from './logs.ts';

const redact = runner({ rules: ['all'] });

/**
 * Runs of bytes that findings cover, with the rules that may name them. Findings that only touch have a placeholder
 * each, unless a weaker match, which is not reported, makes one region of them.
 */
function regionsOf(findings: readonly Finding[]): { start: number; end: number; rules: Set<string> }[] {
  const regions: { start: number; end: number; rules: Set<string> }[] = [];
  for (const { offset, length, rule } of [...findings].sort((a, b) => a.offset - b.offset)) {
    const last = regions.at(-1);
    if (last !== undefined && offset <= last.end) {
      last.end = Math.max(last.end, offset + length);
      last.rules.add(rule);
    } else {
      regions.push({ start: offset, end: offset + length, rules: new Set([rule]) });
    }
  }
  return regions;
}

/** Walks over input and output at once; text is latin1, one character a byte. */
function expectUntouched(input: Buffer): number {
  const { output, findings } = redact.run(input);
  const before = input.toString('latin1');
  const after = output.toString('latin1');
  let from = 0;
  let at = 0;
  const regions = regionsOf(findings);
  for (const { start, end, rules } of regions) {
    const kept = before.slice(from, start);
    expect(after.slice(at, at + kept.length)).toBe(kept);
    at += kept.length;
    from = end;
    const [placeholders = ''] = /^(?:\[REDACTED:[a-z0-9-]+\])+/.exec(after.slice(at)) ?? [];
    const names = [...placeholders.matchAll(/:([a-z0-9-]+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(0);
    expect([...rules]).toEqual(expect.arrayContaining(names));
    at += placeholders.length;
  }
  expect(after.slice(at)).toBe(before.slice(from));
  return regions.length;
}

/** JSON has rules of its own on what is replaced; here it is text alone. */
const isText = (text: string): boolean => !/[{[\\]/.test(text);
const texts = exampleTexts.filter(isText);
const values = exampleValues.filter(isText);

const anyByte = fc
  .uint8Array({ maxLength: 6 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x7b && byte !== 0x5b && byte !== 0x5c)));
const part: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...texts).map((text) => Buffer.from(text)) },
  { weight: 3, arbitrary: fc.constantFrom(...values).map((text) => Buffer.from(text)) },
  { weight: 2, arbitrary: anyByte },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('\n', '\r\n', '\n\n', '\0', ' ', '\t', '\r', '')
      .map((text) => Buffer.from(text)),
  },
  { weight: 1, arbitrary: pemBlock.filter(isText).map((text) => Buffer.from(text)) },
);

describe('text', () => {
  test('only findings are replaced, each by the placeholder of its rule', () => {
    let regions = 0;
    let inputs = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), (parts) => {
        inputs++;
        regions += expectUntouched(Buffer.concat(parts));
      }),
      runs(150),
    );
    // The generator is of use only as long as it hits; many numbers are found only beside their word.
    expect(regions).toBeGreaterThan(inputs / 2);
  });

  test('bytes without findings pass as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (array) => {
        const bytes = Buffer.from(array);
        const { output, findings } = redact.run(bytes);
        if (findings.length === 0) expect(output.equals(bytes)).toBe(true);
      }),
      runs(200),
    );
  });

  const exact: readonly [string, Buffer, string][] = [
    ['no final newline', Buffer.from('x a@example.com'), 'x [REDACTED:email]'],
    ['CRLF and empty lines', Buffer.from('\r\n\na@example.com\r\n\n'), '\r\n\n[REDACTED:email]\r\n\n'],
    ['a lone CR', Buffer.from('a\rb\r'), 'a\rb\r'],
    ['NUL', Buffer.from('\0a@example.com\0\n'), '\0[REDACTED:email]\0\n'],
    ['invalid UTF-8', Buffer.from('\xff a@example.com \xc3\n', 'latin1'), '\xff [REDACTED:email] \xc3\n'],
    ['nothing', Buffer.alloc(0), ''],
  ];
  test.each(exact)('%s', (_, input, output) => {
    expect(redact.run(input).output.toString('latin1')).toBe(output);
  });
});
