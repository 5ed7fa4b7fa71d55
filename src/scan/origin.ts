/** Where the bytes of a redacted text come from in the text it was made of. */
import { firstAbove } from './view.ts';

export class Origin {
  /** Of each replacement, ascending: where it begins and ends in the new text, and what it stands for in the old one. */
  readonly #newStarts: number[] = [];
  readonly #newEnds: number[] = [];
  readonly #oldStarts: number[] = [];
  readonly #oldEnds: number[] = [];

  /**
   * `[start, end)` of the old text was replaced by `length` bytes; to be told in ascending order. Of pieces that overlap
   * only the first is written.
   */
  addReplaced(start: number, end: number, length: number): void {
    const lastOld = this.#oldEnds.at(-1) ?? 0;
    if (end <= lastOld) return;
    const newStart = (this.#newEnds.at(-1) ?? 0) + Math.max(0, start - lastOld);
    this.#newStarts.push(newStart);
    this.#newEnds.push(newStart + length);
    this.#oldStarts.push(start);
    this.#oldEnds.push(end);
  }

  /** The old place of the new byte at `at`; of a replacement, the first byte of what it stands for. */
  startOf(at: number): number {
    const index = firstAbove(this.#newEnds, this.#newEnds.length, at);
    if (index < this.#newStarts.length && at >= (this.#newStarts[index] as number))
      return this.#oldStarts[index] as number;
    return this.#behind(index, at);
  }

  /** The old end of what ends at `at`; of a replacement, the end of what it stands for. */
  endOf(at: number): number {
    const index = firstAbove(this.#newEnds, this.#newEnds.length, at - 1);
    if (index < this.#newStarts.length && at > (this.#newStarts[index] as number))
      return this.#oldEnds[index] as number;
    return this.#behind(index, at);
  }

  /** The old place of `at`, which lies between the replacements before `index` and at it. */
  #behind(index: number, at: number): number {
    return index === 0
      ? at
      : at - (this.#newEnds[index - 1] as number) + (this.#oldEnds[index - 1] as number);
  }
}
