/**
 * What is known of the services around logveil: their breakers and limiters. Asked in the background, so that no request
 * waits for a Redis that does not answer; what is told has its age.
 */
import type { BreakerStatus, LimiterStatus } from '../services/protection.ts';

/** Where statuses come from. */
export interface ServiceSource {
  readonly store: 'memory' | 'redis';
  /** @throws when the store does not answer */
  read(): Promise<{
    readonly breakers: readonly BreakerStatus[];
    readonly limiters: readonly LimiterStatus[];
  }>;
  close(): Promise<void>;
}

export interface ServicesStatus {
  readonly store: 'memory' | 'redis';
  /** Whether the store answered the last time. */
  readonly isReachable: boolean;
  /** When the statuses were read, ISO 8601 in UTC; null before the first time. */
  readonly readAt: string | null;
  readonly breakers: readonly BreakerStatus[];
  readonly limiters: readonly LimiterStatus[];
}

const READ_MS = 2000;

export class ServiceBoard {
  readonly #source: ServiceSource;
  #status: ServicesStatus;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(source: ServiceSource) {
    this.#source = source;
    this.#status = { store: source.store, isReachable: true, readAt: null, breakers: [], limiters: [] };
  }

  get status(): ServicesStatus {
    return this.#status;
  }

  /** Reads now, and every two seconds from now on. */
  start(): void {
    this.read();
    this.#timer = setInterval(() => this.read(), READ_MS).unref();
  }

  /** Reads anew, unless that is being done. Never throws. */
  read(): void {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#source.close();
  }

  async #read(): Promise<void> {
    const { store } = this.#source;
    try {
      const { breakers, limiters } = await this.#source.read();
      this.#status = { store, isReachable: true, readAt: new Date().toISOString(), breakers, limiters };
    } catch {
      // What it said may hold an address with a password; what was known before stays, with its age.
      this.#status = { ...this.#status, isReachable: false };
    }
  }
}
