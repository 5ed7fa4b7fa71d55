/**
 * Why a candidate is a finding or none: the same questions that `acceptance.ts` asks, in the same order, with what was
 * asked and what the answer was. Tests hold the two together: the last answer is "no" exactly where the judgement is 0.
 *
 * Texts name parts of the rule, counts and bounds; never a byte of what was searched.
 */
import { asciiLowerText, type CompiledContext, type CompiledRule } from '../rules/compile.ts';
import type { MatchingRule } from '../rules/ruleSet.ts';
import { shannonEntropy } from '../validators/entropy.ts';
import { hasAnyWord, isAlone, LONGEST_BOUND, type Surroundings, vetoes } from './acceptance.ts';

/** One question about a candidate. */
export interface Step {
  /** What is asked: a field of the rule, or `placeholder`, `value`. */
  readonly name: string;
  readonly isMet: boolean;
  readonly detail: string;
}

/** A candidate, half-open in bytes of `where.bytes`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly valueStart: number;
  readonly valueEnd: number;
}

/**
 * The questions asked about a pattern's match, up to the first that is answered with no.
 * @param source what `rule` was compiled from
 */
export function explainMatch(
  rule: CompiledRule,
  source: MatchingRule,
  where: Surroundings,
  span: Span,
): Step[] {
  const { valueStart, valueEnd } = span;
  return untilUnmet(
    () => valueStart < valueEnd || no('value', 'the group to redact took no part in the match'),
    () => boundary(rule, source, where, span, 'before'),
    () => boundary(rule, source, where, span, 'after'),
    () => placeholders(where, span),
    () => keywords(rule, where),
    ...valueQuestions(rule, source, where.bytes, valueStart, valueEnd),
    ...rule.vetoes.map((veto, index) => () => {
      const name = `vetoes.${index}`;
      if (!vetoes(veto, where.bytes, span.start, valueStart, valueEnd)) return true;
      const { before, value } = source.vetoes[index] ?? {};
      const parts = [...(before === undefined ? [] : ['before']), ...(value === undefined ? [] : ['value'])];
      return no(name, `its ${parts.join(' and ')} matches`);
    }),
    () => (source.vetoes.length === 0 ? true : yes('vetoes', 'none of them holds')),
    () => context(rule, where, span),
  );
}

/** The same about the value under a key that the rule claims: only its shape is asked for. */
export function explainKeyed(rule: CompiledRule, source: MatchingRule, bytes: Buffer, span: Span): Step[] {
  const { valueStart, valueEnd } = span;
  return untilUnmet(
    () => valueStart < valueEnd || no('value', 'it is empty'),
    ...valueQuestions(rule, source, bytes, valueStart, valueEnd),
  );
}

/** A question is answered with a step, or with true where there is nothing to tell. */
type Question = () => Step | true;

function untilUnmet(...questions: readonly Question[]): Step[] {
  const steps: Step[] = [];
  for (const question of questions) {
    const step = question();
    if (step === true) continue;
    steps.push(step);
    if (!step.isMet) break;
  }
  return steps;
}

const yes = (name: string, detail: string): Step => ({ name, isMet: true, detail });
const no = (name: string, detail: string): Step => ({ name, isMet: false, detail });

function boundary(
  rule: CompiledRule,
  source: MatchingRule,
  where: Surroundings,
  span: Span,
  side: 'before' | 'after',
): Step | true {
  const isBefore = side === 'before';
  const table = isBefore ? rule.boundaryBefore : rule.boundaryAfter;
  const at = isBefore ? span.start : span.end;
  if (table === undefined) return true;
  const name = `boundary.${side}`;
  const named = source.boundary?.[side] ?? '';
  const isEdge = isBefore ? at <= where.begin : at >= where.end;
  if (isEdge) return yes(name, `the text ${isBefore ? 'begins' : 'ends'} there`);
  if (table[where.bytes[isBefore ? at - 1 : at]] === 1) return no(name, `a byte of ${named} stands there`);
  if (where.touchesPlaceholder(at)) return no(name, 'a placeholder of an earlier run stands there');
  return yes(name, `no byte of ${named} stands there`);
}

function placeholders(where: Surroundings, { start, end, valueStart, valueEnd }: Span): Step | true {
  const isBehind = valueEnd < end && end - valueEnd <= LONGEST_BOUND;
  const touches =
    (start < valueStart && where.isInPlaceholder(start)) ||
    (isBehind && (where.isInPlaceholder(valueEnd) || where.isInPlaceholder(end - 1)));
  return touches ? no('placeholder', 'the match reaches into what an earlier run has redacted') : true;
}

function keywords(rule: CompiledRule, where: Surroundings): Step | true {
  if (rule.keywords.length === 0) return true;
  if (!where.hasKeyword(rule))
    return no('keywords', `none of ${listed(rule.keywords.map(shown))} is in the line`);
  const lower = asciiLowerText(where.bytes.subarray(where.begin, where.end));
  const found = rule.keywords.find((keyword) => lower.includes(keyword));
  return yes(
    'keywords',
    found === undefined ? 'one is in the line around' : `\`${shown(found)}\` is in the line`,
  );
}

