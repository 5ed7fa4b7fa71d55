/** The search of one source: bytes go to the stream, its findings to the collector, with the lines around them at hand. */
import type { Collector, SourceFacts } from '../../audit/collector.ts';
import type { PartAnomalies } from '../../audit/scan.ts';
import type { AllowComments } from '../../findings/suppression.ts';
import type { StreamRedactor } from '../../scan/streamRedactor.ts';
import type { Redaction, StreamExtras } from '../redaction.ts';

/** Of a source that was searched. */
export interface SourceEnd {
  readonly lines: number;
  readonly findings: number;
  readonly anomalies: PartAnomalies;
  /** Code or name of the first error of the engine; never a scanned byte. */
  readonly failure: string | undefined;
}

/** So much at once: a chunk of short values must not become a million findings before any is told. */
const TAKE_BYTES = 64 * 1024;

export class SourceScan {
  readonly #redaction: Redaction;
  readonly #collector: Collector;
  readonly #comments: AllowComments;
  readonly #stream: StreamRedactor;
  #before = { lines: 0, ...anomaliesOf(undefined) };

  /** @param onValue told of each value found, see StreamExtras */
  constructor(
    redaction: Redaction,
    collector: Collector,
    comments: AllowComments,
    onValue?: StreamExtras['onValue'],
  ) {
    this.#redaction = redaction;
    this.#collector = collector;
    this.#comments = comments;
    let name = '';
    this.#stream = redaction.openStream(() => name, collector.add, true, { onValue });
    this.#setName = (source) => {
      name = source;
    };
  }

  readonly #setName: (source: string) => void;

  /** @param before bytes that stand before the first one, for times of lines above; not searched */
  begin(source: SourceFacts, before: Buffer = Buffer.alloc(0)): void {
    const { history } = this.#collector;
    this.#setName(source.source);
    this.#before = { lines: this.#redaction.tally.lines, ...anomaliesOf(this.#redaction) };
    this.#comments.begin(source.offset);
    history.begin(source.offset - before.length);
    history.add(before);
    this.#collector.begin(source);
  }

  take(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += TAKE_BYTES) {
      const piece = chunk.subarray(at, at + TAKE_BYTES);
      this.#collector.read(piece);
      this.#comments.push(piece);
      this.#stream.push(piece);
      this.#collector.settle(this.#canShow);
    }
  }

  /** Whether the next line stands for itself. */
  get isAtRest(): boolean {
    return this.#stream.isAtRest;
  }

  end(): SourceEnd {
    this.#comments.end();
    this.#stream.end();
    this.#collector.settle(this.#canShow);
    this.#collector.flush();
    const { lines, ...anomalies } = this.#before;
    const now = anomaliesOf(this.#redaction);
    const failure = this.#stream.failure as { readonly code?: unknown; readonly name?: unknown } | undefined;
    return {
      lines: this.#redaction.tally.lines - lines,
      findings: this.#collector.findings,
      anomalies: {
        linesWithheld: now.linesWithheld - anomalies.linesWithheld,
        longLines: now.longLines - anomalies.longLines,
        blocksWithoutEnd: now.blocksWithoutEnd - anomalies.blocksWithoutEnd,
        matchesInKeys: now.matchesInKeys - anomalies.matchesInKeys,
      },
      failure: failure === undefined ? undefined : String(failure.code ?? failure.name ?? 'unknown'),
    };
  }

  /** Behind a value without end its further lines look like any other, and could be shown. */
  get #canShow(): boolean {
    return anomaliesOf(this.#redaction).blocksWithoutEnd === this.#before.blocksWithoutEnd;
  }
}

function anomaliesOf(redaction: Redaction | undefined): PartAnomalies {
  if (redaction === undefined)
    return { linesWithheld: 0, longLines: 0, blocksWithoutEnd: 0, matchesInKeys: 0 };
  const { linesWithheld, longLines, blocksWithoutEnd, matchesInKeys } = redaction.tally.anomalies;
  return { linesWithheld, longLines, blocksWithoutEnd, matchesInKeys };
}
