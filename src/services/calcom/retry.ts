/**
 * Tries again what may succeed a moment later, with waits drawn from a range that doubles ("full jitter", AWS
 * Architecture Blog, "Exponential Backoff And Jitter", 2015), so that many processes do not come back at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CalcomError, isPassing } from './errors.ts';

export interface RetryOptions {
  /** Calls in all. */
  readonly attempts: number;
  /** Longest first wait, in milliseconds. */
  readonly firstMs: number;
  readonly longestMs: number;
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_RETRIES: RetryOptions = { attempts: 3, firstMs: 500, longestMs: 8000 };

/** Only for calls that change nothing, or can be made twice. */
export async function retrying<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= options.attempts || !isPassing(error)) throw error;
    }
    await backOff(attempt, options);
  }
}

/**
 * Waits before another attempt.
 * @param attempt how many there were
 * @throws CalcomError `stopped`
 */
export async function backOff(attempt: number, { firstMs, longestMs, signal }: RetryOptions): Promise<void> {
  const most = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  try {
    await sleep(Math.random() * most, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw new CalcomError('stopped');
  }
}
