/** Why a service of others was not called. Nothing of the call is in a message. */
import { LogveilError } from '../errors.ts';
import type { WaitReason } from '../state/store.ts';

/** The breaker is open, or half open with somebody else's probe under way: the service was not called. */
export class BreakerOpenError extends LogveilError {
  readonly code = 'LOGVEIL_BREAKER_OPEN';
  override readonly name = 'BreakerOpenError';
  readonly service: string;
  /** Sooner than this it is no use to ask again, milliseconds. */
  readonly retryInMs: number;

  constructor(service: string, retryInMs: number) {
    super(`${service}: not called, it has failed too often; next try in ${inSeconds(retryInMs)}`);
    this.service = service;
    this.retryInMs = retryInMs;
  }
}

const WHY: Readonly<Record<WaitReason, string>> = {
  limit: 'its rate limit is used up',
  service: 'it has asked for a pause',
  uncertain: 'Redis can not tell yet how much of its rate limit is left',
};

/** The call would not be allowed before its deadline. */
export class RateLimitedError extends LogveilError {
  readonly code = 'LOGVEIL_RATE_LIMITED';
  override readonly name = 'RateLimitedError';
  readonly service: string;
  readonly reason: WaitReason;
  /** Sooner than this it is no use to ask again, milliseconds. */
  readonly retryInMs: number;

  constructor(service: string, reason: WaitReason, retryInMs: number) {
    super(`${service}: not called, ${WHY[reason]}; next try in ${inSeconds(retryInMs)}`);
    this.service = service;
    this.reason = reason;
    this.retryInMs = retryInMs;
  }
}

function inSeconds(milliseconds: number): string {
  return `${Math.max(1, Math.ceil(milliseconds / 1000))} s`;
}
