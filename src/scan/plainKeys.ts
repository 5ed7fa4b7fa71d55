/**
 * The JSON keys a line may have, told without reading its JSON, for lines without a backslash: there a string holds no
 * quote, so a key is what stands between a quote and the one before it, if a colon follows. That names every key the
 * lexer would find, and perhaps text that is none: who finds that no such key matters need not read the line.
 */
import type { CompiledContext, CompiledRule } from '../rules/compile.ts';
import { hasAnyWord, judgeKeyed } from './acceptance.ts';
import type { KeyClaims } from './keyClaims.ts';

/** Distinct key names in real logs are some hundreds; hostile ones must not fill the memory. */
const CACHE_ENTRIES = 4096;
/** Lines with more names are not remembered whole. */
const MOST_NAMES = 256;

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;
const BRACKET = 0x5b;
const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

/** What a name means. */
class Name {
  readonly bytes: Buffer;
  /** Those that claim what stands below it. */
  readonly rules: readonly CompiledRule[];
  readonly #hasWord = new Map<CompiledContext, boolean>();

  constructor(bytes: Buffer, rules: readonly CompiledRule[]) {
    this.bytes = bytes;
    this.rules = rules;
  }

  /** Whether it says something of the values below it. */
  givesContext(context: CompiledContext): boolean {
    let has = this.#hasWord.get(context);
    if (has === undefined) {
      has = hasAnyWord(this.bytes, context);
      this.#hasWord.set(context, has);
    }
    return has;
  }
}

export class PlainKeys {
  readonly #claims: KeyClaims;
  readonly #bytes: Buffer;
  readonly #byText = new Map<string, Name>();
  /** The names in the line that was entered last. */
  readonly #names: Name[] = [];
  #begin = -1;
  #mayBeClaimed = false;
  #isCrowded = false;

  /** @param bytes in which lines lie */
  constructor(claims: KeyClaims, bytes: Buffer) {
    this.#claims = claims;
    this.#bytes = bytes;
  }

  /** What was entered is not there any more. */
  forget(): void {
    this.#begin = -1;
  }

  /** Makes `[begin, end)` the line: valid UTF-8, no backslash. */
  enter(begin: number, end: number): void {
    if (this.#begin === begin) return;
    this.#begin = begin;
    this.#names.length = 0;
    this.#mayBeClaimed = false;
    this.#isCrowded = false;
    const bytes = this.#bytes;
    let open = -1;
    for (let at = begin; at < end; at++) {
      if (bytes[at] !== QUOTE) continue;
      if (open !== -1) {
        const colon = afterSpaces(bytes, at + 1, end);
        if (bytes[colon] === COLON) {
          const { rules } = this.#add(open + 1, at);
          if (rules.length > 0 && !this.#mayBeClaimed)
            this.#mayBeClaimed = this.#claim(rules, colon + 1, end);
        }
      }
      open = at;
    }
  }

  /** Whether a rule may claim what stands under one of the line's keys, and what is there can be one of its values. */
  get mayBeClaimed(): boolean {
    return this.#mayBeClaimed;
  }

  /** Whether one of the line's keys may speak for a value under it. */
  giveContext(context: CompiledContext): boolean {
    return this.#isCrowded || this.#names.some((name) => name.givesContext(context));
  }

  /**
   * Whether a value lies within one string of the line that is no key, or in no JSON at all: either way it is replaced
   * as it stands, and all around it stays.
   */
  isInString(start: number, end: number, lineBegin: number, lineEnd: number): boolean {
    const bytes = this.#bytes;
    for (let at = start; at < end; at++) if (isStructure(bytes[at])) return false;
    let open = start - 1;
    while (open >= lineBegin && bytes[open] !== QUOTE) open--;
    if (open < lineBegin) return false;
    let close = end;
    while (close < lineEnd && bytes[close] !== QUOTE) close++;
    if (close === lineEnd) return false;
    // Else the first quote ends a string, and what follows are numbers and literals of the structure.
    const first = bytes[afterSpaces(bytes, open + 1, lineEnd)];
    if (first === COLON || isStructure(first)) return false;
    return bytes[afterSpaces(bytes, close + 1, lineEnd)] !== COLON;
  }

  /** @param at behind a key's colon */
  #claim(rules: readonly CompiledRule[], at: number, lineEnd: number): boolean {
    const bytes = this.#bytes;
    const begin = afterSpaces(bytes, at, lineEnd);
    const first = bytes[begin];
    // A claim holds for all that is in them.
    if (first === BRACE || first === BRACKET) return true;
    const isString = first === QUOTE;
    const start = isString ? begin + 1 : begin;
    let end = start;
    while (end < lineEnd && (isString ? bytes[end] !== QUOTE : isNumber(bytes[end]))) end++;
    return rules.some((rule) => judgeKeyed(rule, bytes, start, end) > 0);
  }

  #add(start: number, end: number): Name {
    const text = this.#bytes.toString('latin1', start, end);
    let name = this.#byText.get(text);
    if (name === undefined) {
      const bytes = Buffer.from(this.#bytes.subarray(start, end));
      name = new Name(bytes, this.#claims.ofName(bytes));
      if (this.#byText.size >= CACHE_ENTRIES) this.#byText.clear();
      this.#byText.set(text, name);
    }
    if (this.#names.length < MOST_NAMES) this.#names.push(name);
    else this.#isCrowded = true;
    return name;
  }
}

function isStructure(byte: number): boolean {
  return (
    byte === QUOTE ||
    byte === COMMA ||
    byte === BRACE ||
    byte === CLOSE_BRACE ||
    byte === BRACKET ||
    byte === CLOSE_BRACKET ||
    byte === BACKSLASH
  );
}

/** The first byte at `at` or behind, up to `end`, that is no white space of JSON. */
function afterSpaces(bytes: Buffer, at: number, end: number): number {
  let to = at;
  while (to < end && isSpace(bytes[to])) to++;
  return to;
}

/** Whether a byte may be in a number. */
function isNumber(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    (byte | 0x20) === 0x65
  );
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
