/** The nouns of loaded rules, apart from how they are loaded: schemas and YAML take longer to load than most runs last. */
import { createHash } from 'node:crypto';
import type { Problem } from '../errors.ts';
import type { Rule } from './schema.ts';

/** What a rule says for people and for its own check; matching does without. */
type Documentation = 'description' | 'references' | 'examples' | 'nearMisses';

/** A rule as far as matching needs it. */
export type MatchingRule = Omit<Rule, Documentation>;

/** A rule of a set and where it comes from. */
export interface RuleOfSet {
  readonly rule: MatchingRule;
  readonly pack: string;
  /** Makes a problem at a part of this rule, for checks that need more than the rule alone. */
  problemAt(path: readonly PropertyKey[], message: string): Problem;
}

/** The same with all that its author wrote. */
export interface LoadedRule extends RuleOfSet {
  readonly rule: Rule;
}

export interface RuleSet {
  /** In the order in which they were named; the place in this list is the rule's index everywhere. */
  readonly rules: readonly RuleOfSet[];
  /** SHA-256 of what the rules match, hex: two runs with equal digests looked for the same things. */
  readonly digest: string;
}

/** Rules that have been checked, as a set. */
export function toRuleSet<R extends RuleOfSet>(
  rules: readonly R[],
): RuleSet & { readonly rules: readonly R[] } {
  return {
    rules,
    // Few runs ask for it.
    get digest() {
      return digestOf(rules);
    },
  };
}

/** The rule without what matching does without. */
export function toMatchingRule(rule: MatchingRule & Partial<Rule>): MatchingRule {
  const { description: _, references: _r, examples: _e, nearMisses: _n, ...matching } = rule;
  return matching;
}

function digestOf(rules: readonly RuleOfSet[]): string {
  const hash = createHash('sha256');
  for (const { rule } of rules) hash.update(JSON.stringify(toMatchingRule(rule))).update('\n');
  return hash.digest('hex');
}
