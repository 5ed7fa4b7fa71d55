/**
 * Every key logveil uses in Redis: lower snake segments joined by `:`, with an optional prefix in front, no personal data,
 * and a time to live on each. BullMQ builds the keys of its queues itself, below the prefix given here.
 */
import { UsageError } from '../errors.ts';

/** Without a heartbeat for so long, an audit is taken for dead and its jobs are dropped, in seconds. */
export const ALIVE_TTL = 60;
/** Whatever nobody takes away is gone after a day. */
export const AUDIT_TTL = 86_400;
/** A breaker or limiter that nobody asked for a day is as good as new, in seconds. */
export const RECORD_TTL = 86_400;
/** Changes of breakers are kept for a week. */
export const HISTORY_TTL = 7 * 86_400;
/** A minute's counter, long enough to be looked at. */
export const COUNTER_TTL = 3600;
export const CHECK_TTL = 60;

const PREFIX = /^(?:[a-z0-9_]+(?::[a-z0-9_]+)*)?$/;

export class RedisKeys {
  readonly #prefix: string;

  /**
   * @param prefix empty, or lower snake segments joined by `:`
   * @throws UsageError
   */
  constructor(prefix = '') {
    if (!PREFIX.test(prefix)) {
      throw new UsageError(
        'LOGVEIL_REDIS_PREFIX: expected lower case letters, digits and `_`, in segments joined by `:`',
      );
    }
    this.#prefix = prefix;
  }

  /** Prefix and name of the queue of parts to be searched. */
  get partsQueue(): { readonly prefix: string; readonly name: string } {
    return { prefix: this.#key('audit_queue'), name: 'parts' };
  }

  /** What all parts of an audit are searched with. */
  auditContext(audit: string): string {
    return this.#key('audit', segment(audit), 'context');
  }

  /** There while the audit's coordinator lives. */
  auditAlive(audit: string): string {
    return this.#key('audit', segment(audit), 'alive');
  }

  /** List of the numbers of parts that are done. */
  auditDone(audit: string): string {
    return this.#key('audit', segment(audit), 'done');
  }

  /** What became of a part. */
  auditResult(audit: string, part: number): string {
    return this.#key('audit', segment(audit), 'result', String(part));
  }

  /** What a part tells; a key for each attempt, so that two do not mix. */
  auditRecords(audit: string, part: number, attempt: string): string {
    return this.#key('audit', segment(audit), 'records', String(part), segment(attempt));
  }

  /** `closed`, `open` or `half_open`, for people and monitoring to read. */
  breakerState(service: string): string {
    return this.#key('circuit_breaker', segment(service), 'state');
  }

  /** For SCAN: the states of all breakers. */
  get breakerStatePattern(): string {
    return this.#key('circuit_breaker', '*', 'state');
  }

  /** When it left `closed`, milliseconds since 1970; not there while it is closed. */
  breakerOpenedAt(service: string): string {
    return this.#key('circuit_breaker', segment(service), 'opened_at');
  }

  /** List of changes as JSON, newest first. */
  breakerHistory(service: string): string {
    return this.#key('circuit_breaker', segment(service), 'history');
  }

  /** What decides: state, window, lease of the probe, in one key. */
  breakerRecord(service: string): string {
    return this.#key('circuit_breaker', segment(service), 'record');
  }

  /** Calls granted in a UTC minute. @param minute `YYYY-MM-DD-HH-MM` */
  rateLimitCounter(service: string, minute: string): string {
    return this.#key(`${segment(service)}_api_rate_limit`, minute);
  }

  /** What decides: the log of grants over the window, in one key. */
  rateLimitRecord(service: string): string {
    return this.#key('rate_limiter', segment(service), 'record');
  }

  /** Written to see whether Redis takes writes. */
  get storeCheck(): string {
    return this.#key('state_store', 'check');
  }

  #key(...segments: string[]): string {
    return [...(this.#prefix === '' ? [] : [this.#prefix]), ...segments].join(':');
  }
}

/** Ids are random; a hyphen is no part of a segment. */
function segment(id: string): string {
  return id.toLowerCase().replace(/[^a-z0-9]/g, '_');
}