function valueQuestions(
  rule: CompiledRule,
  source: MatchingRule,
  bytes: Buffer,
  start: number,
  end: number,
): Question[] {
  return [
    () => token(rule, bytes, start, end),
    () => entropy(rule, bytes, start, end),
    ...rule.validators.map(
      (validator, index): Question =>
        () => {
          const name = source.validators[index] ?? '';
          return validator(bytes, start, end)
            ? yes('validators', `${name} accepts the value`)
            : no('validators', `${name} does not accept the value`);
        },
    ),
    () => allow(rule, source, bytes.subarray(start, end)),
  ];
}

function token({ token: bounds }: CompiledRule, bytes: Buffer, start: number, end: number): Step | true {
  if (bounds === undefined) return true;
  const value = bytes.subarray(start, end).toString('latin1');
  const counts = {
    length: value.length,
    digits: value.replace(/[^0-9]/g, '').length,
    letters: value.replace(/[^A-Za-z]/g, '').length,
    'distinct bytes': new Set(value).size,
  };
  const least = {
    length: bounds.minLength,
    digits: bounds.minDigits,
    letters: bounds.minLetters,
    'distinct bytes': bounds.minDistinct,
  };
  for (const [what, count] of Object.entries(counts)) {
    const wanted = least[what as keyof typeof least] ?? 0;
    if (count < wanted) return no('token', `${what}: at least ${wanted} expected, it has ${count}`);
  }
  const most = bounds.maxLength;
  if (most !== undefined && counts.length > most)
    return no('token', `length: at most ${most} expected, it has ${counts.length}`);
  return yes('token', 'within its bounds');
}

function entropy({ entropy: bounds }: CompiledRule, bytes: Buffer, start: number, end: number): Step | true {
  if (bounds === undefined) return true;
  const bits = shannonEntropy(bytes, start, end);
  const { min = 0, max = 8 } = bounds;
  const told = `${bits.toFixed(2)} bits a byte, ${min} to ${max} expected`;
  return bits < min || bits > max ? no('entropy', told) : yes('entropy', told);
}

function allow(
  { allow: allowed }: CompiledRule,
  { allow: source }: MatchingRule,
  value: Buffer,
): Step | true {
  if (allowed === undefined || source === undefined) return true;
  const lower = asciiLowerText(value);
  const pattern = allowed.patterns.findIndex((one) => one.test(value));
  if (pattern !== -1) return no('allow', `allow.patterns.${pattern} matches the value`);
  if (allowed.values.has(lower)) return no('allow', 'the value is one of allow.values');
  const stopword = allowed.stopwords.findIndex((word) => lower.includes(word));
  if (stopword !== -1) return no('allow', `the value holds allow.stopwords.${stopword}`);
  return yes('allow', 'the value is not allowed by the rule');
}

function context(rule: CompiledRule, where: Surroundings, span: Span): Step | true {
  const { context: wanted } = rule;
  if (wanted === undefined) return true;
  const found = wordNear(wanted, where, span);
  if (found !== undefined) return yes('context', `${found}: the confidence rises by ${wanted.boost}`);
  const reach = `within ${wanted.before} bytes before and ${wanted.after} behind, or in a key above`;
  if (!wanted.required) return yes('context', `no word of it ${reach}: the confidence does not rise`);
  if (wanted.alone && isAlone(where, span.start, span.end))
    return yes('context', 'no word of it, and none needed: the value is alone in its line');
  return no('context', `a word of it is required, and none is ${reach}`);
}

/** Which word was found where; words are the rule's, so they may be told. */
function wordNear(wanted: CompiledContext, where: Surroundings, { start, end }: Span): string | undefined {
  const { bytes, begin, end: textEnd } = where;
  const before = bytes.subarray(Math.max(begin, start - wanted.before), start);
  const after = bytes.subarray(end, Math.min(textEnd, end + wanted.after));
  for (const [text, place] of [
    [before, 'before it'],
    [after, 'behind it'],
    ...where.keyNamesAt(start).map((name) => [name, 'in a key above it'] as const),
  ] as const) {
    const word = wordIn(wanted, text);
    if (word !== undefined) return `\`${word}\` stands ${place}`;
  }
  return undefined;
}

function wordIn({ words, stems }: CompiledContext, text: Buffer): string | undefined {
  const word = words.find((one) => hasAnyWord(text, { words: [one], stems: [] }));
  const stem = stems.find((one) => hasAnyWord(text, { words: [], stems: [one] }));
  return word !== undefined ? shown(word) : stem !== undefined ? `${shown(stem)}*` : undefined;
}

/** Words are held as bytes, in latin1. */
function shown(word: string): string {
  return Buffer.from(word, 'latin1').toString();
}

const MOST_LISTED = 6;

function listed(words: readonly string[]): string {
  const some = words.slice(0, MOST_LISTED).map((word) => `\`${word}\``);
  const more = words.length - some.length;
  return `${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
