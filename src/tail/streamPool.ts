/**
 * Streams of one redaction, used again when a file is done with: the first has the engine's own output memory, and each
 * has buffers that are worth keeping.
 */
import type { Redaction } from '../app/redaction.ts';
import type { Finding } from '../findings/finding.ts';
import type { StreamRedactor } from '../scan/streamRedactor.ts';

/** Whose stream it is for the time being. */
export interface StreamOwner {
  readonly sourceName: string;
  onFinding(finding: Finding): void;
}

export interface PooledStream {
  readonly stream: StreamRedactor;
  owner: StreamOwner | undefined;
}

export class StreamPool {
  readonly #redaction: Redaction;
  readonly #wantsFindings: boolean;
  readonly #free: PooledStream[] = [];

  constructor(redaction: Redaction, wantsFindings: boolean) {
    this.#redaction = redaction;
    this.#wantsFindings = wantsFindings;
  }

  take(owner: StreamOwner): PooledStream {
    const pooled = this.#free.pop() ?? this.#open();
    pooled.owner = owner;
    pooled.stream.startAt(0, 1);
    return pooled;
  }

  /** @param pooled its stream has ended, and holds nothing */
  giveBack(pooled: PooledStream): void {
    pooled.owner = undefined;
    this.#free.push(pooled);
  }

  #open(): PooledStream {
    const consumer = this.#wantsFindings ? (finding: Finding) => pooled.owner?.onFinding(finding) : undefined;
    const stream = this.#redaction.openStream(() => pooled.owner?.sourceName ?? '', consumer, false);
    const pooled: PooledStream = { stream, owner: undefined };
    return pooled;
  }
}
