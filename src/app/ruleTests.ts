/**
 * The examples of rules, each sent the way of every line through all rules that are in use together: the value must be
 * redacted wholly, whichever rule is stronger there; a near miss must not be found by its own rule; JSON must stay JSON;
 * and redacting what was redacted must change nothing. `rules check` looks at each rule alone; this is what users get.
 */
import type { Problem } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import type { LoadedRule } from '../rules/ruleSet.ts';
import { linesOf } from './explainInput.ts';
import type { Redaction } from './redaction.ts';
import type { LineExplanation, RuleExplainer } from './ruleExplanation.ts';

/** What came of the examples of some rules. */
export interface RuleTestResult {
  readonly examples: number;
  readonly nearMisses: number;
  /** Examples whose value is redacted, but told as a finding of a stronger rule. */
  readonly toldAsOther: readonly { readonly rule: string; readonly as: string }[];
  readonly problems: readonly Problem[];
}

/** @param redaction one that redacts whatever it finds */
export function testRules(
  rules: readonly LoadedRule[],
  redaction: Redaction,
  explainer: RuleExplainer,
): RuleTestResult {
  const run = new RuleTests(redaction, explainer);
  for (const loaded of rules) run.test(loaded);
  return run;
}

/** Half-open, in bytes of the text. */
type Span = readonly [start: number, end: number];

class RuleTests implements RuleTestResult {
  examples = 0;
  nearMisses = 0;
  readonly toldAsOther: { rule: string; as: string }[] = [];
  readonly problems: Problem[] = [];
  readonly #redaction: Redaction;
  readonly #explainer: RuleExplainer;

  constructor(redaction: Redaction, explainer: RuleExplainer) {
    this.#redaction = redaction;
    this.#explainer = explainer;
  }

  test({ rule, problemAt }: LoadedRule): void {
    rule.examples.forEach((example, index) => {
      this.examples++;
      const report = (message: string): void => {
        this.problems.push(problemAt(['examples', index, 'text'], `${rule.id}: ${message}`));
      };
      const text = Buffer.from(example.text);
      const expected = spanOf(text, example.match);
      if (expected === undefined) report('`match` is no part of the example’s text');
      else this.#testExample(rule.id, text, expected, report);
    });
    rule.nearMisses.forEach((miss, index) => {
      this.nearMisses++;
      const text = Buffer.from(miss);
      const own = this.#redact(text).findings.filter((finding) => finding.rule === rule.id);
      if (own.length === 0) return;
      const places = own.map(({ offset, length }) => `${offset}-${offset + length}`).join(', ');
      const why = this.#why(text, rule.id);
      this.problems.push(
        problemAt(['nearMisses', index], `${rule.id}: expected no finding, it finds bytes ${places}: ${why}`),
      );
    });
  }

  #testExample(id: string, text: Buffer, expected: Span, report: (message: string) => void): void {
    const { findings, output } = this.#redact(text);
    const [start, end] = expected;
    const open = firstUncovered(findings, start, end);
    if (open !== undefined) {
      const touching = findings.filter(({ offset, length }) => offset < end && offset + length > start);
      const found =
        touching.length === 0
          ? 'nothing is found there'
          : `only bytes ${touching.map(({ rule, offset, length }) => `${offset}-${offset + length} (${rule})`).join(', ')} are`;
      report(`expected bytes ${start}-${end} to be redacted, ${found}: ${this.#why(text, id)}`);
      return;
    }
    if (!findings.some(({ rule }) => rule === id)) {
      const as = findings.find(({ offset, length }) => offset < end && offset + length > start)?.rule ?? '';
      this.toldAsOther.push({ rule: id, as });
    }
    if (isJson(text) && !isJson(output)) report('expected JSON to stay JSON when it is redacted');
    if (!this.#redact(output).output.equals(output))
      report('expected redacting a second time to change nothing');
  }

  #redact(text: Buffer): { readonly findings: readonly Finding[]; readonly output: Buffer } {
    const findings: Finding[] = [];
    const stream = this.#redaction.openStream(
      () => 'example',
      (finding) => findings.push(finding),
    );
    const head = Buffer.from(stream.push(text));
    return { findings, output: Buffer.concat([head, stream.end()]) };
  }

  /** What the rule makes of the text, in one line. */
  #why(text: Buffer, id: string): string {
    const lines = linesOf(this.#redaction, text).map(({ bytes, number, findings, offset }) =>
      this.#explainer.explain(bytes, number, findings, offset, new Set([id])),
    );
    return whyOf(lines);
  }
}

/** The reason that comes nearest to a finding: an accepted candidate, the last question of a rejected one, or none. */
function whyOf(lines: readonly LineExplanation[]): string {
  const candidates = lines.flatMap((line) => line.candidates);
  const accepted = candidates.find(({ confidence }) => confidence > 0);
  if (accepted !== undefined) {
    const { by, column, length } = accepted;
    return `${by} finds ${length} bytes at column ${column}`;
  }
  const [nearest] = [...candidates].sort((a, b) => b.steps.length - a.steps.length);
  const last = nearest?.steps.at(-1);
  if (nearest !== undefined && last !== undefined)
    return `${nearest.by} matches, but ${last.name}: ${last.detail}`;
  return (
    lines.flatMap(({ silent }) => silent.flatMap(({ reasons }) => reasons))[0] ?? 'the rule has no candidate'
  );
}

function spanOf(text: Buffer, match: string | readonly [number, number]): Span | undefined {
  if (typeof match !== 'string') return match[1] <= text.length ? match : undefined;
  const start = text.indexOf(match);
  return start === -1 ? undefined : [start, start + Buffer.byteLength(match)];
}

/** The first byte of [start, end) that no finding covers. */
function firstUncovered(findings: readonly Finding[], start: number, end: number): number | undefined {
  let at = start;
  for (const { offset, length } of [...findings].sort((a, b) => a.offset - b.offset)) {
    if (offset > at) break;
    at = Math.max(at, offset + length);
  }
  return at >= end ? undefined : at;
}

/** Objects and arrays; a number that is all its line holds is a list's, not JSON's. */
function isJson(text: Buffer): boolean {
  if (!/^\s*[[{]/.test(text.toString())) return false;
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}
