/** What is explained is what happens: explanations agree with the judgement, and tell no value. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../src/app/explainInput.ts';
import { Redaction } from '../../src/app/redaction.ts';
import { type LineExplanation, RuleExplainer } from '../../src/app/ruleExplanation.ts';
import { checkSettings } from '../../src/config/check.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';
import { loadRules } from '../../src/rules/load.ts';
import { resolveRuleFiles } from '../../src/rules/packs.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import { log } from '../property/logs.ts';
import { KEY, packs, runs, toyRules } from '../scan/support.ts';

function explainerOf(set: RuleSet): (text: string | Buffer, ...rules: string[]) => LineExplanation[] {
  const settings = { ...toRedactionSettings(checkSettings({}, 'options'), {}), key: KEY };
  const redaction = new Redaction(settings, set);
  const explainer = new RuleExplainer(redaction, set);
  return (text, ...rules) =>
    linesOf(redaction, Buffer.from(text)).map(({ bytes, number, findings, offset }) =>
      explainer.explain(bytes, number, findings, offset, new Set(rules)),
    );
}

/** The last question is answered with no exactly where the judgement was 0. */
function expectAgreement(lines: readonly LineExplanation[]): number {
  let rejected = 0;
  for (const { candidates } of lines) {
    for (const { rule, steps, confidence, outcome } of candidates) {
      const isMet = steps.every((step) => step.isMet);
      expect([rule, isMet]).toEqual([rule, confidence > 0]);
      expect(outcome === 'rejected').toBe(confidence === 0);
      if (!isMet) rejected++;
    }
  }
  return rejected;
}

test('explanations of the shipped rules’ examples and near misses agree with the judgement', () => {
  const { rules } = loadRules(resolveRuleFiles(['all']));
  const explain = explainerOf(packs('all'));
  let rejected = 0;
  rules.forEach(({ rule }, index) => {
    if (index % 5 !== 0) return;
    for (const { text } of rule.examples) rejected += expectAgreement(explain(text, rule.id));
    for (const text of rule.nearMisses) rejected += expectAgreement(explain(text, rule.id));
  });
  expect(rejected).toBeGreaterThan(50);
});

test('explanations of any text agree with the judgement, and its findings are among them', () => {
  const explain = explainerOf(packs('default'));
  fc.assert(
    fc.property(log, (bytes) => {
      const lines = explain(bytes);
      expectAgreement(lines);
      for (const { findings, candidates } of lines) {
        const isOneLine = candidates.length > 0 || findings.every(({ length }) => length > 200);
        expect(
          findings.length === 0 || isOneLine || findings.some(({ rule }) => rule === 'private-key'),
        ).toBe(true);
      }
    }),
    runs(15),
  );
});

describe('a rule that does not fire', () => {
  const explain = explainerOf(
    toyRules(
      { id: 'bounded', patterns: ['key-[0-9]{4}'], boundary: { before: '[a-z]', after: '[0-9]' } },
      {
        id: 'worded',
        patterns: ['[0-9]{7}'],
        context: { words: ['account'], before: 16, after: 0, required: true, alone: false, boost: 0.1 },
      },
      { id: 'checked', patterns: ['card [0-9]{16}'], validators: ['luhn'] },
      { id: 'vetoed', patterns: [{ regex: 'id=([0-9a-f]{8})', group: 1 }], vetoes: [{ value: '^0+$' }] },
      { id: 'narrow', patterns: ['tok_[a-z]+'], token: { minLength: 8 }, entropy: { min: 2 } },
      { id: 'allowed', patterns: ['pin[0-9]'], allow: { patterns: [], values: ['pin1'], stopwords: [] } },
    ),
  );
  const reason = (rule: string, text: string): string | undefined => {
    const [line] = explain(text, rule);
    return line.candidates[0]?.steps.at(-1)?.name;
  };

  test.each([
    ['bounded', 'xkey-1234', 'boundary.before'],
    ['bounded', 'key-12345', 'boundary.after'],
    ['worded', 'order 1234567', 'context'],
    ['checked', 'card 4111111111111112', 'validators'],
    ['vetoed', 'id=00000000', 'vetoes.0'],
    ['narrow', 'tok_a', 'token'],
    ['narrow', 'tok_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'entropy'],
    ['allowed', 'pin1', 'allow'],
  ])('%s in `%s`: %s', (rule, text, step) => {
    expect(reason(rule, text)).toBe(step);
  });

  test('has its missing anchor named, or its pattern', () => {
    expect(explain('nothing', 'bounded')[0].silent[0].reasons[0]).toMatch(
      /not tried: its anchor is missing: `key-/,
    );
    expect(explain('my key-12', 'bounded')[0].silent[0].reasons[0]).toMatch(/missing|does not match/);
  });
});

test('a weaker rule is told to be covered by the stronger one', () => {
  const explain = explainerOf(
    toyRules(
      { id: 'weak', patterns: ['b+'], confidence: 0.5 },
      { id: 'strong', patterns: ['a?b+c?'], confidence: 0.9 },
    ),
  );
  const [{ candidates }] = explain('x abbc y');
  expect(candidates.map(({ rule, outcome, coveredBy }) => [rule, outcome, coveredBy])).toEqual([
    ['strong', 'finding', undefined],
    ['weak', 'covered', 'strong'],
  ]);
});
