/**
 * A redaction whose rules and settings can be exchanged while streams go on. Each stream changes over by itself between
 * two lines: what has begun, an unfinished line or a multi-line value that is held, is finished by the rules it began
 * with, and the next line is the first that the new ones see. Nothing is lost or seen twice by that, and the counts of
 * the run go on.
 */
import type { RedactionSettings } from '../config/settings.ts';
import type { Summary, Tally } from '../findings/summary.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { LinePlace } from '../scan/lineWriter.ts';
import type { StreamRedactor } from '../scan/streamRedactor.ts';
import { type FindingConsumer, Redaction } from './redaction.ts';

/** What whoever feeds a stream needs of it. */
export type RedactorStream = Pick<
  StreamRedactor,
  'input' | 'take' | 'push' | 'end' | 'failure' | 'lineBegin'
>;

export class LiveRedaction {
  #current: Redaction;

  constructor(first: Redaction) {
    this.#current = first;
  }

  /** The redaction that streams use, or change over to with their next line. */
  get current(): Redaction {
    return this.#current;
  }

  /** Of the whole run; the same object before and after a change. */
  get tally(): Tally {
    return this.#current.tally;
  }

  /**
   * Puts other rules and settings into effect, wholly or not at all. The key of the fingerprints stays.
   * @param image see RedactionExtras
   * @throws UsageError when they don't fit together; then everything stays as it was
   */
  replace(settings: RedactionSettings, ruleSet: RuleSet, image?: Uint8Array): void {
    this.#current = new Redaction(settings, ruleSet, this.#current, { image });
  }

  /** As `Redaction.openStream`. @param begin of the first line; the source's without it */
  openStream(
    source: () => string,
    consumer?: FindingConsumer,
    isCounted = true,
    begin?: LinePlace,
  ): LiveStream {
    return new LiveStream(this, (redaction, place = begin) =>
      redaction.openStream(source, consumer, isCounted, place === undefined ? {} : { place }),
    );
  }

  /** As `Redaction.summary`, of the whole run. */
  summary(failures: readonly string[]): Summary {
    return this.#current.summary(failures);
  }
}

type OpenStream = (redaction: Redaction, place: StreamRedactor['lineBegin']) => StreamRedactor;

const LF = 0x0a;

/** A stream that changes over to the current rules between two lines. */
export class LiveStream implements RedactorStream {
  readonly #live: LiveRedaction;
  readonly #open: OpenStream;
  #redaction: Redaction;
  #stream: StreamRedactor;
  #failure: unknown;

  constructor(live: LiveRedaction, open: OpenStream) {
    this.#live = live;
    this.#open = open;
    this.#redaction = live.current;
    this.#stream = open(live.current, undefined);
  }

  /** As `StreamRedactor.input`; undefined also while a change waits for the end of a line. */
  get input(): Buffer | undefined {
    return this.refresh() ? this.#stream.input : undefined;
  }

  /** As `StreamRedactor.take`. */
  take(chunk: Buffer | number): Buffer {
    // Bytes that stand in the window of the old rules' engine are theirs: when they were read it was still in effect.
    return typeof chunk === 'number' ? this.#stream.take(chunk) : this.push(chunk);
  }

  /** As `StreamRedactor.push`. */
  push(chunk: Buffer): Buffer {
    if (this.refresh()) return this.#stream.push(chunk);
    const done: Buffer[] = [];
    let at = 0;
    while (at < chunk.length && !this.refresh()) {
      const found = chunk.indexOf(LF, at);
      const end = found === -1 ? chunk.length : found + 1;
      // What a stream returns holds until its next call only.
      done.push(Buffer.from(this.#stream.push(chunk.subarray(at, end))));
      at = end;
    }
    if (at < chunk.length) done.push(this.#stream.push(chunk.subarray(at)));
    return Buffer.concat(done);
  }

  /** As `StreamRedactor.end`. */
  end(): Buffer {
    const rest = this.#stream.end();
    this.refresh();
    return rest;
  }

  /** As `StreamRedactor.lineBegin`. */
  get lineBegin(): LinePlace | undefined {
    return this.#stream.lineBegin;
  }

  /** As `StreamRedactor.failure`, of all rules that were in effect. */
  get failure(): unknown {
    return this.#failure ?? this.#stream.failure;
  }

  /**
   * Changes over to the current rules if nothing is begun. A stream that has nothing to read may call this, so that the
   * rules of before can be forgotten.
   * @returns whether the current rules are in effect
   */
  refresh(): boolean {
    const { current } = this.#live;
    if (this.#redaction === current) return true;
    const place = this.#stream.lineBegin;
    if (place === undefined) return false;
    this.#failure ??= this.#stream.failure;
    this.#stream = this.#open(current, place);
    this.#redaction = current;
    return true;
  }
}
