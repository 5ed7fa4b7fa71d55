/**
 * Every key logveil uses in Redis: lower snake segments joined by `:`, with an optional prefix in front, no personal data,
 * and a time to live on each. BullMQ builds the keys of its queues itself, below the prefix given here.
 */
import { UsageError } from '../errors.ts';

/** Without a heartbeat for so long, an audit is taken for dead and its jobs are dropped, in seconds. */
export const ALIVE_TTL = 60;
/** Whatever nobody takes away is gone after a day. */
export const AUDIT_TTL = 86_400;

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

  #key(...segments: string[]): string {
    return [...(this.#prefix === '' ? [] : [this.#prefix]), ...segments].join(':');
  }
}

/** Ids are random; a hyphen is no part of a segment. */
function segment(id: string): string {
  return id.toLowerCase().replace(/[^a-z0-9]/g, '_');
}
