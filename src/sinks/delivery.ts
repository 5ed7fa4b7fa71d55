/**
 * The way of lines to a sink over a network: cut into events, batched while the last batch is under way, sent again with
 * growing, random pauses until the other side takes them, and kept in a spool when there is one. What is not accepted
 * holds the checkpoint back, and a full queue holds the reading back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Output, Stopped } from './output.ts';
import { type NumberedEvent, RecordCutter } from './records.ts';
import type { Spool } from './spool.ts';
import { SinkError, type SinkEvent, type Transport } from './transport.ts';

export interface DeliveryOptions {
  readonly transport: Transport;
  readonly spool?: Spool | undefined;
  /** RE2 pattern of a record's first line; a line is an event without it. */
  readonly recordStart?: string | undefined;
  /** A record is complete when nothing has come for so long, in milliseconds. */
  readonly recordWaitMs: number;
  readonly batchEvents: number;
  readonly batchBytes: number;
  /** Events in memory, in bytes, beyond which reading waits. */
  readonly queueBytes: number;
  /** Told of trouble (undefined: it is over); never a byte of a log. */
  readonly onTrouble: (message: string | undefined) => void;
  /** Takes events the other side refuses for good. */
  readonly onRejected?: (events: readonly SinkEvent[]) => void;
  readonly firstRetryMs?: number;
  readonly longestRetryMs?: number;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;
const TICK_MS = 100;

export class Delivery implements Output {
  readonly name: string;
  /** Events that the other side has refused for good, and tries that failed. */
  rejected = 0;
  retries = 0;
  sent = 0;
  readonly #options: DeliveryOptions;
  readonly #cutter: RecordCutter;
  #queue: NumberedEvent[] = [];
  #queuedBytes = 0;
  /** The last write that was given. */
  #written = 0;
  #stop: AbortSignal | undefined;
  #isTroubled = false;
  #isSending = false;
  readonly #closing = new AbortController();
  #wake = (): void => {};
  readonly #timer: NodeJS.Timeout;

