/**
 * Whether what a pattern found is what its rule means: everything a rule says beside its patterns, judged cheapest
 * first. Works on candidates only.
 */
import {
  asciiLowerText,
  type CompiledAllow,
  type CompiledContext,
  type CompiledRule,
  type CompiledVeto,
} from '../rules/compile.ts';
import type { Rule } from '../rules/schema.ts';
import { shannonEntropy } from '../validators/entropy.ts';
import { confidenceOf } from './confidence.ts';

/** Of a byte. */
const MOST_BITS = 8;

/** What a pattern takes behind its value in order to bound it is no longer; else it is a part of what it describes. */
export const LONGEST_BOUND = 16;

/** Most bytes beside a value that is alone in its line, and which they can be. */
const LONGEST_FRAME = 16;
const FRAME_BYTES = Buffer.from(' \t\r\n"\'`,;()[]<>');

/** What a candidate stands in. */
export interface Surroundings {
  /** The bytes the patterns see: `bytes[begin, end)`. */
  readonly bytes: Buffer;
  readonly begin: number;
  readonly end: number;
  /** Whether it is a part of a text that goes on around it: what is alone in it need not be alone there. */
  readonly isPart: boolean;
  /**
   * Whether a placeholder ends at `at` or begins there. What it replaced is unknown, so it counts as what a boundary
   * forbids: had it been anything else, the match would have been found when the placeholder was written.
   */
  touchesPlaceholder(at: number): boolean;
  /** Whether the byte at `at` is part of a placeholder. */
  isInPlaceholder(at: number): boolean;
  /** Whether the line, or the value in it, holds a keyword of the rule. */
  hasKeyword(rule: CompiledRule): boolean;
  /** Decoded names of the JSON keys above the byte at `at`, the nearest first. */
  keyNamesAt(at: number): readonly Buffer[];
}

/**
 * Judges a pattern's match.
 * @param start,end the whole match, half-open, in bytes of `where.bytes`
 * @param valueStart,valueEnd the part to redact
 * @returns the confidence of the finding, 0 for none
 */
export function judge(
  rule: CompiledRule,
  where: Surroundings,
  start: number,
  end: number,
  valueStart: number,
  valueEnd: number,
): number {
  const { bytes } = where;
  if (valueStart === valueEnd) return 0;
  if (rule.boundaryBefore !== undefined && start > where.begin) {
    if (rule.boundaryBefore[bytes[start - 1]] || where.touchesPlaceholder(start)) return 0;
  }
  if (rule.boundaryAfter !== undefined && end < where.end) {
    if (rule.boundaryAfter[bytes[end]] || where.touchesPlaceholder(end)) return 0;
  }
  // What a pattern takes beside its value to bound it is a boundary too.
  if (start < valueStart && where.isInPlaceholder(start)) return 0;
  if (valueEnd < end && end - valueEnd <= LONGEST_BOUND) {
    if (where.isInPlaceholder(valueEnd) || where.isInPlaceholder(end - 1)) return 0;
  }
  if (!where.hasKeyword(rule)) return 0;
  const spareEntropy = judgeValue(rule, bytes, valueStart, valueEnd);
  if (spareEntropy < 0) return 0;
  if (rule.vetoes.some((veto) => vetoes(veto, bytes, start, valueStart, valueEnd))) return 0;
  const hasContextWord = rule.context !== undefined && hasContext(rule.context, where, start, end);
  if (rule.context?.required && !hasContextWord && !(rule.context.alone && isAlone(where, start, end)))
    return 0;
  return confidenceOf(rule, { hasContextWord, isKeyed: false, spareEntropy }, bytes, valueStart, valueEnd);
}

/** Judges the value under a JSON key that a rule claims: its shape, not what stands around it. */
export function judgeKeyed(rule: CompiledRule, bytes: Buffer, valueStart: number, valueEnd: number): number {
  if (valueStart === valueEnd) return 0;
  const spareEntropy = judgeValue(rule, bytes, valueStart, valueEnd);
  if (spareEntropy < 0) return 0;
  return confidenceOf(
    rule,
    { hasContextWord: false, isKeyed: true, spareEntropy },
    bytes,
    valueStart,
    valueEnd,
  );
}

/**
 * Whether the value can be one of the rule's.
 * @returns how many bits a byte its entropy is above the least the rule asks for (8 where it asks for none), -1 if not
 */
function judgeValue(rule: CompiledRule, bytes: Buffer, start: number, end: number): number {
  if (rule.token !== undefined && !fitsToken(rule.token, bytes, start, end)) return -1;
  let spare = MOST_BITS;
  if (rule.entropy !== undefined) {
    const bits = shannonEntropy(bytes, start, end);
    if (bits < (rule.entropy.min ?? 0) || bits > (rule.entropy.max ?? MOST_BITS)) return -1;
    if (rule.entropy.min !== undefined) spare = bits - rule.entropy.min;
  }
  for (const validator of rule.validators) if (!validator(bytes, start, end)) return -1;
  return rule.allow !== undefined && isAllowed(rule.allow, bytes, start, end) ? -1 : spare;
}

