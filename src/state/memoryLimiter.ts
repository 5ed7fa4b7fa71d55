/** A rate limit's log in this process: what `scripts/limiter.ts` does in Redis, where there are no others to think of. */
import {
  type Grant,
  type LimitPolicy,
  type MinuteCount,
  minuteName,
  minuteOf,
  type Restraint,
} from './store.ts';

const MINUTE_MS = 60_000;
/** Minutes whose counts are kept. */
const KEPT_MINUTES = 2;

export class MemoryLimiter {
  /** Time and number of grants, oldest first; only those of the window. */
  #grants: { at: number; count: number }[] = [];
  readonly #minutes = new Map<number, number>();
  #blockedTill = 0;
  #left = 0;
  #leftTill = 0;

  take(now: number, policy: LimitPolicy): Grant {
    const window = policy.windowMs + policy.marginMs;
    this.#grants = this.#grants.filter(({ at }) => at > now - window);
    const used = this.#grants.reduce((sum, { count }) => sum + count, 0);
    if (this.#blockedTill > now) return refusal('service', this.#blockedTill - now);
    if (this.#leftTill > now && this.#left <= 0) return refusal('service', this.#leftTill - now);
    const [oldest] = this.#grants;
    if (used >= policy.limit) return refusal('limit', Math.max(1, (oldest?.at ?? now) + window - now));
    this.#log(now, window);
    if (this.#leftTill > now) this.#left--;
    return { isGranted: true, reason: 'limit', retryInMs: 0 };
  }

  restrain(now: number, { blockMs, remaining, remainingMs = 0 }: Restraint): void {
    this.#blockedTill = Math.max(this.#blockedTill, now + blockMs);
    if (remaining === undefined) return;
    this.#left = this.#leftTill > now ? Math.min(this.#left, remaining) : remaining;
    this.#leftTill = Math.max(this.#leftTill, now + remainingMs);
  }

  counted(now: number): MinuteCount {
    const minute = minuteOf(now);
    return { minute: minuteName(minute), used: this.#minutes.get(minute) ?? 0 };
  }

  #log(now: number, window: number): void {
    // Coarse, and never too early: a log of at most 600 entries, whatever the limit.
    const step = Math.max(1, Math.floor(window / 600));
    const at = Math.ceil(now / step) * step;
    const last = this.#grants.at(-1);
    if (last?.at === at) last.count++;
    else this.#grants.push({ at, count: 1 });
    const minute = Math.floor(now / MINUTE_MS);
    this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + 1);
    for (const earlier of this.#minutes.keys()) {
      if (earlier <= minute - KEPT_MINUTES) this.#minutes.delete(earlier);
    }
  }
}

function refusal(reason: Grant['reason'], retryInMs: number): Grant {
  return { isGranted: false, reason, retryInMs };
}
