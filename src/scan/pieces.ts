/**
 * Where exactly a region is replaced. In plain text that is the region itself; in JSON it is the parts of it that are
 * values, so that the line stays valid: quotes, commas and braces stay, keys stay, and a number of which anything
 * must go is replaced whole, by a string.
 */
import { TokenKind } from '../json/tokens.ts';
import { firstAbove, type Lexers, MAX_STRING_LEVELS, type View } from './view.ts';

/** A run of bytes to replace. */
export interface Piece {
  /** In bytes from the line's start. */
  readonly start: number;
  readonly end: number;
  /** What is replaced, decoded. */
  readonly value: Buffer;
  /** The string level at which the replacement must bring its own quotes, -1 where it needs none. */
  readonly quoteLevel: number;
}

export interface PieceOptions {
  readonly lexers: Lexers;
  readonly ruleIds: ReadonlySet<string>;
  /** Whether JSON keys stay as they are. */
  readonly keepKeys: boolean;
}

/** The pieces of `[start, end)`, given in bytes of the line; ascending and disjoint. */
export function piecesOf(view: View, start: number, end: number, options: PieceOptions): Piece[] {
  const pieces: Piece[] = [];
  addPieces(view, start, end, options, pieces);
  return pieces;
}

/** @param start,end in bytes of the view */
function addPieces(view: View, start: number, end: number, options: PieceOptions, pieces: Piece[]): void {
  if (!view.isLexed) {
    addPiece(view, start, end, -1, pieces);
    return;
  }
  const { tokens } = view;
  let at = start;
  for (let token = firstAbove(tokens.ends, tokens.count, start); token < tokens.count; token++) {
    if (tokens.starts[token] >= end) break;
    // What turned out to be no JSON is text.
    if (!tokens.isStructural(token) || !view.isJson(tokens.starts[token])) continue;
    addText(view, at, Math.min(end, tokens.starts[token]), pieces);
    at = tokens.ends[token];
    const kind = tokens.kinds[token];
    if (kind === TokenKind.Number || kind === TokenKind.Literal) {
      addPiece(view, tokens.starts[token], tokens.ends[token], view.level, pieces);
    } else if (kind === TokenKind.String || !options.keepKeys || !isKey(view, token)) {
      addString(view, token, start, end, options, pieces);
    }
  }
  addText(view, at, end, pieces);
}

/**
 * Whether a key token is known to be a key. Where the text ends in it or behind it, it is not, and a line that ends so
 * is no JSON that must stay valid.
 */
function isKey(view: View, token: number): boolean {
  const { tokens, original } = view;
  if (tokens.isOpen(token)) return false;
  if (token < tokens.count - 1) return true;
  let at = tokens.ends[token];
  const end = Math.min(original.length, at + MAX_SPACES);
  while (at < end && original[at] !== COLON) at++;
  return at < end;
}

/** A string's content: whole where all of it goes, else by the structure of the JSON it may hold. */
function addString(
  view: View,
  token: number,
  start: number,
  end: number,
  options: PieceOptions,
  pieces: Piece[],
): void {
  const { tokens } = view;
  const first = tokens.interiorStart(token);
  const last = tokens.interiorEnd(token);
  const from = Math.max(start, first);
  const to = Math.min(end, last);
  if (from >= to) return;
  const isWhole = from === first && to === last;
  const mayHoldJson =
    tokens.isEscaped(token) || view.original[first] === BRACE || view.original[first] === BRACKET;
  if (isWhole || !mayHoldJson || view.level === MAX_STRING_LEVELS) {
    addPiece(view, from, to, -1, pieces);
    return;
  }
  const child = view.lexedChild(token, options.ruleIds, options.lexers);
  const [childStart, childEnd] = child.rangeOf(view.lineStart(from), view.lineEnd(to));
  addPieces(child, childStart, childEnd, options, pieces);
}

/** What of `[start, end)` lies outside of JSON; the structure inside stays. */
function addText(view: View, start: number, end: number, pieces: Piece[]): void {
  const { tokens } = view;
  let at = start;
  const count = tokens.fragmentCount;
  for (let i = firstAbove(tokens.fragmentEnds, count, start); i < count && at < end; i++) {
    if (tokens.fragmentStarts[i] >= end) break;
    if (!view.isJsonFragment(i)) continue;
    addPiece(view, at, tokens.fragmentStarts[i], -1, pieces);
    at = tokens.fragmentEnds[i];
  }
  addPiece(view, at, end, -1, pieces);
}

function addPiece(view: View, start: number, end: number, quoteLevel: number, pieces: Piece[]): void {
  if (start >= end) return;
  const lineStart = view.lineStart(start);
  const lineEnd = view.lineEnd(end);
  pieces.push({ start: lineStart, end: lineEnd, value: view.original.subarray(start, end), quoteLevel });
}

/** How far behind a key its colon is looked for; it follows at once, or after a space. */
const MAX_SPACES = 64;
const COLON = 0x3a;
const BRACE = 0x7b;
const BRACKET = 0x5b;
