/**
 * A view is a text in which patterns are searched: a line as it stands, or the decoded value of a string in it. A line
 * is a tree of views, because a JSON string may hold JSON. Each view knows where its bytes come from in the line.
 */
import { withoutColours } from '../encodings/colours.ts';
import { DecodedString, decodeString } from '../json/decode.ts';
import { JsonLexer, type LexerState } from '../json/lexer.ts';
import { type JsonTokens, NO_KEY, TokenKind } from '../json/tokens.ts';
import { fillSpans, findPlaceholders } from './placeholder.ts';
import { toValidUtf8 } from './utf8.ts';

/** How many keys above a value are looked at for context: farther ones say little about it. */
const MAX_OUTER_KEYS = 16;

/** Strings inside strings are decoded this deep; each level at least doubles the backslashes of the one below. */
export const MAX_STRING_LEVELS = 12;

/**
 * One JSON reader for each level of strings in strings. Views are visited depth first, so of each level only one view
 * is in use at a time, and its tokens hold until the next view of its level is lexed: memory stays bounded however
 * many strings a line has.
 */
export class Lexers {
  readonly #byLevel: JsonLexer[] = [];
  readonly #users: (View | undefined)[] = [];

  /** The reader of `view`'s level, whose tokens are the view's from now on. */
  take(view: View): JsonLexer {
    this.#users[view.level] = view;
    this.#byLevel[view.level] ??= new JsonLexer();
    return this.#byLevel[view.level] as JsonLexer;
  }

  /** Whether the tokens of `view` have not been overwritten by those of another view of its level. */
  isOf(view: View): boolean {
    return this.#users[view.level] === view;
  }
}

/** A window of a line that is too long to be read whole. */
export interface LineWindow {
  /** The JSON reader's state at its first byte, undefined for a line's first window. */
  readonly state: LexerState | undefined;
  readonly isFinal: boolean;
  /** About where the next window will begin, in bytes of this one. */
  readonly snapshotAt: number;
}

export class View {
  /** What patterns see: valid UTF-8, placeholders filled, colours blank. Same length and offsets as `original`. */
  readonly bytes: Buffer;
  readonly original: Buffer;
  /** How many string literals this text is inside of. */
  readonly level: number;
  /** Flat pairs start, end of what an earlier run has redacted. */
  readonly placeholders: readonly number[];
  /** Names of the JSON keys above this text, the nearest first. */
  readonly outerKeys: readonly Buffer[];
  /** Undefined until the view is lexed. */
  #tokens: JsonTokens | undefined;
  /** The last answer of {@link isJsonFragment}: neighbouring questions are about the same fragment. */
  #judged = { index: -1, isJson: false };
  /** See {@link firstInk}; -1 until it is asked for. */
  #ink = -1;
  /** The last answer of {@link lexedChild}. */
  #child: { readonly token: number; readonly view: View } | undefined;
  readonly #decoded: DecodedString | undefined;
  /** How many encodings beside strings of JSON were undone to get this text. */
  readonly encodings: number;

  private constructor(
    original: Buffer,
    ruleIds: ReadonlySet<string>,
    level: number,
    outerKeys: readonly Buffer[],
    decoded: DecodedString | undefined,
    encodings: number,
  ) {
    this.original = original;
    this.level = level;
    this.outerKeys = outerKeys;
    this.#decoded = decoded;
    this.encodings = encodings;
    this.placeholders = findPlaceholders(original, ruleIds);
    this.bytes = withoutColours(fillSpans(toValidUtf8(original), this.placeholders), this.placeholders);
  }

  /** The view of a whole line (or of a window of it), whose offsets are the line's own. */
  static ofLine(line: Buffer, ruleIds: ReadonlySet<string>): View {
    return new View(line, ruleIds, 0, [], undefined, 0);
  }

