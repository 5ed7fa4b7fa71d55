/**
 * What a line of a file of known secrets may mean apart from what it says as it stands. People write them in the forms of
 * their other files (`name: value`, `name = value`, JSON, a comment behind the value), and of those only the value turns
 * up in logs. On doubt every reading is protected. A reading may be too short to be searched: whoever reads refuses the
 * file then, as for any such value, since it would not be protected.
 */
import { SHORTEST_VALUE } from './knownSecrets.ts';
import {
  closingQuote,
  DOUBLE_QUOTE,
  HASH,
  isBlank,
  SINGLE_QUOTE,
  startsWith,
  trimmed,
  unescaped,
} from './text.ts';

const COMMA = 0x2c;
const SLASH = 0x2f;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
/** What may stand before a name, or before a value in a list. */
const PREFIXES = ['export ', 'set ', '- '].map((text) => Buffer.from(text));
/** Longer ones are values that hold a sign. */
const LONGEST_NAME = 128;

/**
 * @param text a line that is neither `NAME=value` nor armoured, trimmed
 * @returns copies, without the text itself
 */
export function readingsOf(text: Buffer): Buffer[] {
  const bare = withoutPrefix(text);
  const sign = signAt(bare);
  const parts = sign === undefined ? [bare] : [bare, trimmed(bare.subarray(sign.end))];
  const readings = parts.flatMap((part) => [part, ...withoutComment(part), ...unwrapped(part)]);
  // `a:b` may be a value as it stands, `a: b` hardly is.
  const isShortOk = sign === undefined || !sign.isSpaced;
  return distinct(readings, text).filter(
    ({ length }) => length >= SHORTEST_VALUE || (length > 0 && !isShortOk),
  );
}

/** @returns copies of what the value is without a comment behind it, none when it has no comment */
export function withoutComment(value: Buffer): Buffer[] {
  for (let at = value.indexOf(HASH, 1); at !== -1; at = value.indexOf(HASH, at + 1)) {
    if (!isBlank(value[at - 1] as number)) continue;
    const before = trimmed(value.subarray(0, at));
    return before.length === 0 ? [] : [Buffer.from(before), ...unwrapped(before)];
  }
  return [];
}

/** The value in quotes, with or without a comma or semicolon behind, or before such a sign. */
function unwrapped(part: Buffer): Buffer[] {
  const quote = part[0];
  if (quote === SINGLE_QUOTE || quote === DOUBLE_QUOTE) {
    const close = closingQuote(part, 0, quote);
    if (close === -1) return [];
    const inside = part.subarray(1, close);
    return quote === DOUBLE_QUOTE ? [inside, unescaped(inside)] : [inside];
  }
  const last = part[part.length - 1];
  return last === COMMA || last === SEMICOLON ? [trimmed(part.subarray(0, -1))] : [];
}

function withoutPrefix(text: Buffer): Buffer {
  const prefix = PREFIXES.find((one) => startsWith(text, one));
  return prefix === undefined ? text : trimmed(text.subarray(prefix.length));
}

/**
 * The sign between a name and a value.
 * @returns undefined where no value can stand behind it: none does, or the line is an address or base64
 */
function signAt(text: Buffer): { readonly end: number; readonly isSpaced: boolean } | undefined {
  const last = Math.min(text.length, LONGEST_NAME);
  let at = 0;
  while (at < last && text[at] !== EQUALS && text[at] !== COLON) at++;
  if (at === 0 || at === last || trimmed(text.subarray(0, at)).some(isBlank)) return undefined;
  // `:=`, `==`, `=>` are signs, too.
  let end = at + 1;
  while (end < text.length && (text[end] === EQUALS || text[end] === 0x3e)) end++;
  if (end === text.length || (text[at] === COLON && text[end] === SLASH && text[end + 1] === SLASH))
    return undefined;
  return { end, isSpaced: isBlank(text[end] as number) };
}

function distinct(readings: readonly Buffer[], text: Buffer): Buffer[] {
  const kept: Buffer[] = [];
  for (const reading of readings) {
    if (!reading.equals(text) && !kept.some((one) => one.equals(reading))) kept.push(Buffer.from(reading));
  }
  return kept;
}
