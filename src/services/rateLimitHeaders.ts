/**
 * What a service says of its limits. `Retry-After` is RFC 9110, 10.2.3: seconds or an HTTP date. `X-RateLimit-*` is custom:
 * the reset is a time since 1970 in seconds or milliseconds, or seconds from now; some services put the limit's name behind
 * (`X-RateLimit-Remaining-default`), the IETF draft leaves out the `X-`.
 */
import type { Restraint } from '../state/store.ts';

const TOO_MANY_REQUESTS = 429;
const HEADER = /^(?:x-)?ratelimit-(remaining|reset)(?:-([\w.-]+))?$/;
/** Greater numbers of seconds are times since 1970, greater numbers than these seconds are milliseconds. */
const FIRST_TIME_S = 1e9;
const FIRST_TIME_MS = 1e12;
/** Whatever a service says: nothing is blocked for longer than a day. */
const LONGEST_MS = 86_400_000;

/**
 * @param status of the response
 * @param windowMs what is assumed where the service gives no time
 * @returns undefined when it says nothing
 */
export function restraintOf(status: number, headers: Headers, windowMs: number): Restraint | undefined {
  const now = timeOf(headers);
  const left = strictest(headers, now, windowMs);
  const retryAfterMs = status >= 400 ? retryAfter(headers.get('retry-after'), now) : undefined;
  const blockMs = retryAfterMs ?? (status === TOO_MANY_REQUESTS ? (left?.remainingMs ?? windowMs) : 0);
  if (blockMs === 0 && left === undefined) return undefined;
  return { blockMs, ...left };
}

function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d+(?:\.\d+)?$/.test(text)) return bounded(Number(text) * 1000);
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : bounded(time - now);
}

/** Of several limits the one with the fewest calls left, and of those the one that lasts longest. */
function strictest(
  headers: Headers,
  now: number,
  windowMs: number,
): { readonly remaining: number; readonly remainingMs: number } | undefined {
  const limits = new Map<string, { remaining?: number; reset?: number }>();
  for (const [name, value] of headers) {
    const [, field, limit = ''] = HEADER.exec(name) ?? [];
    if (field === undefined) continue;
    const known = limits.get(limit) ?? {};
    const number = field === 'remaining' ? remainingOf(value) : resetIn(value, now);
    if (number !== undefined) limits.set(limit, { ...known, [field]: number });
  }
  let found: { remaining: number; remainingMs: number } | undefined;
  for (const { remaining, reset = windowMs } of limits.values()) {
    if (remaining === undefined) continue;
    const isStricter =
      found === undefined ||
      remaining < found.remaining ||
      (remaining === found.remaining && reset > found.remainingMs);
    if (isStricter) found = { remaining, remainingMs: reset };
  }
  return found;
}

function remainingOf(value: string): number | undefined {
  return /^\s*\d+\s*$/.test(value) ? Math.min(Number(value), Number.MAX_SAFE_INTEGER) : undefined;
}

function resetIn(value: string, now: number): number | undefined {
  const text = value.trim();
  if (!/^\d+(?:\.\d+)?$/.test(text)) {
    const time = Date.parse(text);
    return Number.isNaN(time) ? undefined : bounded(time - now);
  }
  const number = Number(text);
  if (number >= FIRST_TIME_MS) return bounded(number - now);
  if (number >= FIRST_TIME_S) return bounded(number * 1000 - now);
  return bounded(number * 1000);
}

/** The service's own time, so that a wrong clock on this side does not matter. */
function timeOf(headers: Headers): number {
  const time = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(time) ? Date.now() : time;
}

function bounded(milliseconds: number): number {
  return Math.ceil(Math.min(Math.max(0, milliseconds), LONGEST_MS));
}
