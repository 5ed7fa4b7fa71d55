/**
 * Streams of one redaction, used again when a file is done with: the first has the engine's own output memory, and each
 * has buffers that are worth keeping. When the rules are exchanged, a stream changes over between two lines, where
 * nothing is held; places and counts go on.
 */
import type { LiveRedaction } from '../app/liveRedaction.ts';
import type { Redaction } from '../app/redaction.ts';
import type { Finding } from '../findings/finding.ts';
import type { SettledPlace, StreamRedactor } from '../scan/streamRedactor.ts';

/** Whose stream it is for the time being. */
export interface StreamOwner {
  readonly sourceName: string;
  onFinding(finding: Finding): void;
}

export class PooledStream {
  owner: StreamOwner | undefined;
  readonly #live: LiveRedaction;
  readonly #open: (redaction: Redaction, owner: () => StreamOwner | undefined) => StreamRedactor;
  #redaction: Redaction;
  #stream: StreamRedactor;
  /** What streams of earlier rules have written. */
  #bytesBefore = 0;

  constructor(
    live: LiveRedaction,
    open: (redaction: Redaction, owner: () => StreamOwner | undefined) => StreamRedactor,
  ) {
    this.#live = live;
    this.#open = open;
    this.#redaction = live.current;
    this.#stream = open(live.current, () => this.owner);
  }

  /** As `StreamRedactor.input`. */
  get input(): Buffer | undefined {
    this.#changeOver();
    return this.#stream.input;
  }

  /** As `StreamRedactor.take`. @param chunk a number only for bytes that were put into the latest `input` */
  take(chunk: Buffer | number): Buffer {
    if (typeof chunk !== 'number') this.#changeOver();
    return this.#stream.take(chunk);
  }

  /** As `StreamRedactor.withhold`. */
  withhold(lines: Buffer, error: unknown): Buffer {
    return this.#stream.withhold(lines, error);
  }

  end(): Buffer {
    return this.#stream.end();
  }

  startAt(offset: number, line: number): void {
    this.#changeOver();
    this.#stream.startAt(offset, line);
  }

  get settled(): SettledPlace {
    const { offset, line, bytesOut } = this.#stream.settled;
    return { offset, line, bytesOut: bytesOut + this.#bytesBefore };
  }

  get nextLine(): { readonly offset: number; readonly line: number } {
    return this.#stream.nextLine;
  }

  /** Whether it is between two lines, and holds nothing. */
  get isAtRest(): boolean {
    return this.#stream.lineBegin !== undefined;
  }

  /** A change of rules waits for the end of the line, and of the multi-line value, that has begun. */
  #changeOver(): void {
    const { current } = this.#live;
    if (this.#redaction === current) return;
    const place = this.#stream.lineBegin;
    if (place === undefined) return;
    this.#bytesBefore += this.#stream.settled.bytesOut;
    this.#stream = this.#open(current, () => this.owner);
    this.#stream.startAt(place.offset, place.line);
    this.#redaction = current;
  }
}

export class StreamPool {
  readonly #live: LiveRedaction;
  readonly #wantsFindings: boolean;
  readonly #free: PooledStream[] = [];

  constructor(live: LiveRedaction, wantsFindings: boolean) {
    this.#live = live;
    this.#wantsFindings = wantsFindings;
  }

  take(owner: StreamOwner): PooledStream {
    const pooled =
      this.#free.pop() ?? new PooledStream(this.#live, (redaction, of) => this.#open(redaction, of));
    pooled.owner = owner;
    pooled.startAt(0, 1);
    return pooled;
  }

  /** @param pooled its stream has ended, and holds nothing */
  giveBack(pooled: PooledStream): void {
    pooled.owner = undefined;
    this.#free.push(pooled);
  }

  #open(redaction: Redaction, owner: () => StreamOwner | undefined): StreamRedactor {
    const consumer = this.#wantsFindings ? (finding: Finding) => owner()?.onFinding(finding) : undefined;
    return redaction.openStream(() => owner()?.sourceName ?? '', consumer, false);
  }
}
