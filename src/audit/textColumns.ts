/**
 * Columns as editors and code scanning count them, in UTF-16 code units (SARIF 2.1.0, section 3.14.17, columnKind): the
 * bytes before a value are decoded, what is no UTF-8 as U+FFFD. Findings of a line come in its order, so no byte is
 * decoded twice.
 */
import type { History } from './history.ts';

const LF = 0x0a;

/** First column, further lines, and the column behind the last character in the last line. */
export type TextPlace = readonly [startColumn: number, lines: number, endColumn: number];

export class TextColumns {
  readonly #history: History;
  /** Up to where a line was counted: its begin, an offset in it, and the units up to there. */
  #counted = { lineStart: -1, offset: 0, units: 0 };

  constructor(history: History) {
    this.#history = history;
  }

  begin(): void {
    this.#counted = { lineStart: -1, offset: 0, units: 0 };
  }

  /**
   * @param place in the bytes searched: offset, column from 1, length
   * @returns undefined when the line's begin is farther back than is kept
   */
  of(place: {
    readonly offset: number;
    readonly column: number;
    readonly length: number;
  }): TextPlace | undefined {
    const { offset, column, length } = place;
    const lineStart = offset - (column - 1);
    const known = this.#counted;
    const isAhead = known.lineStart === lineStart && known.offset <= offset;
    const from = isAhead ? known.offset : lineStart;
    const before = this.#bytes(from, offset - from);
    const value = this.#bytes(offset, length);
    if (before === undefined || value === undefined) return undefined;
    const units = (isAhead ? known.units : 0) + unitsOf(before);
    this.#counted = { lineStart, offset, units };
    const lastLine = value.lastIndexOf(LF) + 1;
    if (lastLine === 0) return [units + 1, 0, units + unitsOf(value) + 1];
    let lines = 0;
    for (let at = value.indexOf(LF); at !== -1; at = value.indexOf(LF, at + 1)) lines++;
    return [units + 1, lines, unitsOf(value.subarray(lastLine)) + 1];
  }

  #bytes(offset: number, length: number): Buffer | undefined {
    if (length === 0) return Buffer.alloc(0);
    const bytes = this.#history.from(offset, length);
    return bytes?.length === length ? bytes : undefined;
  }
}

function unitsOf(bytes: Buffer): number {
  return bytes.toString('utf8').length;
}
