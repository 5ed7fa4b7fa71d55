/** Promise 7: where matches overlap, every byte of every accepted match is covered; toy rules only. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ACTIONS, type Action } from '../../src/findings/finding.ts';
import { runner, runs, type ToyRule, toyRules } from './support.ts';

const POOL: readonly ToyRule[] = [
  { id: 'letters', patterns: ['[a-c]{2,5}'], confidence: 0.5 },
  { id: 'digits', patterns: ['[0-9]{2,4}'], confidence: 0.6 },
  { id: 'mixed', patterns: ['[b-d][0-9]+[a-z]?'], confidence: 0.6 },
  { id: 'grouped', patterns: [{ regex: 'k=([a-z0-9]+)(?:;|$)', group: 1 }], confidence: 0.7 },
  { id: 'pairs', patterns: ['a1', '1a', 'c3'], confidence: 0.6 },
  { id: 'long', patterns: ['[a-d0-9=]{6,}'], confidence: 0.4 },
];
/** None of the toy values is in this output alphabet. */
const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd', '1', '2', '3', 'k=', ';', ' ', 'X', 'é'), { maxLength: 40 })
  .map((parts) => parts.join(''));
const subset = fc.uniqueArray(fc.constantFrom(...POOL), { minLength: 1, selector: ({ id }) => id });

function spansAlone(rules: readonly ToyRule[], input: string): [number, number][] {
  return rules.flatMap((rule) =>
    runner({}, toyRules(rule))
      .run(input)
      .findings.map(({ offset, length }): [number, number] => [offset, offset + length]),
  );
}

/** What must be replaced, in bytes. */
function covered(spans: readonly [number, number][], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const [start, end] of spans) bytes.fill(1, start, end);
  return bytes;
}

describe('union of overlapping rules', () => {
  test('the output of all rules covers what each rule finds alone, and nothing else', () => {
    fc.assert(
      fc.property(subset, text, (rules, input) => {
        const bytes = Buffer.from(input);
        const gone = covered(spansAlone(rules, input), bytes.length);
        const { output } = runner({ action: 'remove' }, toyRules(...rules)).run(input);
        expect(output.toString()).toBe(Buffer.from(bytes.filter((_, index) => gone[index] === 0)).toString());
      }),
      runs(150),
    );
  });

  test('findings together cover the same bytes', () => {
    fc.assert(
      fc.property(subset, text, (rules, input) => {
        const { findings } = runner({}, toyRules(...rules)).run(input);
        const spans = findings.map(({ offset, length }): [number, number] => [offset, offset + length]);
        const { length } = Buffer.from(input);
        expect(covered(spans, length)).toEqual(covered(spansAlone(rules, input), length));
      }),
      runs(80),
    );
  });

  test('the order of rules decides between equals only', () => {
    const distinct = POOL.map((rule, index) => ({ ...rule, confidence: 0.4 + index / 20 }));
    fc.assert(
      fc.property(fc.shuffledSubarray(distinct, { minLength: 2 }), text, (rules, input) => {
        const inOrder = distinct.filter((rule) => rules.includes(rule));
        const shuffled = runner({}, toyRules(...rules)).run(input);
        const sorted = runner({}, toyRules(...inOrder)).run(input);
        expect(shuffled.output.toString()).toBe(sorted.output.toString());
        expect(shuffled.findings).toEqual(sorted.findings);
      }),
      runs(200),
    );
  });

  test('names: confidence, then length, then the order of rules', () => {
    const named = (...rules: ToyRule[]): string =>
      runner({}, toyRules(...rules))
        .run('abc')
        .output.toString();
    const [a, b] = [
      { id: 'a', patterns: ['ab'] },
      { id: 'b', patterns: ['bc'] },
    ];
    expect(named({ ...a, confidence: 0.6 }, b)).toBe('[REDACTED:a]');
    expect(named(a, { ...b, confidence: 0.6 })).toBe('[REDACTED:b]');
    expect(named(a, { ...b, patterns: ['abc'] })).toBe('[REDACTED:b]');
    expect(named(a, b)).toBe('[REDACTED:a]');
    expect(named(b, a)).toBe('[REDACTED:b]');
  });
});

describe('actions on overlaps', () => {
  const pair = (first: Action, second: Action): ReturnType<typeof runner> =>
    runner(
      { actions: { rules: { weak: first, strong: second }, categories: {} } },
      toyRules(
        { id: 'weak', patterns: ['ab'], confidence: 0.3 },
        { id: 'strong', patterns: ['bc'], confidence: 0.9 },
      ),
    );

  /** What the strictest of two actions leaves of `x abc y`. */
  const left: Readonly<Record<Action, RegExp>> = {
    keep: /^x abc y\n$/,
    mask: /^x \*\*\* y\n$/,
    pseudonymize: /^x \[strong:[0-9a-f]{10}\] y\n$/,
    redact: /^x \[REDACTED:strong\] y\n$/,
    remove: /^x {2}y\n$/,
    'drop-line': /^$/,
  };

  test.each(ACTIONS.flatMap((a) => ACTIONS.map((b) => [a, b] as const)))('%s and %s', (a, b) => {
    const strictest = ACTIONS[Math.max(ACTIONS.indexOf(a), ACTIONS.indexOf(b))] as Action;
    const { output } = pair(a, b).run('x abc y\n');
    const text = output.toString();
    if (a !== b && (a === 'keep' || b === 'keep') && strictest !== 'drop-line') {
      // What is only found does not widen what is replaced.
      expect(text).toMatch(strictest === 'mask' ? /\*\*/ : strictest === 'remove' ? /^x [ac] y/ : /\[/);
    } else {
      expect(text).toMatch(left[strictest]);
    }
  });

  test('a mask shows the format of no secret, whatever the region is named after', () => {
    const redact = runner(
      { action: 'mask', mask: { keepFirst: 0, keepLast: 0, keepFormat: true } },
      toyRules(
        { id: 'mail', patterns: ['[a-z]+@[a-z.]+'], confidence: 0.9 },
        { id: 'password', patterns: ['p@[a-z!@.]+'], confidence: 0.5, category: 'secret' },
      ),
    );
    expect(redact.run('u=a@b.c p@ss!word@db.example').output.toString()).toBe('u=*@*.* ********************');
  });

  test('a kept block does not keep what other rules find in it', () => {
    const rules = toyRules(
      {
        id: 'block',
        multiline: { begin: 'BEGIN', end: 'END', body: '^[a-z ]+$', maxBytes: 4096, maxGapLines: 2 },
        action: 'keep',
      },
      { id: 'digits', patterns: ['[0-9]+'] },
    );
    const { output, findings } = runner({}, rules).run('1 BEGIN 2\nab 3\ncd\n4 END 5\n');
    expect(output.toString()).toBe(
      '[REDACTED:digits] BEGIN [REDACTED:digits]\nab [REDACTED:digits]\ncd\n[REDACTED:digits] END [REDACTED:digits]\n',
    );
    expect(findings.map(({ rule, line, offset }) => [rule, line, offset])).toEqual([
      ['digits', 1, 0],
      ['block', 1, 2],
      ['digits', 1, 8],
      ['digits', 2, 13],
      ['digits', 4, 18],
      ['digits', 4, 24],
    ]);
  });
});
