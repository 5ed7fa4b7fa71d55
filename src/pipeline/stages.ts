/**
 * What is kept of each stage of the pipeline, once a chunk: how often it ran, on how many bytes and lines, how long it
 * took, how much waited, and how often it failed. Nothing is allocated while it runs.
 */

/** Upper bounds in microseconds, doubling from 16 us to half a minute; what is slower falls into a last one. */
const BOUNDS_US = Array.from({ length: 21 }, (_, power) => 16 * 2 ** power);
const P99 = 0.99;

export interface StageFigures {
  readonly name: string;
  readonly runs: number;
  readonly bytes: number;
  readonly lines: number;
  readonly errors: number;
  readonly seconds: number;
  /** The bound below which 99 in 100 runs stayed, in seconds. */
  readonly p99Seconds: number;
  /** Inputs that wait or are in work, at this moment and at most so far. */
  readonly queueDepth: number;
  readonly deepestQueue: number;
}

export class Stage {
  readonly name: string;
  #runs = 0;
  #bytes = 0;
  #lines = 0;
  #errors = 0;
  #microseconds = 0;
  #queueDepth = 0;
  #deepestQueue = 0;
  readonly #histogram = new Float64Array(BOUNDS_US.length + 1);

  constructor(name: string) {
    this.name = name;
  }

  /** One run of the stage. @param startedAt of `performance.now()`, milliseconds */
  ran(startedAt: number, bytes: number, lines = 0): void {
    const microseconds = (performance.now() - startedAt) * 1000;
    this.#runs++;
    this.#bytes += bytes;
    this.#lines += lines;
    this.#microseconds += microseconds;
    let bound = 0;
    while (bound < BOUNDS_US.length && microseconds > (BOUNDS_US[bound] as number)) bound++;
    this.#histogram[bound] = (this.#histogram[bound] ?? 0) + 1;
  }

  failed(): void {
    this.#errors++;
  }

  /** @param depth inputs that wait or are in work now */
  queued(depth: number): void {
    this.#queueDepth = depth;
    if (depth > this.#deepestQueue) this.#deepestQueue = depth;
  }

  figures(): StageFigures {
    return {
      name: this.name,
      runs: this.#runs,
      bytes: this.#bytes,
      lines: this.#lines,
      errors: this.#errors,
      seconds: this.#microseconds / 1e6,
      p99Seconds: this.#p99() / 1e6,
      queueDepth: this.#queueDepth,
      deepestQueue: this.#deepestQueue,
    };
  }

  #p99(): number {
    let below = 0;
    for (let bound = 0; bound < BOUNDS_US.length; bound++) {
      below += this.#histogram[bound] as number;
      if (this.#runs > 0 && below >= this.#runs * P99) return BOUNDS_US[bound] as number;
    }
    return this.#runs === 0 ? 0 : (BOUNDS_US.at(-1) as number) * 2;
  }
}
