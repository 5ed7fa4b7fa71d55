/**
 * Cal.com names its limits by tier: `X-RateLimit-Remaining-Default` beside `-Limit-` and `-Reset-`
 * (https://www.mintlify.com/calcom/cal.com/api/rate-limits). A limiter knows the names without a tier; of several, the one
 * that leaves the least is told.
 */

const REMAINING = /^x-ratelimit-remaining(?<tier>-[a-z0-9_-]+)?$/;
const PARTS = ['limit', 'remaining', 'reset'] as const;

/** @returns `Retry-After` and `X-RateLimit-*` without tiers, and nothing else of the answer */
export function rateHeaders(headers: Headers): Headers {
  const told = new Headers();
  let tier: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [name, value] of headers) {
    const found = REMAINING.exec(name);
    const remaining = Number(value);
    if (found === null || value === '' || !(remaining < least)) continue;
    least = remaining;
    tier = found.groups?.tier ?? '';
  }
  for (const part of PARTS) {
    const value = tier === undefined ? null : headers.get(`x-ratelimit-${part}${tier}`);
    if (value !== null) told.set(`x-ratelimit-${part}`, value);
  }
  const retryAfter = headers.get('retry-after') ?? headers.get(`retry-after${tier ?? ''}`);
  if (retryAfter !== null) told.set('retry-after', retryAfter);
  return told;
}
