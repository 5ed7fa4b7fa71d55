/** Comments that suppress findings: what counts as one, however the source is cut, and for whom. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AllowComments } from '../../src/findings/suppression.ts';
import { runs } from '../scan/support.ts';

/** Which of the offsets are covered, for a rule, when the text comes in these pieces. */
function covered(pieces: readonly string[], rule: string): boolean[] {
  const comments = new AllowComments();
  comments.begin();
  for (const piece of pieces) comments.push(Buffer.from(piece));
  comments.end();
  return [...pieces.join('')].map((_, offset) => comments.covers(offset, rule));
}

const lineOf = (text: string, rule = 'email'): boolean[] =>
  text.split('\n').map((line, index, lines) => {
    const start = lines.slice(0, index).join('\n').length + (index === 0 ? 0 : 1);
    return line.length > 0 && covered([text], rule)[start] === true;
  });

describe('a comment', () => {
  test.each([
    ['a@b.example # logveil:allow', true],
    ['// logveil:allow', true],
    ['logveil:allow a@b.example', true],
    ['<!--logveil:allow-->', false],
    ['x # logveil:allow=email', true],
    ['x # logveil:allow=ipv4,email done', true],
    ['x # logveil:allow=ipv4', false],
    ['x # logveil:allow=', false],
    ['x # logveil:allow=email,', false],
    ['x # logveil:allow=EMAIL', false],
    ['x # logveil:allow=email_x', false],
    ['x # logveil:allowed', false],
    ['x # logveil:allow-all', false],
    ['x # mylogveil:allow', false],
    ['x # LOGVEIL:ALLOW', false],
  ])('%s', (line, allows) => {
    expect(lineOf(`one\n${line}\nthree`)).toEqual([false, allows, false]);
  });

  test('two in a line allow what either of them allows', () => {
    const text = 'x logveil:allow=email logveil:allow=ipv4\ny';
    for (const rule of ['email', 'ipv4']) expect(lineOf(text, rule)).toEqual([true, false]);
    expect(lineOf(text, 'iban')).toEqual([false, false]);
  });

  test('is the same however the source is cut', () => {
    const words = fc.constantFrom(
      'logveil:allow',
      'logveil:allow=email',
      'logveil:allow=ipv4,email',
      '=',
      ',',
      'email',
      ' ',
      '\n',
      'a',
    );
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 12 }),
        fc.array(fc.nat(60), { maxLength: 6 }),
        (parts, cuts) => {
          const text = parts.join('');
          const at = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length])].sort(
            (a, b) => a - b,
          );
          const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
          for (const rule of ['email', 'iban']) expect(covered(pieces, rule)).toEqual(covered([text], rule));
        },
      ),
      runs(500),
    );
  });

  test('takes linear time in a line full of them, and bounded memory', () => {
    const comments = new AllowComments();
    comments.begin();
    const chunk = Buffer.from('# logveil:allow '.repeat(20_000));
    for (let i = 0; i < 8; i++) comments.push(chunk);
    comments.push(Buffer.from('\n# logveil:allow\n'.repeat(200_000)));
    expect(comments.covers(0, 'email')).toBe(false);
    expect(comments.covers(8 * chunk.length + 17 * 200_000 - 2, 'email')).toBe(true);
  });
});
