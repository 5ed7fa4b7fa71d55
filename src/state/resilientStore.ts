/**
 * Redis while it answers, and its twin in memory while it does not. What the twin may do is what can be no wrong whatever
 * the other processes do meanwhile: it counts and opens breakers, it lets no probe begin for a good while, and it grants
 * what was held in reserve. Only a process that is told it is the sole one goes on in full.
 */
import { MemoryStore } from './memoryStore.ts';
import type { RedisStore, SharedGrant } from './redisStore.ts';
import {
  type Admission,
  type BreakerPolicy,
  type BreakerView,
  type Grant,
  type KnownBreaker,
  type LimitPolicy,
  type MinuteCount,
  type Restraint,
  type StateStore,
  StateUnavailable,
} from './store.ts';

export interface ResilientStoreOptions {
  readonly shared: RedisStore;
  /** No other process uses these services. */
  readonly isSole: boolean;
  /**
   * Without Redis nobody can know whether another process is probing, so open breakers stay open; after so long each
   * process probes for itself all the same, at most one call at a time.
   */
  readonly probeAloneMs: number;
  /** Told when Redis goes away, with the reason, and when it is back. */
  readonly announce: (isShared: boolean, reason: string) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** Redis that goes away sooner after it came back is asked less often. */
const STEADY_MS = 10_000;
/** A limit that waits for Redis asks again after so long. */
const ASK_AGAIN_MS = 250;

interface BreakerMemory {
  policy: BreakerPolicy;
  /** Undefined while closed. */
  known: KnownBreaker | undefined;
  /** Owner of a probe of this process that is under way. */
  probe: string | undefined;
}

interface LimiterMemory {
  policy: LimitPolicy;
  held: number;
  /** Of `performance.now()`. */
  heldTill: number;
}

export class ResilientStore implements StateStore {
  readonly #options: ResilientStoreOptions;
  readonly #twin: MemoryStore;
  readonly #breakers = new Map<string, BreakerMemory>();
  readonly #limiters = new Map<string, LimiterMemory>();
  #isShared = true;
  #sharedSince = performance.now();
  #awaySince = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ResilientStoreOptions) {
    this.#options = options;
    this.#twin = new MemoryStore({
      mayProbe: () => options.isSole || performance.now() - this.#awaySince >= options.probeAloneMs,
      now: () => options.shared.time,
    });
  }

  /** Whether Redis was there when it was last asked. */
  get isShared(): boolean {
    return this.#isShared;
  }

  admit(service: string, owner: string, policy: BreakerPolicy): Promise<Admission> {
    const memory = this.#breaker(service, policy);
    return this.#either(
      async (shared) => {
        const admission = await shared.admit(service, owner, policy, memory.known);
        if (admission.verdict === 'probe') memory.probe = owner;
        return keepKnown(memory, admission);
      },
      () => this.#twin.admit(service, owner, policy),
    );
  }

  settle(service: string, owner: string, isFailure: boolean, policy: BreakerPolicy): Promise<BreakerView> {
    const memory = this.#breaker(service, policy);
    return this.#either(
      async (shared) => {
        const view = keepKnown(memory, await shared.settle(service, owner, isFailure, policy, memory.known));
        if (memory.probe === owner) memory.probe = undefined;
        return view;
      },
      async () => {
        const view = await this.#twin.settle(service, owner, isFailure, policy);
        if (memory.probe === owner) memory.probe = undefined;
        return view;
      },
    );
  }

  renew(service: string, owner: string, policy: BreakerPolicy): Promise<BreakerView> {
    const memory = this.#breaker(service, policy);
    return this.#either(
      async (shared) => keepKnown(memory, await shared.renew(service, owner, policy, memory.known)),
      () => this.#twin.renew(service, owner, policy),
    );
  }

  breaker(service: string, policy: BreakerPolicy): Promise<BreakerView> {
    return this.#either(
      (shared) => shared.breaker(service, policy),
      () => this.#twin.breaker(service, policy),
    );
  }

  async take(service: string, policy: LimitPolicy): Promise<Grant> {
    const memory = this.#limiter(service, policy);
    const grant = await this.#either<Grant>(
      (shared) => this.#takeShared(shared, service, policy, memory),
      async () => (policy.isSole ? GRANTED : fromReserve(memory)),
    );
    if (!grant.isGranted) return grant;
    // The twin knows of each call of this process, and has the last word where it is the sole one.
    const own = await this.#twin.take(service, policy);
    return policy.isSole ? own : grant;
  }

  async restrain(service: string, restraint: Restraint, policy: LimitPolicy): Promise<void> {
    await this.#twin.restrain(service, restraint);
    await this.#either(
      (shared) => shared.restrain(service, restraint, policy),
      async () => {},
    );
  }

  counted(service: string): Promise<MinuteCount> {
    return this.#either(
      (shared) => shared.counted(service),
      () => this.#twin.counted(service),
    );
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const [service, { policy, held }] of this.#limiters) {
      if (held === 0 || !this.#isShared) continue;
      // What can't be given back is free again after a while.
      await this.#options.shared.release(service, policy).catch(() => {});
    }
    await this.#options.shared.close();
  }

  async #takeShared(
    shared: RedisStore,
    service: string,
    policy: LimitPolicy,
    memory: LimiterMemory,
  ): Promise<SharedGrant> {
    try {
      const grant = await shared.take(service, policy);
      memory.held = grant.held;
      memory.heldTill = grant.heldTill;
      return grant;
    } catch (error) {
      // It may have been taken out of the reserve all the same.
      memory.held = Math.max(0, memory.held - 1);
      throw error;
    }
  }

  async #either<Answer>(
    shared: (store: RedisStore) => Promise<Answer>,
    local: () => Promise<Answer>,
  ): Promise<Answer> {
    if (!this.#isShared) return local();
    try {
      return await shared(this.#options.shared);
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error;
      this.#leave(error.message);
      return local();
    }
  }

  #leave(reason: string): void {
    if (!this.#isShared || this.#isClosed) return;
    this.#isShared = false;
    this.#awaySince = performance.now();
    for (const [service, { known, probe }] of this.#breakers)
      this.#twin.restoreBreaker(service, known, probe);
    const wasSteady = performance.now() - this.#sharedSince >= STEADY_MS;
    this.#pauseMs = wasSteady ? FIRST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#options.announce(false, reason);
    this.#waitForRedis();
  }

  #waitForRedis(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#options.shared.check().then(
        () => this.#rejoin(),
        () => this.#waitForRedis(),
      );
    }, this.#pauseMs).unref();
  }

  async #rejoin(): Promise<void> {
    if (this.#isClosed) return;
    this.#options.shared.forgetReserves();
    for (const memory of this.#limiters.values()) memory.held = 0;
    // If Redis has lost an open breaker, it is told.
    for (const [service, memory] of this.#breakers)
      keepKnown(memory, await this.#twin.breaker(service, memory.policy));
    this.#isShared = true;
    this.#sharedSince = performance.now();
    this.#options.announce(true, '');
  }

  #breaker(service: string, policy: BreakerPolicy): BreakerMemory {
    const memory = this.#breakers.get(service) ?? { policy, known: undefined, probe: undefined };
    this.#breakers.set(service, memory);
    memory.policy = policy;
    return memory;
  }

  #limiter(service: string, policy: LimitPolicy): LimiterMemory {
    const memory = this.#limiters.get(service) ?? { policy, held: 0, heldTill: 0 };
    this.#limiters.set(service, memory);
    memory.policy = policy;
    return memory;
  }
}

const GRANTED: Grant = { isGranted: true, reason: 'limit', retryInMs: 0 };

function keepKnown<View extends BreakerView>(memory: BreakerMemory, view: View): View {
  const { state, since, openedAt, till } = view;
  memory.known = state === 'closed' ? undefined : { since, openedAt, till };
  return view;
}

function fromReserve(memory: LimiterMemory): Grant {
  if (memory.held > 0 && performance.now() < memory.heldTill) {
    memory.held--;
    return GRANTED;
  }
  return { isGranted: false, reason: 'uncertain', retryInMs: ASK_AGAIN_MS };
}
