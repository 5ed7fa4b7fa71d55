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

/** Where a line stands in a block, without its line end; half-open, in bytes. One object an engine. */
export interface BlockLine {
  start: number;
  end: number;
  /** All patterns that may match in it, in any order; undefined where the engine does not know. */
  patterns: readonly number[] | undefined;
}

/** An engine that can look at many lines at once, which is what makes clean lines cost next to nothing. */
export interface BlockEngine extends PatternEngine {
  /** The longest block it takes, in bytes. */
  readonly maxBlockBytes: number;
  /** The line `nextLine` has found; overwritten by each call. */
  readonly line: BlockLine;
  /**
   * Begins a block.
   * @param block complete lines, valid UTF-8; copied
   */
  beginBlock(block: Buffer): void;
  /**
   * The next line in which any pattern matches; lines come in order, each once. Other calls may come in between.
   * @returns false when there is none
   */
  nextLine(): boolean;
}

/** Whether an engine can look at many lines at once. */
export function isBlockEngine(engine: PatternEngine): engine is BlockEngine {
  return 'beginBlock' in engine;
}
