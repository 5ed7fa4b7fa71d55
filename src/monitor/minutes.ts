/** Counts by the minute, of the last hour. */

const MINUTE_MS = 60_000;
const MINUTES = 60;

export class Minutes {
  /** By minute since 1970 modulo {@link MINUTES}; of which minute each count is stands in `#of`. */
  readonly #counts = new Array<number>(MINUTES).fill(0);
  readonly #of = new Array<number>(MINUTES).fill(-1);

  /** @param atMs milliseconds since 1970; what is older than an hour is not counted */
  add(atMs: number, nowMs: number, count = 1): void {
    const minute = Math.floor(atMs / MINUTE_MS);
    const now = Math.floor(nowMs / MINUTE_MS);
    if (minute > now || minute <= now - MINUTES) return;
    const slot = minute % MINUTES;
    if (this.#of[slot] !== minute) {
      this.#of[slot] = minute;
      this.#counts[slot] = 0;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + count;
  }

  /** Oldest first, this minute last. */
  values(nowMs: number): number[] {
    const now = Math.floor(nowMs / MINUTE_MS);
    return Array.from({ length: MINUTES }, (_, index) => {
      const minute = now - MINUTES + 1 + index;
      const slot = minute % MINUTES;
      return this.#of[slot] === minute ? (this.#counts[slot] ?? 0) : 0;
    });
  }

  total(nowMs: number): number {
    return this.values(nowMs).reduce((sum, count) => sum + count, 0);
  }
}
