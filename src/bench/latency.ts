/** How long a line that arrives alone stays: pushed, looked at, and its output taken. Without pipes and process. */
import { percentile } from './statistics.ts';
import type { ChunkStream } from './throughput.ts';

const MEASURED_LINES = 1000;
const LINE_FEED = 0x0a;

export interface Latency {
  readonly lines: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * @param stream warm, as it is in a process that runs all day
 * @param bytes complete lines; the first ones are measured
 */
export function measureLatency(stream: ChunkStream, bytes: Buffer): Latency {
  const micros: number[] = [];
  let start = 0;
  while (start < bytes.length && micros.length < MEASURED_LINES) {
    const lineFeed = bytes.indexOf(LINE_FEED, start);
    const end = lineFeed === -1 ? bytes.length : lineFeed + 1;
    const line = bytes.subarray(start, end);
    const pushedAt = performance.now();
    stream.push(line);
    micros.push((performance.now() - pushedAt) * 1000);
    start = end;
  }
  stream.end();
  return {
    lines: micros.length,
    p50: percentile(micros, 50),
    p99: percentile(micros, 99),
    max: percentile(micros, 100),
  };
}
