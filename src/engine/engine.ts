/**
 * The contract between the redactor and what searches patterns. There are several engines and one meaning: every
 * engine gives exactly the spans of plain RE2, leftmost-first, on one line (or one decoded value) at a time.
 */

/** A pattern as an engine gets it; its place in the list it came in is its index everywhere. */
export interface PatternSpec {
  /** RE2 syntax. */
  readonly source: string;
  /** Capture group whose span is wanted; 0 is the whole match. */
  readonly group: number;
  /**
   * In blocks only that it matches in a line matters, and only in lines that hold this byte: it is reported once a line,
   * with a span that is not its own.
   */
  readonly onlyWith?: number;
}

/**
 * Where the last successful `find` matched: half-open byte offsets into the view. One object an engine, overwritten by
 * each call, so that a match costs no allocation.
 */
export interface PatternMatch {
  start: number;
  end: number;
  /** The wanted group; equal to `start` and `end` for group 0, `valueStart === valueEnd` when it took no part. */
  valueStart: number;
  valueEnd: number;
}

export interface PatternEngine {
  readonly match: PatternMatch;
  /**
   * The indexes of all patterns that match somewhere in the view, ascending; may name others too, never omits one.
   * @param view valid UTF-8 without a line end; read only, not kept
   */
  select(view: Buffer): readonly number[];
  /**
   * Finds the leftmost match that starts at or after `from`, judging `^` and `\b` by the whole view.
   * @returns whether there is one; `match` then holds it
   */
  find(pattern: number, view: Buffer, from: number): boolean;
}

/** Where the last successful `next` matched: offsets into the window. One object an engine. */
export interface BlockMatch extends PatternMatch {
  pattern: number;
  /** The line's text, without its line end (`\n` or `\r\n`). */
  lineStart: number;
  lineEnd: number;
  /** Begin of the line behind it. */
  nextLine: number;
}

/**
 * An engine that looks at many lines at once, which is what makes clean lines cost next to nothing. Lines are read into
 * its window; `scan` begins a block and `next` goes through the matches in it.
 */
export interface BlockEngine extends PatternEngine {
  readonly match: BlockMatch;
  /** Memory to put lines in. The engine's own; what is in it is the caller's, and stays. */
  readonly window: Buffer;
  /** Begins a block: complete lines, valid UTF-8, at [start, end) of the window. */
  scan(start: number, end: number): void;
  /**
   * The next match of any pattern. Lines come in order; inside a line each pattern's matches come in order and do not
   * overlap. Other calls to the engine may come in between.
   * @returns false when there is none; `match.pattern` -1 means that anything may match in the line
   */
  next(): boolean;
  /** After a match: where the search for its pattern goes on, an offset in the window; behind it if this is not called. */
  goOn(from: number): void;
  /** The rest of the line of the last match is not looked at. */
  skipLine(): void;
  /** Lines before this offset, a line's begin, are not looked at. */
  skipTo(offset: number): void;
  /** Line feeds in [start, end) of the window. */
  countLines(start: number, end: number): number;
  /** Whether the byte is in [start, end) of the window. */
  hasByte(start: number, end: number, byte: number): boolean;
  /** Memory to gather output in, for `copyOut`. */
  readonly outputArea: Buffer;
  /** Keeps a text for `copyOut`, once. @returns its number, -1 when there is no room */
  addText(text: Buffer): number;
  textOf(text: number): Buffer;
  textLength(text: number): number;
  /**
   * Copies [start, end) of the window, and a text behind it (-1: none), to `outputArea` from `at` on. There must be
   * room for both.
   */
  copyOut(at: number, start: number, end: number, text: number): void;
}

/** Whether an engine can look at many lines at once. */
export function isBlockEngine(engine: PatternEngine): engine is BlockEngine {
  return 'window' in engine;
}
