/** A limiter and a breaker that let everything through and keep what they were told; and a client of the stand-in. */
import { CalcomClient } from '../../../src/services/calcom/client.ts';
import { CalcomTransport } from '../../../src/services/calcom/transport.ts';
import type { CircuitBreaker, RateLimiter } from '../../../src/services/protection.ts';
import { type StandInCalcom, standInCalcom } from '../../support/calcom.ts';

export const KEY = 'cal_live_ours0123456789abcdef01234567';
export const EVENT_TYPE = 4711;

export class OpenLimiter implements RateLimiter {
  readonly service = 'calcom';
  acquired = 0;
  readonly observed: { readonly status: number; readonly headers: Record<string, string> }[] = [];

  async acquire(): Promise<void> {
    this.acquired++;
  }

  observe(status: number, headers: Headers): void {
    this.observed.push({ status, headers: Object.fromEntries(headers) });
  }

  async status() {
    return { service: this.service, minute: '', used: this.acquired, limit: 60, waiting: 0 };
  }
}

export class CountingBreaker implements CircuitBreaker {
  readonly service = 'calcom';
  calls = 0;
  failures = 0;

  async run<T>(call: () => Promise<T>, isFailure: (error: unknown) => boolean = () => true): Promise<T> {
    this.calls++;
    try {
      return await call();
    } catch (error) {
      if (isFailure(error)) this.failures++;
      throw error;
    }
  }

  async status() {
    return { service: this.service, state: 'closed' as const, failureRate: 0, calls: this.calls };
  }
}

export interface Bench {
  readonly calcom: StandInCalcom;
  readonly limiter: OpenLimiter;
  readonly breaker: CountingBreaker;
  readonly transport: CalcomTransport;
  readonly client: CalcomClient;
}

export const QUICK = { attempts: 3, firstMs: 1, longestMs: 5 };

export async function bench(
  options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Bench> {
  const calcom = await standInCalcom();
  calcom.keys.add(KEY);
  const limiter = new OpenLimiter();
  const breaker = new CountingBreaker();
  const { timeoutMs = 5000, signal } = options;
  const transport = new CalcomTransport({ url: calcom.url, timeoutMs, waitMs: 0, limiter, breaker });
  const client = new CalcomClient({ transport, key: KEY, retries: QUICK, signal });
  return { calcom, limiter, breaker, transport, client };
}

/** What a promise fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { readonly kind?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a failure');
}
