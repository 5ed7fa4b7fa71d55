/** Streams of the redaction, one for each request, used again when a request is done. */
import type { LiveRedaction, LiveStream } from '../../app/liveRedaction.ts';
import type { Finding } from '../../findings/finding.ts';

/** Each has buffers of some hundred kilobytes; more than this are not kept for the next requests. */
const MOST_KEPT = 8;

/** Whose stream it is for the time being. */
export interface StreamOwner {
  /** How findings name the source. */
  readonly sourceName: string;
  onFinding(finding: Finding): void;
}

export interface PooledStream {
  readonly stream: LiveStream;
  readonly tells: boolean;
  owner: StreamOwner | undefined;
}

export class StreamPool {
  readonly #live: LiveRedaction;
  readonly #free: PooledStream[] = [];

  constructor(live: LiveRedaction) {
    this.#live = live;
  }

  /** @param tells whether the owner is told of findings: their fingerprints cost a fifth of the time */
  take(owner: StreamOwner, tells: boolean): PooledStream {
    const at = this.#free.findIndex((pooled) => pooled.tells === tells);
    const [found] = at === -1 ? [] : this.#free.splice(at, 1);
    const pooled = found ?? this.#open(tells);
    pooled.owner = owner;
    return pooled;
  }

  /** @param pooled its stream has ended in good order; one that holds bytes still must not come back */
  giveBack(pooled: PooledStream): void {
    pooled.owner = undefined;
    if (this.#free.length < MOST_KEPT) this.#free.push(pooled);
  }

  /** After a reload: streams that wait must not keep the rules of before in memory. */
  refresh(): void {
    for (const { stream } of this.#free) stream.refresh();
  }

  #open(tells: boolean): PooledStream {
    const consumer = tells ? (finding: Finding) => pooled.owner?.onFinding(finding) : undefined;
    const stream = this.#live.openStream(() => pooled.owner?.sourceName ?? '', consumer, false);
    const pooled: PooledStream = { stream, tells, owner: undefined };
    return pooled;
  }
}