  /** @throws UsageError when the record pattern is none */
  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.name = options.transport.name;
    this.#cutter = new RecordCutter(options.recordStart);
    this.#timer = setInterval(() => this.#takeDue(), TICK_MS);
    this.#timer.unref();
    this.#kick();
  }

  get accepted(): number {
    const first = this.#queue[0]?.number;
    const held = this.#cutter.oldest;
    const open = Math.min(first ?? Number.POSITIVE_INFINITY, held ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(open) ? open - 1 : this.#written;
  }

  get queuedBytes(): number {
    return this.#queuedBytes + (this.#options.spool?.bytes ?? 0);
  }

  async write(bytes: Buffer, number: number, source = ''): Promise<void> {
    while (this.#queuedBytes >= this.#options.queueBytes && !this.#toSpool()) {
      if (this.#closing.signal.aborted || this.#stop?.aborted === true)
        throw new Stopped(`${this.name}: stopped while nothing was taken`);
      await this.#changed();
    }
    this.#add(this.#cutter.cut(bytes, source, number));
    this.#written = number;
  }

  stopWith(signal: AbortSignal): void {
    this.#stop = signal;
  }

  settle(): undefined {
    return undefined;
  }

  async drain(stop: AbortSignal): Promise<void> {
    this.#add(this.#cutter.due(Number.POSITIVE_INFINITY));
    while (!stop.aborted && (this.#queue.length > 0 || this.#isSending)) {
      if (this.#isTroubled && this.#toSpool()) continue;
      await this.#changed();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#closing.abort();
    this.#wake();
    await this.#options.transport.close();
  }

  #add(events: NumberedEvent[]): void {
    if (events.length === 0) return;
    for (const event of events) {
      this.#queue.push(event);
      this.#queuedBytes += event.bytes.length;
    }
    // Behind what is on disk, and while nothing is taken, it goes to disk.
    if (this.#isTroubled || this.#options.spool?.isEmpty === false) this.#toSpool();
    this.#kick();
  }

  #takeDue(): void {
    this.#add(this.#cutter.due(Date.now() - this.#options.recordWaitMs));
    this.#wake();
  }

  /** Moves what is in memory to disk. @returns whether there is room again */
  #toSpool(): boolean {
    const { spool } = this.#options;
    // What is under way stays first in memory until it is taken.
    const from = this.#underWay;
    const events = this.#queue.slice(from);
    if (spool === undefined || events.length === 0) return false;
    try {
      if (!spool.add(events)) return false;
    } catch (error) {
      this.#trouble((error as Error).message);
      return false;
    }
    this.#queue = this.#queue.slice(0, from);
    this.#queuedBytes = this.#queue.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return true;
  }

  /** Events of the batch that is being sent. */
  #underWay = 0;

  #kick(): void {
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      while (!this.#closing.signal.aborted) {
        if (this.#queue.length > 0) await this.#sendFromMemory();
        else if (this.#options.spool?.isEmpty === false) await this.#sendFromSpool(this.#options.spool);
        else break;
      }
    } finally {
      this.#isSending = false;
      this.#wake();
    }
  }

  async #sendFromMemory(): Promise<void> {
    const { batchEvents, batchBytes } = this.#options;
    let bytes = 0;
    let count = 0;
    for (const event of this.#queue) {
      if (count > 0 && (count >= batchEvents || bytes + event.bytes.length > batchBytes)) break;
      bytes += event.bytes.length;
      count++;
    }
    this.#underWay = count;
    const isTaken = await this.#send(this.#queue.slice(0, count));
    this.#underWay = 0;
    if (!isTaken) return;
    this.#queue = this.#queue.slice(count);
    this.#queuedBytes -= bytes;
    this.#wake();
  }

  async #sendFromSpool(spool: Spool): Promise<void> {
    const events = spool.first();
    if (events === undefined || (await this.#send(events))) spool.remove();
    this.#wake();
  }

  /** Sends until it is taken, or refused for good. @returns false when the sink is being closed */
  async #send(events: readonly SinkEvent[]): Promise<boolean> {
    const { transport, firstRetryMs = FIRST_RETRY_MS, longestRetryMs = LONGEST_RETRY_MS } = this.#options;
    const { signal } = this.#closing;
    for (let waitMs = firstRetryMs; !signal.aborted; waitMs = Math.min(longestRetryMs, waitMs * 2)) {
      try {
        await transport.send(events, signal);
        this.sent += events.length;
        this.#trouble(undefined);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        const { kind, retryAfterMs } =
          error instanceof SinkError ? error : { kind: 'later', retryAfterMs: undefined };
        if (kind !== 'later') return this.#sendParts(events, error as SinkError);
        this.retries++;
        this.#trouble(messageOf(error));
        // Full jitter, so that many senders do not come back at once (AWS Architecture Blog, 2015).
        const pause = retryAfterMs ?? waitMs * (0.5 + Math.random() / 2);
        await sleep(pause, undefined, { signal }).catch(() => {});
      }
    }
    return false;
  }

  /** What is refused as a whole may be taken in parts; one that is refused alone is counted, and told. */
  async #sendParts(events: readonly SinkEvent[], error: SinkError): Promise<boolean> {
    if (events.length === 1) {
      this.rejected++;
      this.#options.onTrouble(`${error.message}; one event is refused and not sent`);
      this.#options.onRejected?.(events);
      return true;
    }
    const half = events.length >> 1;
    return (await this.#send(events.slice(0, half))) && (await this.#send(events.slice(half)));
  }

  #trouble(message: string | undefined): void {
    if (this.#isTroubled !== (message !== undefined)) {
      this.#isTroubled = message !== undefined;
      this.#options.onTrouble(message);
    }
    if (this.#isTroubled) this.#wake();
  }

  async #changed(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, TICK_MS).unref();
    });
  }
}

/** Errors of the system show their code, all others nothing: their text may hold an answer's. */
function messageOf(error: unknown): string {
  if (error instanceof SinkError) return error.message;
  const { code } = error as NodeJS.ErrnoException;
  return `the sink can't be reached: ${typeof code === 'string' ? code : 'unknown error'}`;
}
