/** Redacts the bodies of requests, many at once, with the streams and the engine of `logveil redact`. */
import { createHash, type Hash } from 'node:crypto';
import type { LiveRedaction } from '../../app/liveRedaction.ts';
import type { ErrorCatcher } from '../../pipeline/errorCatcher.ts';
import type { Step } from '../../pipeline/middleware.ts';
import type { PerformanceMonitoring } from '../../pipeline/performanceMonitoring.ts';
import { type FoundCounts, FoundTotals, TallyDelta } from './counts.ts';
import { type PooledStream, type StreamOwner, StreamPool } from './streams.ts';
import type { Turns } from './turns.ts';

/** The engine is not held longer by one request than this takes, some milliseconds where each line is a hit. */
const PIECE_BYTES = 32 * 1024;

/** What has become of one request so far. */
export class RequestCounts {
  bytesIn = 0;
  bytesOut = 0;
  lines = 0;
  linesChanged = 0;
  /** Replaced because they could not be looked at. */
  linesWithheld = 0;
  /** Handed on raw in spite of that, because `onError: pass` says so. */
  linesPassedRaw = 0;
  engineMs = 0;
  readonly found = new FoundTotals();
  readonly #hash: Hash = createHash('sha256');

  hash(bytes: Buffer): void {
    this.#hash.update(bytes);
  }

  /** Of the redacted bytes, as RFC 9530 writes it; to be asked once, at the end. */
  contentDigest(): string {
    return `sha-256=:${this.#hash.digest('base64')}:`;
  }
}

export interface SanitizingOptions {
  readonly live: LiveRedaction;
  readonly turns: Turns;
  /** Told of what was found, turn by turn. */
  readonly onFound: (found: FoundCounts) => void;
  /** Told of lines that could not be looked at; the error may hold scanned bytes. */
  readonly onEngineFailure: (error: unknown) => void;
  readonly monitoring: PerformanceMonitoring;
  readonly catcher: ErrorCatcher;
}

/** A call of the engine, and the bytes it is given. */
interface EngineCall {
  readonly bytes: number;
  readonly call: () => Buffer;
}

export class Sanitizing {
  readonly #options: SanitizingOptions;
  readonly #pool: StreamPool;
  readonly #delta: TallyDelta;
  readonly #engine: Step<EngineCall, Buffer>;

  constructor(options: SanitizingOptions) {
    this.#options = options;
    this.#pool = new StreamPool(options.live);
    this.#delta = new TallyDelta(options.live.tally);
    const step: Step<EngineCall, Buffer> = { name: 'redact', run: ({ call }) => call() };
    this.#engine = options.catcher.around(options.monitoring.around(step, ({ bytes }) => ({ bytes })));
  }

  /** Rules have been exchanged. */
  refresh(): void {
    this.#pool.refresh();
  }

  /**
   * Redacts one body. Its bytes come out as soon as their lines are complete; each buffer is the caller's.
   * @param tells whether the owner is told of each finding
   * @throws what `chunks` throws, and errors of the engine that no line can be withheld for
   */
  async *redact(
    chunks: AsyncGenerator<Buffer>,
    owner: StreamOwner,
    tells: boolean,
    counts: RequestCounts,
  ): AsyncGenerator<Buffer> {
    const pooled = this.#pool.take(owner, tells);
    const { stream } = pooled;
    try {
      for await (const chunk of chunks) {
        counts.bytesIn += chunk.length;
        for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
          const piece = chunk.subarray(at, at + PIECE_BYTES);
          const redacted = await this.#turn(counts, { bytes: piece.length, call: () => stream.push(piece) });
          if (redacted.length > 0) yield redacted;
        }
      }
      const rest = await this.#turn(counts, { bytes: 0, call: () => stream.end() });
      if (rest.length > 0) yield rest;
      if (stream.failure === undefined) this.#pool.giveBack(pooled);
    } finally {
      this.#tellFailure(pooled);
    }
  }

  /** One call of the stream, alone with the tally. */
  #turn(counts: RequestCounts, work: EngineCall): Promise<Buffer> {
    const { turns, live, onFound } = this.#options;
    return turns.run(() => {
      const { tally } = live;
      const { lines, linesChanged } = tally;
      const { linesWithheld, linesPassedOnError } = tally.anomalies;
      const startedAt = performance.now();
      try {
        // What a stream returns holds until its next call only.
        const redacted = Buffer.from(this.#engine.run(work));
        counts.bytesOut += redacted.length;
        counts.hash(redacted);
        return redacted;
      } finally {
        counts.engineMs += performance.now() - startedAt;
        counts.lines += tally.lines - lines;
        counts.linesChanged += tally.linesChanged - linesChanged;
        counts.linesWithheld += tally.anomalies.linesWithheld - linesWithheld;
        counts.linesPassedRaw += tally.anomalies.linesPassedOnError - linesPassedOnError;
        const found = this.#delta.take();
        counts.found.add(found);
        onFound(found);
      }
    });
  }

  #tellFailure({ stream }: PooledStream): void {
    if (stream.failure !== undefined) this.#options.onEngineFailure(stream.failure);
  }
}
