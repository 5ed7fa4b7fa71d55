/** Examples for a rule that has none: texts its patterns match, kept if the rule finds a value in them. */
import type { MatchingRule } from '../rules/ruleSet.ts';
import type { Rule } from '../rules/schema.ts';
import { RuleMatcher } from '../scan/exampleCheck.ts';
import { type Draw, makeTexts } from './exampleText.ts';

type Example = Rule['examples'][number];

const ATTEMPTS = 24;
const SEPARATE = 0x0a;

/**
 * @param given texts that are said to be examples; those in which the rule finds nothing are left out
 * @param wanted how many to make up when none is given or right
 */
export function examplesFor(
  rule: MatchingRule,
  given: readonly string[],
  wanted: number,
  draw: Draw,
): Example[] {
  const matcher = new RuleMatcher(rule);
  const right = given.flatMap((text) => exampleOf(matcher, text) ?? []);
  if (right.length > 0) return right;
  const made: Example[] = [];
  for (const { regex } of rule.patterns) {
    for (const text of makeTexts(regex, ATTEMPTS, draw)) {
      const example = Buffer.from(text).includes(SEPARATE) ? undefined : exampleOf(matcher, text);
      if (example !== undefined) made.push(example);
      if (made.length >= wanted) return made;
    }
  }
  return made;
}

/** Those of the texts in which the rule finds nothing. */
export function nearMissesOf(rule: MatchingRule, texts: readonly string[]): string[] {
  const matcher = new RuleMatcher(rule);
  return texts.filter((text) => text !== '' && matcher.find(text).length === 0);
}

function exampleOf(matcher: RuleMatcher, text: string): Example | undefined {
  const [span] = matcher.find(text);
  if (span === undefined) return undefined;
  const bytes = Buffer.from(text);
  const value = bytes.subarray(span[0], span[1]);
  const match = value.toString();
  // A value that stands there twice, or that cuts a character, is named by its place.
  return bytes.indexOf(value) === span[0] && Buffer.from(match).equals(value)
    ? { text, match }
    : { text, match: [span[0], span[1]] };
}
