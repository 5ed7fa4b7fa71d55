/**
 * The parts of a view that are written in an encoding, decoded: percent-encoding and HTML references, backslash escapes
 * outside of JSON, JSON in fields of CSV, text in base64. Each is a view of its own, so that what is found in it is redacted in the line.
 *
 * What is looked at is bounded: a part is decoded once for each of four encodings, and encodings within encodings
 * {@link MAX_ENCODINGS} deep.
 */
import { type Base64Run, decodeBase64, nextText } from '../encodings/base64.ts';
import { decodeCsvJson, nextCsvJson } from '../encodings/csv.ts';
import { decodeReferences, firstReference, hasHtmlReference } from '../encodings/references.ts';
import { decodeString } from '../json/decode.ts';
import { TokenKind } from '../json/tokens.ts';
import { MAX_STRING_LEVELS, type View } from './view.ts';

/** A percent sign that is encoded twice, in base64: three. */
const MAX_ENCODINGS = 3;
/** What stands before an encoded word on its line and announces it. */
const ANNOUNCEMENT_BYTES = 48;

/** A run of a view's bytes without JSON structure in it. */
interface Part {
  readonly start: number;
  readonly end: number;
  /** The string it is the content of, -1 for none. */
  readonly token: number;
}

/**
 * The decoded views of a view, for which {@link mayBeEncoded} holds, one after the other; the view's tokens must stay as they are meanwhile.
 * @param lex reads the JSON in the view, if it may hold any; called before anything is decoded
 * @param isDone whether what lies in `[start, end)` need not be decoded
 */
export function* encodedViews(
  view: View,
  ruleIds: ReadonlySet<string>,
  lex: () => void,
  isDone: (start: number, end: number) => boolean,
): Generator<View> {
  const { original } = view;
  const references = new Places((from) => firstReference(original, from, original.length));
  const escapes = new Places((from) => nextEscape(original, from));
  let run = nextText(original, 0);
  let field = nextCsvJson(original, 0);
  if (references.first === -1 && escapes.first === -1 && run === undefined && field === undefined) return;
  lex();
  for (const part of partsOf(view)) yield* viewsOfPart(view, part, references, escapes, ruleIds);
  for (; field !== undefined; field = nextCsvJson(original, field.end)) {
    const { start, end } = field;
    yield view.decodedPart(
      end - start,
      (source, out, parent) => decodeCsvJson(source, { start, end }, out, parent),
      view.outerKeys,
      ruleIds,
    );
  }
  for (; run !== undefined; run = nextText(original, run.end)) {
    if (!isDone(run.start, run.end)) yield base64View(view, run, ruleIds);
  }
}

/** Whether {@link encodedViews} may have any; cheaper than asking it. */
export function mayBeEncoded({ original, encodings, level }: View): boolean {
  if (encodings >= MAX_ENCODINGS || level >= MAX_STRING_LEVELS) return false;
  return (
    original.includes(PERCENT) ||
    original.includes(AMPERSAND) ||
    original.includes(BACKSLASH) ||
    nextCsvJson(original, 0) !== undefined ||
    nextText(original, 0) !== undefined
  );
}

/** Ascending places in a view, looked for as far as they are asked for. */
class Places {
  readonly first: number;
  readonly #next: (from: number) => number;
  #known: number;

  /** @param next the first place at `from` or behind, -1 for none */
  constructor(next: (from: number) => number) {
    this.#next = next;
    this.first = next(0);
    this.#known = this.first;
  }

