/**
 * Which place in which file a place in a lane's stream is. The stream runs on over files, and where text is decoded or
 * joined its bytes are not those of the file.
 */
import type { Segment } from './segment.ts';

export interface FilePlace {
  readonly segment: Segment;
  /** In raw bytes. */
  readonly offset: number;
  readonly line: number;
}

interface Span extends FilePlace {
  readonly streamOffset: number;
  readonly streamLine: number;
  /** Whether each byte of the stream behind it is one of the file. */
  readonly isExact: boolean;
}

export class Places {
  #spans: Span[] = [];

  /** From this place in the stream on it is that place in a file. */
  add(stream: { readonly offset: number; readonly line: number }, place: FilePlace, isExact: boolean): void {
    this.#spans.push({ ...place, streamOffset: stream.offset, streamLine: stream.line, isExact });
  }

  /** @returns undefined where the place is within text whose raw place is not known */
  at(offset: number, line: number): FilePlace | undefined {
    const span = this.#spanOf(offset);
    if (span === undefined || (!span.isExact && offset !== span.streamOffset)) return undefined;
    return moved(span, offset, line);
  }

  /** The same for people: as near as can be told. */
  near(offset: number, line: number): FilePlace | undefined {
    const span = this.#spanOf(offset);
    return span && moved(span, offset, line);
  }

  /** What is before this place in the stream is not asked for any more. */
  forgetBefore(offset: number): void {
    let first = 0;
    while (first + 1 < this.#spans.length && (this.#spans[first + 1] as Span).streamOffset <= offset) first++;
    if (first > 0) this.#spans = this.#spans.slice(first);
  }

  clear(): void {
    this.#spans = [];
  }

  #spanOf(offset: number): Span | undefined {
    return this.#spans.findLast((span) => span.streamOffset <= offset);
  }
}

function moved(span: Span, offset: number, line: number): FilePlace {
  return {
    segment: span.segment,
    offset: span.offset + offset - span.streamOffset,
    line: span.line + line - span.streamLine,
  };
}
