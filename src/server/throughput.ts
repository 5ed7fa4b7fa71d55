/** How much went through lately: a sample every two seconds, for five minutes. */
import type { Tally } from '../findings/summary.ts';

export const SAMPLE_MS = 2000;
const SAMPLES = 150;

export interface ThroughputSample {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly bytesPerSecond: number;
  readonly linesPerSecond: number;
}

export class Throughput {
  readonly #tally: Tally;
  readonly #samples: ThroughputSample[] = [];
  #at = performance.now();
  #bytes: number;
  #lines: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#bytes = tally.bytesIn;
    this.#lines = tally.lines;
  }

  /** Oldest first. */
  get samples(): readonly ThroughputSample[] {
    return this.#samples;
  }

  /** To be called every SAMPLE_MS; what was missed is averaged over the time it took. */
  sample(): void {
    const now = performance.now();
    const seconds = Math.max(1, now - this.#at) / 1000;
    const { bytesIn, lines } = this.#tally;
    this.#samples.push({
      at: new Date().toISOString(),
      bytesPerSecond: Math.round((bytesIn - this.#bytes) / seconds),
      linesPerSecond: Math.round((lines - this.#lines) / seconds),
    });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#at = now;
    this.#bytes = bytesIn;
    this.#lines = lines;
  }
}
