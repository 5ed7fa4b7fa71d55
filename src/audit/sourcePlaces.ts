/**
 * Places in a source that is searched as other bytes than it is stored in: UTF-16, which rules see as UTF-8. Findings
 * tell bytes of the source. Between two marks the bytes of the history are counted; the begin of a line that is longer
 * than the history is kept with the marks.
 */
import type { History } from './history.ts';

/** Bytes between two marks: so many are counted for a place. */
const MARK_BYTES = 4096;
/** Marks kept: those of the longest line there may be (256 MiB). */
const MOST_MARKS = 65_536;
const LF = 0x0a;

/** A place in the bytes searched, the same in the source, and where the line begins that it stands in. */
interface Mark {
  readonly searched: number;
  readonly stored: number;
  readonly lineSearched: number;
  readonly lineStored: number;
}

export interface StoredPlace {
  readonly offset: number;
  readonly column: number;
  readonly length: number;
}

export class SourcePlaces {
  readonly #history: History;
  readonly #storedLength: (searched: Buffer) => number;
  #marks: Mark[];

  /**
   * @param prefixBytes of the source before the first byte searched, a byte order mark for instance
   * @param storedLength bytes of the source that some bytes searched stand for
   */
  constructor(history: History, prefixBytes: number, storedLength: (searched: Buffer) => number) {
    this.#history = history;
    this.#storedLength = storedLength;
    // What stands before the first byte belongs to its line.
    this.#marks = [{ searched: 0, stored: prefixBytes, lineSearched: 0, lineStored: 0 }];
  }

  /** Takes bytes in the order they are searched; characters may be cut. */
  add(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += MARK_BYTES) this.#mark(bytes.subarray(at, at + MARK_BYTES));
  }

  /**
   * @param place in the bytes searched: offset from the first one, column from 1
   * @returns undefined when it is farther back than is kept
   */
  of({ offset, column, length }: StoredPlace): StoredPlace | undefined {
    const start = this.#stored(offset);
    const end = this.#stored(offset + length);
    const line = this.#lineStart(offset - (column - 1));
    if (start === undefined || end === undefined || line === undefined) return undefined;
    return { offset: start, column: start - line + 1, length: end - start };
  }

  #mark(piece: Buffer): void {
    const last = this.#marks.at(-1) as Mark;
    const searched = last.searched + piece.length;
    const stored = last.stored + this.#storedLength(piece);
    const lineAt = piece.lastIndexOf(LF) + 1;
    const line =
      lineAt === 0
        ? last
        : {
            lineSearched: last.searched + lineAt,
            lineStored: last.stored + this.#storedLength(piece.subarray(0, lineAt)),
          };
    this.#marks.push({ searched, stored, lineSearched: line.lineSearched, lineStored: line.lineStored });
    if (this.#marks.length > 2 * MOST_MARKS) this.#marks = this.#marks.slice(-MOST_MARKS);
  }

  #lineStart(searched: number): number | undefined {
    const mark = this.#marks[this.#markAt(searched) + 1];
    if (mark?.lineSearched === searched) return mark.lineStored;
    // The first line has what stands before it.
    return searched === 0 ? 0 : this.#stored(searched);
  }

  #stored(searched: number): number | undefined {
    const mark = this.#marks[this.#markAt(searched)];
    if (mark === undefined) return undefined;
    const length = searched - mark.searched;
    if (length === 0) return mark.stored;
    const bytes = this.#history.from(mark.searched, length);
    return bytes?.length === length ? mark.stored + this.#storedLength(bytes) : undefined;
  }

  /** Index of the last mark that is not behind a place; -1 when all are. */
  #markAt(searched: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle] as Mark).searched <= searched) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
