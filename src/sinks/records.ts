/**
 * Cuts redacted bytes into events: a line each, or records that begin with a line of a pattern (a stack trace goes with
 * the line above it). What may go on is held for each source by itself.
 */
import RE2 from 're2';
import { UsageError } from '../errors.ts';
import type { SinkEvent } from './transport.ts';

/** An event, and the number of the last write that it has bytes of. */
export interface NumberedEvent extends SinkEvent {
  readonly number: number;
}

interface Held {
  parts: Buffer[];
  bytes: number;
  number: number;
  since: number;
}

const LF = 0x0a;
/** A longer record is cut; sinks refuse large events. */
const MOST_RECORD_BYTES = 256 * 1024;

export class RecordCutter {
  readonly #start: RE2 | undefined;
  readonly #held = new Map<string, Held>();

  /** @throws UsageError when RE2 does not accept the pattern */
  constructor(start: string | undefined) {
    try {
      this.#start = start === undefined ? undefined : new RE2(start);
    } catch {
      throw new UsageError(
        '--record-start: expected a pattern RE2 accepts (no look-around, no back-references)',
      );
    }
  }

  /** Number of the oldest write of which something is held; undefined when nothing is. */
  get oldest(): number | undefined {
    let oldest: number | undefined;
    for (const { number } of this.#held.values()) oldest = Math.min(oldest ?? number, number);
    return oldest;
  }

  /** @param bytes whole lines; copied */
  cut(bytes: Buffer, source: string, number: number): NumberedEvent[] {
    const events: NumberedEvent[] = [];
    for (let at = 0; at < bytes.length; ) {
      const found = bytes.indexOf(LF, at);
      const end = found === -1 ? bytes.length : found;
      this.#take(Buffer.from(bytes.subarray(at, end)), source, number, events);
      at = end + 1;
    }
    return events;
  }

  /** Records that have waited for so long, or all. */
  due(olderThan: number): NumberedEvent[] {
    const events: NumberedEvent[] = [];
    for (const [source, held] of this.#held) {
      if (held.since > olderThan) continue;
      events.push(eventOf(held, source));
      this.#held.delete(source);
    }
    return events;
  }

  #take(line: Buffer, source: string, number: number, events: NumberedEvent[]): void {
    if (this.#start === undefined) {
      if (line.length > 0) events.push({ bytes: line, source, number });
      return;
    }
    const held = this.#held.get(source);
    const isNew =
      held === undefined || this.#start.test(line) || held.bytes + line.length > MOST_RECORD_BYTES;
    if (!isNew) {
      held.parts.push(Buffer.from('\n'), line);
      held.bytes += line.length + 1;
      return;
    }
    if (held !== undefined) events.push(eventOf(held, source));
    this.#held.set(source, { parts: [line], bytes: line.length, number, since: Date.now() });
  }
}

function eventOf({ parts, number }: Held, source: string): NumberedEvent {
  return { bytes: Buffer.concat(parts), source, number };
}
