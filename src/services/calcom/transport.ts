/**
 * One call to Cal.com's API v2: through the limiter and the breaker, with a time limit over all of it, an answer of
 * bounded size held to its schema, and errors that say what it was. Redirects are not followed: the key would go along.
 */
import type { z } from 'zod';
import { VERSION } from '../../version.ts';
import type { CircuitBreaker, RateLimiter } from '../protection.ts';
import { readJson } from './body.ts';
import { CalcomError, type CalcomErrorKind, codeIn, speaksAgainstService } from './errors.ts';
import { errorAnswer } from './schemas.ts';

export interface TransportOptions {
  /** Of API v2, without `/v2`. */
  readonly url: string;
  /** For one call, in milliseconds. */
  readonly timeoutMs: number;
  /** Longest wait for the limiter, in milliseconds. */
  readonly waitMs: number;
  readonly breaker: CircuitBreaker;
  readonly limiter: RateLimiter;
}

export interface CalcomCall<Answer> {
  readonly key: string;
  readonly method: 'GET' | 'POST';
  readonly path: '/v2/me' | '/v2/slots' | '/v2/bookings';
  readonly query?: Readonly<Record<string, string>>;
  /** `cal-api-version`: each endpoint has its own, without it another one answers. */
  readonly version?: string;
  readonly body?: unknown;
  readonly answer: z.ZodType<Answer>;
  readonly signal?: AbortSignal | undefined;
}

/** Cal.com answers 400 where others would say 409; the texts are those of its API. */
const TAKEN = /already has booking at this time|is not available|no_available_users_found|booking_conflict/i;

export class CalcomTransport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** @throws CalcomError; BreakerOpenError and RateLimitedError without calling */
  async send<Answer>(call: CalcomCall<Answer>): Promise<Answer> {
    const { limiter, breaker, waitMs } = this.#options;
    try {
      await limiter.acquire(waitMs, call.signal);
    } catch (error) {
      throw call.signal?.aborted ? new CalcomError('stopped') : error;
    }
    return breaker.run(() => this.#exchange(call), speaksAgainstService);
  }

  async #exchange<Answer>(call: CalcomCall<Answer>): Promise<Answer> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
    try {
      const response = await fetch(this.#address(call), {
        method: call.method,
        headers: headersOf(call),
        body: call.body === undefined ? null : JSON.stringify(call.body),
        redirect: 'manual',
        signal,
      });
      this.#options.limiter.observe(response.status, response.headers);
      return await answerOf(call, response);
    } catch (error) {
      if (error instanceof CalcomError) throw error;
      if (call.signal?.aborted) throw new CalcomError('stopped');
      if (timeout.aborted) throw new CalcomError('timeout');
      throw new CalcomError('network', undefined, networkCode(error));
    }
  }

  #address({ path, query = {} }: CalcomCall<unknown>): string {
    const parameters = new URLSearchParams(query).toString();
    return `${this.#options.url.replace(/\/+$/, '')}${path}${parameters === '' ? '' : `?${parameters}`}`;
  }
}

function headersOf({ key, version, body }: CalcomCall<unknown>): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    accept: 'application/json',
    'user-agent': `logveil/${VERSION}`,
    ...(version !== undefined && { 'cal-api-version': version }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
}

async function answerOf<Answer>(call: CalcomCall<Answer>, response: Response): Promise<Answer> {
  if (!response.ok) throw await refusalOf(response);
  const parsed = call.answer.safeParse(await readJson(response));
  if (!parsed.success) {
    // Names of fields are those of the schema; the values are not told.
    throw new CalcomError('malformed', response.status);
  }
  return parsed.data;
}

/** A status counts only with Cal.com's own form around it: a proxy's 401 says nothing about a key. */
async function refusalOf(response: Response): Promise<CalcomError> {
  const { status } = response;
  if (status >= 500 || status === 429 || (status >= 300 && status < 400)) {
    await response.body?.cancel();
    return new CalcomError(status >= 500 ? 'server' : status === 429 ? 'rate-limited' : 'malformed', status);
  }
  const parsed = errorAnswer.safeParse(await readJson(response));
  if (!parsed.success) return new CalcomError('malformed', status);
  const { code, message = '' } = parsed.data.error;
  return new CalcomError(kindOf(status, message), status, codeIn(code));
}

function kindOf(status: number, message: string): CalcomErrorKind {
  if (status === 401) return 'auth';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  return TAKEN.test(message) ? 'conflict' : 'validation';
}

function networkCode(error: unknown): string | undefined {
  const cause = (error as { readonly cause?: { readonly code?: unknown } } | undefined)?.cause;
  return codeIn(cause?.code);
}
