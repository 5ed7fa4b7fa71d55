/** Colours around values and names, in every spelling: what is found is the same, and colours stay. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutColours } from '../../src/encodings/colours.ts';
import { runner, runs } from '../scan/support.ts';

const seen = (text: string, apart: number[] = []): string =>
  withoutColours(Buffer.from(text), apart).toString();

describe('what patterns see', () => {
  test.each([
    ['\x1b[31mred\x1b[0m', '     red    '],
    ['a\x1b[38;2;255;0;10mb', `a${' '.repeat(16)}b`],
    ['key=\x1b[0mvalue', 'key    =value'],
    ['key=\x1b[0m\x1b[31mvalue', 'key         =value'],
    ['key=\x1b[0m other', 'key=     other'],
    ['\\u001b[1mx\\x1b[0mx\\033[0mx\\e[mx#033[0mx^[[0mx', '         x       x       x    x       x     x'],
  ])('%j', (text, expected) => {
    expect(seen(text)).toBe(expected);
  });

  test.each([
    '\x1b[4012888888881881m',
    '\x1b[40128888;88881881m',
    '\x1b[',
    '\x1b[31',
    'a[31mb',
    'e[0m',
    '\x1b[zoe',
  ])('%j is no sequence', (text) => {
    expect(seen(text)).toBe(text);
  });

  test('what an earlier run has written is none', () => {
    expect(seen('\x1b[mail:0123456789] \x1b[0m', [1, 18])).toBe('\x1b[mail:0123456789]     ');
  });
});

const VALUES = [
  '203.0.113.77',
  'zoe@example.com',
  'card=4012888888881881',
  'DE89370400440532013000',
  '+4917012345678',
  'password=hunter22x',
];
const plain = '(?:\x1b|\\\\u001b|\\\\x1b|\\\\033|\\\\e|#033|\\^\\[)\\[[0-9;]*m';
const withoutSequences = (text: string): string => text.replace(new RegExp(plain, 'g'), '');
const redact = runner({ engine: 'kernel' });
const reference = runner({ engine: 're2' });
const piece = fc.oneof(
  fc.constantFrom(...VALUES, ' ', ' ', ', ', '="', '"', '{', '['),
  fc
    .tuple(fc.constantFrom('\x1b', '\\u001b', '#033', '^['), fc.constantFrom('31', '0', '1;38;5;208', ''))
    .map(([introducer, codes]) => `${introducer}[${codes}m`),
);

test.each(['\x1b', '\\x1b', '\\033', '\\e', '#033', '^['])('written as %j', (introducer) => {
  const [on, off] = [`${introducer}[1;33m`, `${introducer}[0m`];
  for (const value of VALUES) {
    const line = `${on}at${off} ${on}${value.replace('=', `${off}=${on}`)}${off} x`;
    const found = redact.run(Buffer.from(line)).output.toString();
    const alone = redact.run(Buffer.from(`at ${value} x`)).output.toString();
    expect(withoutSequences(found)).toBe(alone);
    expect(found).not.toContain(value.split('=').at(-1));
    expect(found.startsWith(`${on}at${off} `)).toBe(true);
  }
});

test('in strings of JSON', () => {
  const text = JSON.stringify({ a: '\x1b[36m203.0.113.77\x1b[0m', b: '\x1b[1mzoe@example.com' });
  expect(redact.run(Buffer.from(text)).output.toString()).toBe(
    '{"a":"\\u001b[36m[REDACTED:ipv4]\\u001b[0m","b":"\\u001b[1m[REDACTED:email]"}',
  );
});

test('both engines find the same, and a second run nothing more', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const line = Buffer.from(`${pieces.join('')}\n`);
      const once = redact.run(line);
      expect(reference.run(line)).toEqual(once);
      expect(redact.run(once.output).output.toString()).toBe(once.output.toString());
    }),
    runs(300),
  );
});