function fitsToken(token: NonNullable<Rule['token']>, bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length < (token.minLength ?? 0) || length > (token.maxLength ?? Number.MAX_SAFE_INTEGER)) return false;
  let digits = 0;
  let letters = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte >= 0x30 && byte <= 0x39) digits++;
    else if ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a) letters++;
  }
  if (digits < (token.minDigits ?? 0) || letters < (token.minLetters ?? 0)) return false;
  return token.minDistinct === undefined || hasDistinct(bytes, start, end, token.minDistinct);
}

/** By byte, in which call it was seen last. */
const seenIn = new Uint32Array(256);
let calls = 0;

function hasDistinct(bytes: Buffer, start: number, end: number, least: number): boolean {
  calls = (calls + 1) >>> 0;
  let distinct = 0;
  for (let i = start; i < end && distinct < least; i++) {
    if (seenIn[bytes[i]] === calls) continue;
    seenIn[bytes[i]] = calls;
    distinct++;
  }
  return distinct >= least;
}

/** Whether the rule's allowlist names a multi-line value. */
export function allowsBlock(rule: CompiledRule, value: Buffer): boolean {
  return rule.allow !== undefined && isAllowed(rule.allow, value, 0, value.length);
}

function isAllowed(allow: CompiledAllow, bytes: Buffer, start: number, end: number): boolean {
  const value = bytes.subarray(start, end);
  if (allow.patterns.some((pattern) => pattern.test(value))) return true;
  if (allow.values.size === 0 && allow.stopwords.length === 0) return false;
  const lower = asciiLowerText(value);
  return allow.values.has(lower) || allow.stopwords.some((word) => lower.includes(word));
}

/** Whether nothing but blanks, quotes and brackets stands beside the match: a list of numbers has no words. */
export function isAlone(where: Surroundings, start: number, end: number): boolean {
  if (where.isPart) return false;
  // A longer line is none that holds one value; this bounds the work, too.
  if (where.end - where.begin - (end - start) > LONGEST_FRAME) return false;
  for (let i = where.begin; i < where.end; i++) {
    if (i === start) i = end;
    if (i < where.end && !FRAME_BYTES.includes(where.bytes[i])) return false;
  }
  return true;
}

/**
 * Whether a name and a value are harmless together. Sees nothing outside of the match: what stands there may be
 * replaced, and then a second run would judge otherwise than the first.
 */
export function vetoes(
  veto: CompiledVeto,
  bytes: Buffer,
  start: number,
  valueStart: number,
  valueEnd: number,
): boolean {
  return (
    veto.before?.test(bytes.subarray(start, valueStart)) !== false &&
    veto.value?.test(bytes.subarray(valueStart, valueEnd)) !== false
  );
}

/** Whether a word that speaks for the match stands near it, or is in the name of a key above it. */
export function hasContext(
  context: CompiledContext,
  where: Surroundings,
  start: number,
  end: number,
): boolean {
  const { bytes } = where;
  const before = bytes.subarray(Math.max(where.begin, start - context.before), start);
  const after = bytes.subarray(end, Math.min(where.end, end + context.after));
  if (hasAnyWord(before, context) || hasAnyWord(after, context)) return true;
  return where.keyNamesAt(start).some((name) => hasAnyWord(name, context));
}

/**
 * Whether the text holds one of the words, ASCII case ignored, as a word of its own. Names in logs are joined words, so
 * an underscore, a digit and a hump (`customerSsn`) end a word too.
 */
export function hasAnyWord(
  text: Buffer,
  { words, stems }: Pick<CompiledContext, 'words' | 'stems'>,
): boolean {
  if (text.length === 0) return false;
  const lower = asciiLowerText(text);
  return (
    words.some((word) => hasWord(text, lower, word, true)) ||
    stems.some((stem) => hasWord(text, lower, stem, false))
  );
}

/** @param whole whether the word must end where `word` does */
function hasWord(text: Buffer, lower: string, word: string, whole: boolean): boolean {
  for (let at = lower.indexOf(word); at !== -1; at = lower.indexOf(word, at + 1)) {
    const end = at + word.length;
    const startsWord = at === 0 || !isLetter(text[at - 1]) || isHump(text, at);
    const endsWord = !whole || end === text.length || !isLetter(text[end]) || isHump(text, end);
    if (startsWord && endsWord) return true;
  }
  return false;
}

function isHump(text: Buffer, at: number): boolean {
  return isLowerCase(text[at - 1]) && isUpperCase(text[at]);
}

function isLetter(byte: number): boolean {
  return isLowerCase(byte) || isUpperCase(byte);
}

function isLowerCase(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

function isUpperCase(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}
