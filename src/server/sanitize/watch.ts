/** Ends a request that takes too long as a whole, or stands still: a client that sends or reads nothing holds memory. */
import { HttpError } from '../httpError.ts';

export interface WatchLimits {
  readonly maxMs: number;
  readonly stallMs: number;
}

export class Watch {
  readonly #controller = new AbortController();
  readonly #whole: NodeJS.Timeout;
  readonly #still: NodeJS.Timeout;

  constructor({ maxMs, stallMs }: WatchLimits) {
    const after = (ms: number, message: string): NodeJS.Timeout =>
      setTimeout(() => this.#controller.abort(new HttpError('TIMEOUT', message)), ms).unref();
    this.#whole = after(maxMs, `expected the request to be done within ${maxMs / 1000} seconds`);
    this.#still = after(
      stallMs,
      `expected bytes to be sent, and the answer to be read, at least every ${stallMs / 1000} seconds`,
    );
  }

  /** Aborted with an HttpError when the time is up, or with what `end` was told. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Bytes have come or gone. */
  progress(): void {
    this.#still.refresh();
  }

  /** The request is done: whoever waits for something of it wakes up. @param reason why */
  end(reason: Error): void {
    clearTimeout(this.#whole);
    clearTimeout(this.#still);
    this.#controller.abort(reason);
  }
}
