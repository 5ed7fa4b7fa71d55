/**
 * The parts of a view that are written in an encoding, decoded: percent-encoding and HTML references, backslash escapes
 * outside of JSON, text in base64. Each is a view of its own, so that what is found in it is redacted in the line.
 *
 * What is looked at is bounded: a part is decoded once for each of three encodings, and encodings within encodings
 * {@link MAX_ENCODINGS} deep.
 */
import { type Base64Run, decodeBase64, nextText } from '../encodings/base64.ts';
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
 * The decoded views of a view, one after the other; the view's tokens must stay as they are meanwhile.
 * @param lex reads the JSON in the view, if it may hold any; called before anything is decoded
 * @param isDone whether what lies in `[start, end)` need not be decoded
 */
export function* encodedViews(
  view: View,
  ruleIds: ReadonlySet<string>,
  lex: () => void,
  isDone: (start: number, end: number) => boolean,
): Generator<View> {
  if (view.encodings >= MAX_ENCODINGS || view.level >= MAX_STRING_LEVELS) return;
  const { original } = view;
  const hasReferences = firstReference(original, 0, original.length) !== -1;
  const hasEscapes = hasEscape(original, 0, original.length);
  let run = nextText(original, 0);
  if (!hasReferences && !hasEscapes && run === undefined) return;
  lex();
  if (hasReferences || hasEscapes) yield* viewsOfParts(view, ruleIds);
  for (; run !== undefined; run = nextText(original, run.end)) {
    if (!isDone(run.start, run.end)) yield base64View(view, run, ruleIds);
  }
}

function* viewsOfParts(view: View, ruleIds: ReadonlySet<string>): Generator<View> {
  const { original } = view;
  for (const part of partsOf(view)) {
    const { start, end } = part;
    const keys = part.token === -1 ? view.outerKeys : view.keyNamesOf(part.token);
    if (hasEscape(original, start, end)) {
      yield view.decodedPart(
        end - start,
        (source, out, parent) => decodeString(source, start, end, out, true, parent),
        keys,
        ruleIds,
      );
    }
    // HTML is text with blanks in it, what is percent-encoded is a word.
    const isWhole = part.token !== -1 || hasHtmlReference(original, start, end);
    for (const { start: from, end: to } of isWhole ? wholePart(view, part) : encodedWords(view, part)) {
      yield view.decodedPart(
        to - from,
        (source, out, parent) => decodeReferences(source, from, to, out, parent),
        keys,
        ruleIds,
      );
    }
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

function wholePart(view: View, part: Part): readonly Part[] {
  return firstReference(view.original, part.start, part.end) === -1 ? [] : [part];
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
  return to;
}

/** White space and control characters, quotes and angle brackets. */
function isWordEnd(byte: number): boolean {
  return byte <= 0x20 || byte === 0x22 || byte === 0x27 || byte === 0x3c || byte === 0x3e || byte === 0x60;
}

/** Whether `[start, end)` holds an escape that hides something: `\"`, `\u0040`, `\x40`. */
function hasEscape(bytes: Buffer, start: number, end: number): boolean {
  // Of the part only: searched in all that follows for each part, that could take quadratic time.
  const part = bytes.subarray(start, end);
  for (let at = part.indexOf(BACKSLASH); at !== -1; at = part.indexOf(BACKSLASH, at + 1)) {
    const letter = part[at + 1];
    if (letter === QUOTE || letter === LOWER_U || letter === LOWER_X) return true;
  }
  return false;
}

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const LOWER_U = 0x75;
const LOWER_X = 0x78;
