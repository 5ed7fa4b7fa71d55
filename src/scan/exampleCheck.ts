/**
 * Runs the examples of rules through the matcher: a rule must find its examples, at the spans they name, and must find
 * nothing in its near misses. A rule that fails its own examples does not do what its author thinks.
 */
import { Re2Engine } from '../engine/re2Engine.ts';
import type { Problem } from '../errors.ts';
import { compileRules } from '../rules/compile.ts';
import type { LoadedRule } from '../rules/load.ts';
import type { MatchingRule } from '../rules/ruleSet.ts';
import { Detector } from './detector.ts';

/** All examples that fail, as problems at the examples. */
export function checkExamples(rules: readonly LoadedRule[]): Problem[] {
  return rules.flatMap((loaded) => checkRule(loaded));
}

/** Half-open, in bytes of the text. */
export type Span = readonly [start: number, end: number];

/** One rule alone. */
export class RuleMatcher {
  readonly #detector: Detector;

  /** @param rule checked; compiling it does not throw */
  constructor(rule: MatchingRule) {
    const problemAt = (_: readonly PropertyKey[], message: string): Problem => ({ ...NOWHERE, message });
    const set = { rules: [{ rule, pack: 'user', problemAt }], digest: '' };
    const compiled = compileRules(set, { keepPrivateIps: true });
    this.#detector = new Detector(compiled, new Re2Engine(compiled.patterns));
  }

  /** What the rule finds in a text of one or more lines; a multi-line value may go on to the text's end. */
  find(text: string): Span[] {
    const { matches, openBlock } = this.#detector.detect(Buffer.from(text));
    const spans: Span[] = matches.map(({ start, end }) => [start, end]);
    if (openBlock !== undefined) spans.push([openBlock.start, Buffer.byteLength(text)]);
    return spans;
  }
}

const NOWHERE = { file: '', line: 1, column: 1 };

function checkRule({ rule, problemAt }: LoadedRule): Problem[] {
  const matcher = new RuleMatcher(rule);
  const problems: Problem[] = [];
  rule.examples.forEach((example, index) => {
    const expected = expectedSpan(example.text, example.match);
    const found = matcher.find(example.text);
    if (expected === undefined) {
      problems.push(problemAt(['examples', index, 'match'], 'expected a part of the example’s text'));
    } else if (!found.some(([start, end]) => start === expected[0] && end === expected[1])) {
      const what = `expected the rule to find bytes ${expected.join('-')} of its example`;
      problems.push(problemAt(['examples', index, 'text'], `${what}, it finds ${describe(found)}`));
    }
  });
  rule.nearMisses.forEach((text, index) => {
    const found = matcher.find(text);
    if (found.length > 0) {
      problems.push(
        problemAt(['nearMisses', index], `expected the rule to find nothing, it finds ${describe(found)}`),
      );
    }
  });
  return problems;
}

function describe(spans: readonly Span[]): string {
  return spans.length === 0 ? 'nothing' : `bytes ${spans.map((span) => span.join('-')).join(', ')}`;
}

function expectedSpan(text: string, match: string | readonly [number, number]): Span | undefined {
  const bytes = Buffer.from(text);
  if (typeof match !== 'string') return match[1] <= bytes.length ? match : undefined;
  const value = Buffer.from(match);
  const start = bytes.indexOf(value);
  return start === -1 ? undefined : [start, start + value.length];
}
