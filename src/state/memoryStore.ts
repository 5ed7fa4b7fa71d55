/** Shared state without Redis: for one process, in memory. Also the twin that goes on when Redis is away. */
import { MemoryBreaker } from './memoryBreaker.ts';
import { MemoryLimiter } from './memoryLimiter.ts';
import type {
  Admission,
  BreakerPolicy,
  BreakerView,
  Grant,
  KnownBreaker,
  LimitPolicy,
  MinuteCount,
  Restraint,
  StateStore,
} from './store.ts';

export interface MemoryStoreOptions {
  /** Whether no other process could be probing at the same time; true without it. */
  readonly mayProbe?: () => boolean;
  /** Milliseconds since 1970; by default it never goes back, whatever happens to the machine's clock. */
  readonly now?: () => number;
  /** 0 to 1. */
  readonly random?: () => number;
}

export class MemoryStore implements StateStore {
  readonly #breakers = new Map<string, MemoryBreaker>();
  readonly #limiters = new Map<string, MemoryLimiter>();
  readonly #mayProbe: () => boolean;
  readonly #now: () => number;
  readonly #random: () => number;

  constructor(options: MemoryStoreOptions = {}) {
    this.#mayProbe = options.mayProbe ?? (() => true);
    this.#now = options.now ?? (() => Math.floor(performance.timeOrigin + performance.now()));
    this.#random = options.random ?? Math.random;
  }

  /**
   * Begins a breaker anew with what is known of the shared one.
   * @param known undefined for a closed one; times on the store's clock
   * @param owner of a probe of this process that is under way
   */
  restoreBreaker(service: string, known: KnownBreaker | undefined, owner: string | undefined): void {
    this.#breakers.delete(service);
    if (known !== undefined) this.#breaker(service).restore(known, owner, Number.MAX_SAFE_INTEGER);
  }

  async admit(service: string, owner: string, policy: BreakerPolicy): Promise<Admission> {
    return this.#breaker(service).admit(this.#now(), owner, policy, this.#mayProbe());
  }

  async settle(
    service: string,
    owner: string,
    isFailure: boolean,
    policy: BreakerPolicy,
  ): Promise<BreakerView> {
    return this.#breaker(service).settle(this.#now(), owner, isFailure, policy);
  }

  async renew(service: string, owner: string, policy: BreakerPolicy): Promise<BreakerView> {
    return this.#breaker(service).renew(this.#now(), owner, policy);
  }

  async breaker(service: string, policy: BreakerPolicy): Promise<BreakerView> {
    return this.#breaker(service).view(this.#now(), policy);
  }

  async take(service: string, policy: LimitPolicy): Promise<Grant> {
    return this.#limiter(service).take(this.#now(), policy);
  }

  async restrain(service: string, restraint: Restraint): Promise<void> {
    this.#limiter(service).restrain(this.#now(), restraint);
  }

  async counted(service: string): Promise<MinuteCount> {
    return this.#limiter(service).counted(this.#now());
  }

  async close(): Promise<void> {}

  #breaker(service: string): MemoryBreaker {
    const known = this.#breakers.get(service) ?? new MemoryBreaker(this.#random);
    this.#breakers.set(service, known);
    return known;
  }

  #limiter(service: string): MemoryLimiter {
    const known = this.#limiters.get(service) ?? new MemoryLimiter();
    this.#limiters.set(service, known);
    return known;
  }
}
