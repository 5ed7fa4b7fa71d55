/**
 * The engine is one thread's, and so is everything else. Work on it waits in one queue, first come first served, and
 * between turns the event loop sees to connections: a long upload stops neither other requests nor `/livez`.
 */

/** The loop is held no longer than this and one piece of work, in milliseconds. */
const TURN_MS = 8;

export class Turns {
  #queue: (() => void)[] = [];
  #isScheduled = false;

  /** Work that waits. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Does the work when its turn has come. @throws what it throws */
  run<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error as Error);
        }
      });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#queue.length === 0) return;
    this.#isScheduled = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isScheduled = false;
    const end = performance.now() + TURN_MS;
    let done = 0;
    while (done < this.#queue.length && performance.now() < end) {
      this.#queue[done]?.();
      done++;
    }
    this.#queue = this.#queue.slice(done);
    this.#schedule();
  }
}
