/**
 * A rule for one person's values, made for one run: it finds them in any spelling, also where no rule that ships knows
 * the form. It lives in memory only.
 */

import { type RuleOfSet, type RuleSet, toMatchingRule, toRuleSet } from '../rules/ruleSet.ts';
import { ruleSchema } from '../rules/schema.ts';
import type { Identity } from '../subject/identity.ts';

export const SUBJECT_RULE = 'data-subject';
/** Below any rule that knows the form: that one names what is replaced. */
const CONFIDENCE = 0.01;

/** @returns the rules and, behind them, the one for these values */
export function withSubjectRule(ruleSet: RuleSet, identities: readonly Identity[]): RuleSet {
  const rule = ruleSchema.parse({
    id: SUBJECT_RULE,
    description: 'Values of one person, searched for Art. 15 or 17',
    entity: 'DATA_SUBJECT',
    category: 'pii',
    gdpr: ['art4(1)'],
    severity: 'high',
    confidence: CONFIDENCE,
    patterns: identities.map(({ pattern }) => ({ regex: pattern, group: 1 })),
    examples: [{ text: 'none', match: 'none' }],
  });
  const problemAt: RuleOfSet['problemAt'] = (_, message) => ({
    file: 'subject',
    line: 1,
    column: 1,
    message,
  });
  return toRuleSet([...ruleSet.rules, { rule: toMatchingRule(rule), pack: 'user', problemAt }]);
}