  /** The decoded content of string token `token`; the view must have been lexed. */
  child(token: number, ruleIds: ReadonlySet<string>): View {
    const { tokens } = this;
    const start = tokens.interiorStart(token);
    const end = tokens.interiorEnd(token);
    const isQuoted = tokens.kinds[token] === TokenKind.Quoted;
    const decoded = new DecodedString(end - start);
    decodeString(this.original, start, end, decoded, isQuoted, this.#decoded ?? null);
    const text = Buffer.from(decoded.bytes.buffer, 0, decoded.length);
    return new View(text, ruleIds, this.level + 1, this.keyNamesOf(token), decoded, this.encodings);
  }

  /**
   * What a part of this view is when an encoding is undone.
   * @param mostBytes of the decoded text
   * @param outerKeys names of the JSON keys above the part
   */
  decodedPart(
    mostBytes: number,
    decode: (source: Buffer, out: DecodedString, parent: DecodedString | null) => void,
    outerKeys: readonly Buffer[],
    ruleIds: ReadonlySet<string>,
  ): View {
    const decoded = new DecodedString(mostBytes);
    decode(this.original, decoded, this.#decoded ?? null);
    const text = Buffer.from(decoded.bytes.buffer, 0, decoded.length);
    return new View(text, ruleIds, this.level + 1, outerKeys, decoded, this.encodings + 1);
  }

  /** Whether a byte of `[start, end)`, or one that is next to it, is spelt otherwise in the line. */
  isSpeltOtherwise(start: number, end: number): boolean {
    if (this.#decoded === undefined) return false;
    const { rawStart, rawEnd, length } = this.#decoded;
    const last = Math.min(length, end + 1);
    for (let i = Math.max(0, start - 1); i < last; i++) {
      if ((rawEnd[i] as number) - (rawStart[i] as number) > 1) return true;
    }
    return false;
  }

  /**
   * The same, lexed, and remembered until another child is asked for here or another view of the child's level is lexed:
   * a string with many values in it is decoded once.
   */
  lexedChild(token: number, ruleIds: ReadonlySet<string>, lexers: Lexers): View {
    if (this.#child?.token !== token || !lexers.isOf(this.#child.view)) {
      const view = this.child(token, ruleIds);
      view.lex(lexers);
      this.#child = { token, view };
    }
    return this.#child.view;
  }

  /** First byte, in the line, of what the byte at `index` was decoded from. */
  lineStart(index: number): number {
    return this.#decoded === undefined ? index : this.#decoded.rawStart[index];
  }

  /** End, in the line, of what the byte before `index` was decoded from. */
  lineEnd(index: number): number {
    return this.#decoded === undefined ? index : this.#decoded.rawEnd[index - 1];
  }

  /** The smallest range of this view that covers the line's bytes `[start, end)`, which must overlap the view. */
  rangeOf(start: number, end: number): [number, number] {
    if (this.#decoded === undefined) return [start, end];
    const { rawStart, rawEnd, length } = this.#decoded;
    return [firstAbove(rawEnd, length, start), firstAbove(rawStart, length, end - 1)];
  }

  /**
   * Reads the JSON in this view, if that has not been done.
   * @param window for the view of a window
   * @returns the state at the place where the next window has to begin, undefined when there is none
   */
  lex(lexers: Lexers, window?: LineWindow): LexerState | undefined {
    if (this.#tokens !== undefined) return undefined;
    const lexer = lexers.take(this);
    this.#tokens = lexer.tokens;
    const { length } = this.original;
    if (window === undefined) {
      lexer.lex(this.original, 0, length);
      return undefined;
    }
    const { state, isFinal } = window;
    const snapshotAt = isFinal ? -1 : window.snapshotAt;
    if (state === undefined) lexer.lex(this.original, 0, length, isFinal, snapshotAt);
    else lexer.resume(this.original, 0, length, isFinal, snapshotAt, state);
    return isFinal ? undefined : lexer.snapshot;
  }

  get isLexed(): boolean {
    return this.#tokens !== undefined;
  }

  /** What {@link lex} found; overwritten when another view of the same level is lexed. */
  get tokens(): JsonTokens {
    if (this.#tokens === undefined) throw new Error('View.tokens: the view has not been lexed');
    return this.#tokens;
  }

  /** Names of the keys that govern a token, the nearest first, those outside of this view included. */
  keyNamesOf(token: number): Buffer[] {
    const { tokens } = this;
    const names: Buffer[] = [];
    for (
      let key = tokens.keys[token];
      key !== NO_KEY && names.length < MAX_OUTER_KEYS;
      key = tokens.parentKey(key)
    ) {
      names.push(Buffer.from(tokens.keyName(key)));
    }
    return [...names, ...this.outerKeys].slice(0, MAX_OUTER_KEYS);
  }

  /** Whether the byte at `at`, which lies in a fragment, stands in JSON; see {@link isJsonFragment}. */
  isJson(at: number): boolean {
    return this.isJsonFragment(firstAbove(this.tokens.fragmentEnds, this.tokens.fragmentCount, at));
  }

  /**
   * Whether a fragment is meant as JSON. `[4111]` in a text is valid JSON and meant as text, as in `sshd[4111]:`;
   * brackets around nothing but numbers count as JSON only where they are all there is.
   */
  isJsonFragment(index: number): boolean {
    if (this.#judged.index !== index) {
      const start = this.tokens.fragmentStarts[index];
      const end = this.tokens.fragmentEnds[index];
      const { original } = this;
      const isJson =
        original.subarray(start, end).includes(QUOTE) ||
        (start <= this.#firstInk() && isBlank(original, end, original.length));
      this.#judged = { index, isJson };
    }
    return this.#judged.isJson;
  }

  /** The first byte that is no white space; remembered, as each fragment of a line is judged by it. */
  #firstInk(): number {
    if (this.#ink === -1) {
      this.#ink = 0;
      while (isBlankByte(this.original[this.#ink])) this.#ink++;
    }
    return this.#ink;
  }

  /**
   * Where a value that begins at `start` ends at the latest: with the string of JSON it stands in, also where that JSON is
   * in a string itself. What follows is another value, which only the pattern's loose end took along.
   * @param end of the value as it was matched; the view must have been lexed
   */
  endInString(start: number, end: number, ruleIds: ReadonlySet<string>, lexers: Lexers): number {
    const { tokens } = this;
    const token = this.tokenAt(start);
    if (token === -1 || tokens.kinds[token] !== TokenKind.String) return end;
    if (!tokens.isStructural(token) || !this.isJson(tokens.starts[token])) return end;
    const last = Math.min(end, tokens.interiorEnd(token));
    const mayGoOn = tokens.isEscaped(token) && this.level < MAX_STRING_LEVELS;
    if (!mayGoOn || !this.original.subarray(start, last).includes(QUOTE)) return last;
    const child = this.lexedChild(token, ruleIds, lexers);
    const [from, to] = child.rangeOf(this.lineStart(start), this.lineEnd(last));
    const inner = child.endInString(from, to, ruleIds, lexers);
    return inner < to ? this.rangeOf(this.lineStart(start), child.lineEnd(inner))[1] : last;
  }

  /** Index of the token that holds the byte at `at`, -1 for none; the view must have been lexed. */
  tokenAt(at: number): number {
    const { tokens } = this;
    const index = firstAbove(tokens.ends, tokens.count, at);
    return index < tokens.count && tokens.starts[index] <= at ? index : -1;
  }
}

const QUOTE = 0x22;

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!isBlankByte(bytes[i])) return false;
  return true;
}

function isBlankByte(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** The first index whose value exceeds `limit`; values ascend. */
export function firstAbove(values: Int32Array | readonly number[], length: number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
