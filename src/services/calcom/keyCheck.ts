/**
 * Asks Cal.com whether a key that leaked still works: GET /v2/me with that key,
 * https://cal.com/docs/api-reference/v2/me/get-my-profile. It changes nothing there; of the answer only that there was one
 * is kept, not whose account it is.
 */
import { BreakerOpenError, RateLimitedError } from '../errors.ts';
import { CalcomError } from './errors.ts';
import { type RetryOptions, retrying } from './retry.ts';
import { meAnswer } from './schemas.ts';
import type { CalcomTransport } from './transport.ts';

/** `revoked`: it does not work (any more) at this address; `unknown`: nobody has said either. */
type KeyState = 'live' | 'revoked' | 'unknown';

export interface KeyCheck {
  readonly state: KeyState;
  /** Why it is unknown: a fixed word. */
  readonly reason?: string;
}

/** Keys as Cal.com makes them; what a rule of one's own found may be something else, which is not sent anywhere. */
const KEY = /^cal_(?:live_|test_)?[0-9a-f]{32}$/;

/** @returns never throws what the service did; a failed call is an unknown state */
export async function checkKey(
  transport: CalcomTransport,
  key: string,
  retries: RetryOptions,
): Promise<KeyCheck> {
  if (!KEY.test(key)) return { state: 'unknown', reason: 'form' };
  try {
    const { signal } = retries;
    await retrying(
      () => transport.send({ key, method: 'GET', path: '/v2/me', answer: meAnswer, signal }),
      retries,
    );
    return { state: 'live' };
  } catch (error) {
    if (error instanceof CalcomError)
      return error.kind === 'auth' ? { state: 'revoked' } : { state: 'unknown', reason: error.kind };
    if (error instanceof BreakerOpenError) return { state: 'unknown', reason: 'breaker-open' };
    if (error instanceof RateLimitedError) return { state: 'unknown', reason: 'rate-limited' };
    // A bug.
    throw error;
  }
}
