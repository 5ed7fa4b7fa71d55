/** Spans of one line, to be asked what they cover. */
import { firstAbove } from './view.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

export class Spans {
  /** Ascending. */
  readonly #starts: readonly number[];
  /** By place in `starts`: the farthest end up to there. */
  readonly #ends: number[] = [];

  constructor(spans: readonly Span[]) {
    const sorted = [...spans].sort((a, b) => a.start - b.start);
    this.#starts = sorted.map(({ start }) => start);
    let farthest = -1;
    for (const { end } of sorted) {
      farthest = Math.max(farthest, end);
      this.#ends.push(farthest);
    }
  }

  /** Whether one of them covers all of `[start, end)`. */
  cover(start: number, end: number): boolean {
    const behind = firstAbove(this.#starts, this.#starts.length, start);
    return behind > 0 && (this.#ends[behind - 1] as number) >= end;
  }
}
