/**
 * Server-sent events (HTML standard, 9.2) for the dashboard: the whole status, every two seconds. A reader that does not
 * keep up misses some; nothing is stored for it.
 */
import type { ServerResponse } from 'node:http';
import { HttpError } from './httpError.ts';
import type { Status } from './schemas.ts';

const EVERY_MS = 2000;
/** Each is a connection and some kilobytes in flight. */
const MOST_READERS = 32;

export class EventFeed {
  readonly #snapshot: () => Status;
  readonly #readers = new Set<ServerResponse>();
  #timer: NodeJS.Timeout | undefined;

  constructor(snapshot: () => Status) {
    this.#snapshot = snapshot;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** @throws HttpError when there are too many already */
  refuseTooMany(): void {
    if (this.#readers.size < MOST_READERS) return;
    throw new HttpError('OVERLOADED', `expected at most ${MOST_READERS} readers of events`, {
      'retry-after': '30',
    });
  }

  /** @param response with its headers written */
  add(response: ServerResponse): void {
    this.#readers.add(response);
    response.once('close', () => this.#remove(response));
    response.on('error', () => this.#remove(response));
    response.write(`retry: ${EVERY_MS}\n\n${eventOf(this.#snapshot())}`);
    this.#timer ??= setInterval(() => this.#send(), EVERY_MS).unref();
  }

  /** Tells readers that there will be no more. */
  close(): void {
    clearInterval(this.#timer);
    for (const response of this.#readers) response.end('event: stopping\ndata: {}\n\n');
    this.#readers.clear();
  }

  #send(): void {
    const event = eventOf(this.#snapshot());
    for (const response of this.#readers) if (!response.writableNeedDrain) response.write(event);
  }

  #remove(response: ServerResponse): void {
    this.#readers.delete(response);
    if (this.#readers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function eventOf(status: Status): string {
  return `event: status\ndata: ${JSON.stringify(status)}\n\n`;
}
