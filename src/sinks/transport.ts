/** What a sink over a network does: send one batch, and say whether it was taken. All else is `delivery.ts`. */

/** One redacted line, or a record of several, without its last line end. */
export interface SinkEvent {
  readonly bytes: Buffer;
  /** Path of the followed file. */
  readonly source: string;
}

export interface Transport {
  readonly name: string;
  /**
   * Sends events, in order; resolves when the other side has accepted them, as far as its protocol tells.
   * @throws SinkError; everything else that is thrown is taken for one that may pass
   */
  send(events: readonly SinkEvent[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Why a batch was not taken. Its message never holds a byte of a log, nor of an answer. */
export class SinkError extends Error {
  /** `later`: the same may be taken another time; `smaller`: fewer events may; `never`: these events are refused. */
  readonly kind: 'later' | 'smaller' | 'never';
  /** How long the other side asks to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(kind: SinkError['kind'], message: string, retryAfterMs?: number) {
    super(message);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}
