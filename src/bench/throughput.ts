/**
 * How fast the hot path is by itself: bytes that are in memory go in as chunks, redacted bytes come out, nothing is
 * read or written. Beside it, in turns, the same loop without a scan.
 */
import { type Spread, spread } from './statistics.ts';

/** As much as a pipe on Linux holds, so what one read of a full pipe gives. */
export const CHUNK_BYTES = 64 * 1024;

/** A run repeats its corpus until it has lasted this long: the clock and the collector would else decide. */
const MIN_RUN_MS = 200;

/** The hot path as the benchmark sees it. */
export interface ChunkStream {
  /** @returns bytes that are valid until the next call */
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** The stream that looks at nothing: each chunk is copied, as any redactor has to, and handed on. */
export class PassThrough implements ChunkStream {
  readonly #bytes = Buffer.allocUnsafe(CHUNK_BYTES);

  push(chunk: Buffer): Buffer {
    chunk.copy(this.#bytes);
    return this.#bytes.subarray(0, chunk.length);
  }

  end(): Buffer {
    return this.#bytes.subarray(0, 0);
  }
}

/** @returns how many bytes came out */
export function pumpOnce(stream: ChunkStream, bytes: Buffer): number {
  let written = 0;
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    written += stream.push(bytes.subarray(start, start + CHUNK_BYTES)).length;
  }
  return written + stream.end().length;
}

interface Rates {
  /** Megabytes (10^6 bytes of input) a second, a value a run. */
  readonly values: readonly number[];
  readonly spread: Spread;
}

export interface Throughput {
  readonly scan: Rates;
  readonly passThrough: Rates;
  /** Scan against pass-through of the same turn. */
  readonly ratio: Spread;
}

/**
 * Measures both streams in turns, so that what else the machine does hits both.
 * @param afterPass told of each finished pass over the bytes by the scan, outside the measured time
 */
export function measureThroughput(
  scan: ChunkStream,
  bytes: Buffer,
  runs: number,
  afterPass: (passes: number) => void,
): Throughput {
  const passThrough = new PassThrough();
  const scanRates: number[] = [];
  const passRates: number[] = [];
  for (let run = 0; run < runs; run++) {
    const measured = rate(scan, bytes);
    afterPass(measured.passes);
    scanRates.push(measured.megabytesPerSecond);
    passRates.push(rate(passThrough, bytes).megabytesPerSecond);
  }
  return {
    scan: { values: scanRates, spread: spread(scanRates) },
    passThrough: { values: passRates, spread: spread(passRates) },
    ratio: spread(scanRates.map((value, run) => value / passRates[run])),
  };
}

function rate(stream: ChunkStream, bytes: Buffer): { passes: number; megabytesPerSecond: number } {
  const start = performance.now();
  let passes = 0;
  let elapsedMs = 0;
  while (elapsedMs < MIN_RUN_MS) {
    pumpOnce(stream, bytes);
    passes++;
    elapsedMs = performance.now() - start;
  }
  return { passes, megabytesPerSecond: (passes * bytes.length) / 1000 / elapsedMs };
}