  /** Whether one lies in `[start, end)`; to be asked in ascending order. */
  isIn(start: number, end: number): boolean {
    if (this.#known !== -1 && this.#known < start) this.#known = this.#next(start);
    return this.#known !== -1 && this.#known < end;
  }
}

function* viewsOfPart(
  view: View,
  part: Part,
  references: Places,
  escapes: Places,
  ruleIds: ReadonlySet<string>,
): Generator<View> {
  const { start, end, token } = part;
  const hasReferences = references.isIn(start, end);
  const hasEscapes = escapes.isIn(start, end);
  if (!hasReferences && !hasEscapes) return;
  const keys = token === -1 ? view.outerKeys : view.keyNamesOf(token);
  if (hasEscapes) {
    yield view.decodedPart(
      end - start,
      (source, out, parent) => decodeString(source, start, end, out, true, parent),
      keys,
      ruleIds,
    );
  }
  if (!hasReferences) return;
  // HTML is text with blanks in it, what is percent-encoded is a word.
  const isWhole = token !== -1 || hasHtmlReference(view.original, start, end);
  for (const { start: from, end: to } of isWhole ? [part] : encodedWords(view, part)) {
    yield view.decodedPart(
      to - from,
      (source, out, parent) => decodeReferences(source, from, to, out, parent),
      keys,
      ruleIds,
    );
  }
}

function base64View(view: View, run: Base64Run, ruleIds: ReadonlySet<string>): View {
  const token = view.isLexed ? view.tokenAt(run.start) : -1;
  const keys = token === -1 ? view.outerKeys : view.keyNamesOf(token);
  return view.decodedPart(
    run.textEnd - run.start,
    (source, out, parent) => decodeBase64(source, run, out, parent),
    keys,
    ruleIds,
  );
}

/** Strings of JSON without escapes (those with escapes are views already), and the text between tokens. */
function* partsOf(view: View): Generator<Part> {
  const { length } = view.original;
  if (!view.isLexed) {
    yield { start: 0, end: length, token: -1 };
    return;
  }
  const { tokens } = view;
  let at = 0;
  for (let token = 0; token < tokens.count; token++) {
    const kind = tokens.kinds[token];
    const isString = kind === TokenKind.String || kind === TokenKind.Key || kind === TokenKind.Quoted;
    // What turned out to be no JSON is text.
    if (!isString || !(tokens.isStructural(token) || tokens.isEscaped(token))) continue;
    if (at < (tokens.starts[token] as number))
      yield { start: at, end: tokens.starts[token] as number, token: -1 };
    at = tokens.ends[token] as number;
    if (!tokens.isEscaped(token)) {
      yield { start: tokens.interiorStart(token), end: tokens.interiorEnd(token), token };
    }
  }
  if (at < length) yield { start: at, end: length, token: -1 };
}

/** The words with references in them, each with what announces it; neighbours together. */
function* encodedWords(view: View, { start, end, token }: Part): Generator<Part> {
  const { original } = view;
  let done = start;
  for (let at = firstReference(original, start, end); at !== -1; ) {
    let from = at;
    while (from > done && !isWordEnd(original[from - 1] as number)) from--;
    const earliest = Math.max(done, from - ANNOUNCEMENT_BYTES);
    let before = from;
    for (let i = from - 1; i >= earliest; i--) {
      if (i === start || isWordEnd(original[i - 1] as number)) before = i;
    }
    let to = wordEnd(original, at, end);
    at = firstReference(original, to, end);
    while (at !== -1 && at - to < ANNOUNCEMENT_BYTES) {
      to = wordEnd(original, at, end);
      at = firstReference(original, to, end);
    }
    yield { start: before, end: to, token };
    done = to;
  }
}

function wordEnd(bytes: Buffer, from: number, end: number): number {
  let to = from;
  while (to < end && !isWordEnd(bytes[to] as number)) to++;
  // What escapes the quote behind it belongs to the quote.
  if (bytes[to] === QUOTE) while (to > from + 1 && bytes[to - 1] === BACKSLASH) to--;
  return to;
}

/** White space and control characters, quotes and angle brackets. */
function isWordEnd(byte: number): boolean {
  return byte <= 0x20 || byte === 0x22 || byte === 0x27 || byte === 0x3c || byte === 0x3e || byte === 0x60;
}

/** The first escape at `from` or behind that hides something, such as `\"`, `\u0040` or `\x40`; -1 for none. */
function nextEscape(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(BACKSLASH, from); at !== -1; at = bytes.indexOf(BACKSLASH, at + 1)) {
    const letter = bytes[at + 1];
    if (letter === QUOTE || letter === LOWER_U || letter === LOWER_X) return at;
  }
  return -1;
}

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LOWER_U = 0x75;
const LOWER_X = 0x78;
