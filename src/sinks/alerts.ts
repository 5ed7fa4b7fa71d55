/**
 * Findings for people: many of one leak (rule and value, by its keyed fingerprint) in one file are one alert with a
 * count, told when it is first seen and then at most once in a while. Bounded: what does not fit is counted as one.
 */
import type { Finding, Severity } from '../findings/finding.ts';
import type { SinkEvent, Transport } from './transport.ts';

const ALERT_SCHEMA = 'logveil.alert/1';

interface Alert {
  readonly schema: typeof ALERT_SCHEMA;
  readonly rule: string;
  readonly entity: string;
  readonly severity: Severity;
  readonly source: string;
  /** Of the value; empty where many were counted as one. */
  readonly fingerprint: string;
  readonly keyId: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
  /** Of the first finding. */
  readonly line: number;
}

/** Something of logveil's own has failed, and lines with it: withheld, held back or not sent. */
interface FailureAlert {
  readonly schema: typeof ALERT_SCHEMA;
  /** What has failed; never a byte of a log. */
  readonly failure: string;
  readonly severity: Severity;
  readonly source: string;
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

interface Gathering {
  readonly about: Finding | { readonly failure: string; readonly source: string };
  first: string;
  last: string;
  count: number;
  toldAt: number;
}

const MOST_LEAKS = 10_000;

export class Alerts {
  readonly #transport: Transport;
  readonly #everyMs: number;
  readonly #leaks = new Map<string, Gathering>();
  readonly #onTrouble: (message: string) => void;
  #isSending = false;
  /** Alerts that could not be sent; they are sent with the next. */
  failed = 0;

  constructor(transport: Transport, everyMs: number, onTrouble: (message: string) => void) {
    this.#transport = transport;
    this.#everyMs = everyMs;
    this.#onTrouble = onTrouble;
  }

  readonly add = (finding: Finding): void => {
    const full = `${finding.rule}\0${finding.fingerprint}\0${finding.source}`;
    const key = this.#leaks.has(full) || this.#leaks.size < MOST_LEAKS ? full : finding.rule;
    this.#gather(key, 1, key === full ? finding : { ...finding, fingerprint: '', source: '' });
  };

  /** @param failure a fixed text @param source path of the followed file, empty where it is of none */
  addFailure(failure: string, source: string, count = 1): void {
    this.#gather(`failure\0${failure}\0${source}`, count, { failure, source });
  }

  #gather(key: string, count: number, about: Gathering['about']): void {
    const now = new Date().toISOString();
    const leak = this.#leaks.get(key);
    if (leak === undefined) {
      this.#leaks.set(key, { about, first: now, last: now, count, toldAt: Number.NEGATIVE_INFINITY });
      return;
    }
    // Told long ago: a new one begins.
    if (leak.count === 0) leak.first = now;
    leak.count += count;
    leak.last = now;
  }

  /** Sends what is due; never throws. */
  async flush(isLast = false): Promise<void> {
    if (this.#isSending) return;
    const now = performance.now();
    const due = [...this.#leaks].filter(
      ([, { count, toldAt }]) => count > 0 && (isLast || now - toldAt >= this.#everyMs),
    );
    for (const [key, { count, toldAt }] of this.#leaks) {
      if (count === 0 && now - toldAt >= this.#everyMs) this.#leaks.delete(key);
    }
    if (due.length === 0) return;
    this.#isSending = true;
    const counts = due.map(([, { count }]) => count);
    try {
      await this.#transport.send(
        due.map(([, leak]) => eventOf(leak)),
        AbortSignal.timeout(this.#everyMs + 1000),
      );
      for (const [index, [, leak]] of due.entries()) {
        leak.count -= counts[index] as number;
        leak.toldAt = now;
      }
    } catch {
      if (this.failed++ === 0)
        this.#onTrouble(`${this.#transport.name}: alerts can't be sent; they are kept and counted`);
    } finally {
      this.#isSending = false;
    }
  }

  async close(): Promise<void> {
    await this.flush(true);
    await this.#transport.close();
  }
}

function eventOf({ about, first, last, count }: Gathering): SinkEvent {
  const { source } = about;
  if ('failure' in about) {
    const { failure } = about;
    const alert: FailureAlert = {
      schema: ALERT_SCHEMA,
      failure,
      severity: 'high',
      source,
      count,
      first,
      last,
    };
    return { bytes: Buffer.from(JSON.stringify(alert)), source };
  }
  const { rule, entity, severity, fingerprint, keyId, line } = about;
  const alert: Alert = {
    schema: ALERT_SCHEMA,
    rule,
    entity,
    severity,
    source,
    fingerprint,
    keyId,
    count,
    first,
    last,
    line,
  };
  return { bytes: Buffer.from(JSON.stringify(alert)), source };
}
