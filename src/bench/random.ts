/**
 * Random numbers that are the same everywhere for the same seed, so that a corpus can be made anew instead of shipped
 * and its counts are known. This is mulberry32: a counter of 32 bits that is mixed by two multiplications, a period of
 * 2^32. Good enough to vary log lines; never to be used for anything secret.
 */

const COUNTER_STEP = 0x6d2b79f5;

export class Random {
  #counter: number;

  /** @param seed any integer; its lower 32 bits count */
  constructor(seed: number) {
    this.#counter = seed | 0;
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    this.#counter = (this.#counter + COUNTER_STEP) | 0;
    let mixed = this.#counter;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.next() / 2 ** 32) * limit);
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True once in `times` on average. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)];
  }
}
