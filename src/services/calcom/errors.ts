/**
 * What can go wrong between logveil and Cal.com. Messages are made of fixed words, a status and codes of a known form:
 * never of an answer's text, an address's query or a key, since any of them may hold what nobody may read.
 */
import { LogveilError } from '../../errors.ts';

export type CalcomErrorKind =
  | 'auth'
  | 'forbidden'
  | 'not-found'
  | 'validation'
  | 'conflict'
  | 'rate-limited'
  | 'server'
  | 'timeout'
  | 'network'
  | 'malformed'
  | 'stopped';

const MESSAGES: Readonly<Record<CalcomErrorKind, string>> = {
  auth: 'it does not accept the API key; make a new one under Settings > Developer > API keys, and set CALCOM_API_KEY',
  forbidden: 'the API key may not do this; use one of the account that owns the event type',
  'not-found': 'there is no such thing; check `eventTypeId` and `calcom.url`',
  validation:
    'it refuses the request; check `incidentReviews` against the event type (required fields, guests)',
  conflict: 'the slot is taken',
  'rate-limited': 'too many calls; later ones will go through',
  server: 'it has a trouble of its own; status.cal.com may tell more',
  timeout: 'no answer in time; `calcom.timeoutMs` sets how long is waited',
  network: 'it can not be reached',
  malformed: 'the answer is not as documented; is `calcom.url` the address of API v2?',
  stopped: 'the call was stopped',
};

/** The service is down, or what answers is not the service. */
const DOWN: ReadonlySet<CalcomErrorKind> = new Set(['server', 'timeout', 'network', 'malformed']);
/** What other calls may get through: it was nothing about the request. */
const PASSING: ReadonlySet<CalcomErrorKind> = new Set(['server', 'timeout', 'network', 'rate-limited']);

export class CalcomError extends LogveilError {
  readonly code = 'LOGVEIL_CALCOM';
  override readonly name = 'CalcomError';
  readonly kind: CalcomErrorKind;
  /** HTTP status, where there was an answer. */
  readonly status: number | undefined;

  /** @param detail a code in a known form, see {@link codeIn}; never a text from outside */
  constructor(kind: CalcomErrorKind, status?: number, detail?: string) {
    const facts = [status === undefined ? undefined : `status ${status}`, detail].filter(Boolean);
    super(`Cal.com: ${MESSAGES[kind]}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`);
    this.kind = kind;
    this.status = status;
  }
}

/** Whether an error speaks against the service, for its circuit breaker. */
export function speaksAgainstService(error: unknown): boolean {
  return error instanceof CalcomError && DOWN.has(error.kind);
}

/** Whether the same call may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  return error instanceof CalcomError && PASSING.has(error.kind);
}

/** Whether a call that should change something may have done so, although no good answer came. */
export function isAmbiguous(error: unknown): boolean {
  return error instanceof CalcomError && DOWN.has(error.kind);
}

/** A code that is safe to show: letters of an exception's name, or a code of the system or of TLS; no key looks so. */
export function codeIn(text: unknown): string | undefined {
  return typeof text === 'string' && /^(?:[A-Za-z]{3,40}Exception|[A-Z][A-Z_]{2,40})$/.test(text)
    ? text
    : undefined;
}
