/**
 * Shared state in Redis. Every operation is one script on one record, so it is atomic in a cluster too, and every answer is
 * waited for so long and no longer: what does not answer is unavailable. An operation is never sent twice.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { CHECK_TTL, COUNTER_TTL, HISTORY_TTL, RECORD_TTL, type RedisKeys } from './keys.ts';
import { type RedisAccess, redisClient, redisReason } from './redisClient.ts';
import type { RedisTarget } from './redisTarget.ts';
import { BREAKER_SCRIPT } from './scripts/breaker.ts';
import { LIMITER_SCRIPT } from './scripts/limiter.ts';
import {
  type Admission,
  type BreakerChange,
  type BreakerPolicy,
  type BreakerView,
  type Grant,
  type KnownBreaker,
  type LimitPolicy,
  type MinuteCount,
  minuteName,
  minuteOf,
  type Restraint,
  type StateStore,
  StateUnavailable,
} from './store.ts';

/** Longest wait for an answer; with a second for all that a caller may lose, there is room for a slow machine. */
const ANSWER_MS = 400;
/** The same with the wait for the first connection. */
const FIRST_ANSWER_MS = 900;
const CONNECT_MS = 2000;
/** A connection that says nothing for so long while it is asked is given up and made anew. */
const SILENT_MS = 5000;
const LONGEST_PAUSE_MS = 1000;

/** KEYS[1]: a key of its own. ARGV[1]: TTL in seconds. Returns the time: seconds, microseconds. Fails where writes fail. */
const CHECK_SCRIPT = `
local time = redis.call('TIME')
redis.call('SET', KEYS[1], time[1], 'EX', ARGV[1])
return time
`;

/** A grant with what this process may go on with if Redis goes away now. */
export interface SharedGrant extends Grant {
  /** Grants in reserve. */
  readonly held: number;
  /** Until when they last, of `performance.now()`. */
  readonly heldTill: number;
}

export interface RedisStoreOptions {
  readonly target: RedisTarget;
  readonly access: RedisAccess;
  readonly keys: RedisKeys;
  /** Only for tests: milliseconds since 1970 in place of the time of Redis. */
  readonly now?: () => number;
  readonly random?: () => number;
}

interface LimiterAnswer {
  readonly isGranted?: boolean;
  readonly reason: Grant['reason'];
  readonly retryInMs: number;
  readonly held: number;
  readonly birth: string;
  readonly now: number;
}

export class RedisStore implements StateStore {
  readonly #redis: Redis | Cluster;
  readonly #keys: RedisKeys;
  readonly #isCluster: boolean;
  readonly #now: (() => number) | undefined;
  readonly #random: () => number;
  /** Time of Redis less `performance.now()`, milliseconds. */
  #offset = performance.timeOrigin;
  /** Whose reserve in Redis is this process's. */
  #taker = randomUUID();
  /** Births of limiter records, and when they were last seen, of `performance.now()`. */
  readonly #births = new Map<string, { readonly birth: string; readonly seenAt: number }>();
  #failure: unknown;
  /** Settles when the first connection is there or has failed; later a lost one fails at once. */
  readonly #begun: Promise<void>;
  #hasBegun = false;

  /** Connects in the background. @throws IoError when a file of TLS can't be read */
  constructor({ target, access, keys, now, random }: RedisStoreOptions) {
    this.#keys = keys;
    this.#now = now;
    this.#random = random ?? Math.random;
    this.#isCluster = target.kind === 'cluster';
    this.#redis = redisClient(target, access, {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_MS,
      socketTimeout: SILENT_MS,
      retryStrategy: (times) => Math.min(times * 100, LONGEST_PAUSE_MS),
      // A master that has become a replica: look for the new one.
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
    });
    this.#redis.on('error', (error: unknown) => {
      this.#failure = error;
    });
    this.#begun = this.#redis
      .connect()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#hasBegun = true;
      });
  }

  /** Whether Redis answers, runs scripts and takes writes. @throws StateUnavailable */
  async check(): Promise<void> {
    const startedAt = performance.now();
    const time = await this.#run<[string, string]>(CHECK_SCRIPT, [this.#keys.storeCheck], String(CHECK_TTL));
    this.#learnTime(Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000), startedAt);
  }

  /** The time of Redis at this moment, as far as known; milliseconds since 1970. */
  get time(): number {
    return Math.floor(this.#offset + performance.now());
  }

  /** @param known here and below: put back if Redis knows nothing of this breaker */
  async admit(
    service: string,
    owner: string,
    policy: BreakerPolicy,
    known?: KnownBreaker,
  ): Promise<Admission> {
    return this.#breaker(service, policy, { op: 'admit', owner, ...(known && { known }) });
  }

  async settle(
    service: string,
    owner: string,
    isFailure: boolean,
    policy: BreakerPolicy,
    known?: KnownBreaker,
  ): Promise<BreakerView> {
    return this.#breaker(service, policy, { op: 'settle', owner, isFailure, ...(known && { known }) });
  }

  async renew(
    service: string,
    owner: string,
    policy: BreakerPolicy,
    known?: KnownBreaker,
  ): Promise<BreakerView> {
    return this.#breaker(service, policy, { op: 'renew', owner, ...(known && { known }) });
  }

  async breaker(service: string, policy: BreakerPolicy): Promise<BreakerView> {
    return this.#breaker(service, policy, { op: 'view' });
  }

  async take(service: string, policy: LimitPolicy): Promise<SharedGrant> {
    const startedAt = performance.now();
    const answer = await this.#limiter(service, policy, { op: 'take' });
    const isGranted = answer.isGranted === true;
    if (isGranted && this.#isCluster) this.#countUp(service, answer.now);
    return {
      isGranted,
      reason: answer.reason,
      retryInMs: answer.retryInMs,
      held: answer.held,
      heldTill: startedAt + policy.reserveMs,
    };
  }

  async restrain(service: string, restraint: Restraint, policy: LimitPolicy): Promise<void> {
    await this.#limiter(service, policy, { op: 'restrain', restraint });
  }

  /** Gives back what is held in reserve; it must not be used any more. */
  async release(service: string, policy: LimitPolicy): Promise<void> {
    await this.#limiter(service, policy, { op: 'release' });
  }

  async counted(service: string): Promise<MinuteCount> {
    await this.#connected();
    const startedAt = performance.now();
    const time = await this.#answer(this.#redis.time());
    const now = this.#now?.() ?? Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000);
    this.#learnTime(now, startedAt);
    const minute = minuteName(minuteOf(now));
    const used = await this.#answer(this.#redis.get(this.#keys.rateLimitCounter(service, minute)));
    return { minute, used: Number(used ?? 0) };
  }

  /** After Redis was away: what was held in reserve may have been used, and is not known as this process's any more. */
  forgetReserves(): void {
    this.#taker = randomUUID();
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }

  async #breaker(service: string, policy: BreakerPolicy, ask: object): Promise<Admission> {
    const record = this.#keys.breakerRecord(service);
    const shown = [
      this.#keys.breakerState(service),
      this.#keys.breakerOpenedAt(service),
      this.#keys.breakerHistory(service),
    ];
    const startedAt = performance.now();
    const text = await this.#run<string>(
      BREAKER_SCRIPT,
      this.#isCluster ? [record] : [record, ...shown],
      JSON.stringify({
        ...ask,
        policy,
        random: this.#random(),
        ttl: RECORD_TTL,
        historyTtl: HISTORY_TTL,
        ...this.#givenTime(),
      }),
    );
    const {
      changes = [],
      now,
      ...answer
    } = JSON.parse(text) as Omit<Admission, 'changes'> & {
      readonly changes?: readonly BreakerChange[];
      readonly now: number;
    };
    this.#learnTime(now, startedAt);
    if (this.#isCluster && changes.length > 0) await this.#show(service, changes, policy);
    return { ...answer, changes };
  }

  /**
   * In a cluster the keys for people are in slots of their own. Written after the record, and again until the record has
   * not changed meanwhile, so that the last one to write has written what is so.
   */
  async #show(service: string, changes: readonly BreakerChange[], policy: BreakerPolicy): Promise<void> {
    const keys = this.#keys;
    const history = keys.breakerHistory(service);
    for (const change of changes) await this.#answer(this.#redis.lpush(history, JSON.stringify(change)));
    await this.#answer(this.#redis.ltrim(history, 0, policy.history - 1));
    await this.#answer(this.#redis.expire(history, HISTORY_TTL));
    let shown: { state?: string; openedAt?: number } = {};
    for (let times = 0; times < 5; times++) {
      const text = (await this.#answer(this.#redis.get(keys.breakerRecord(service)))) ?? '{}';
      const { state, openedAt } = JSON.parse(text) as { state?: string; openedAt?: number };
      if (state === undefined || (state === shown.state && openedAt === shown.openedAt)) return;
      await this.#answer(this.#redis.set(keys.breakerState(service), state, 'EX', RECORD_TTL));
      const opened = keys.breakerOpenedAt(service);
      if (openedAt) await this.#answer(this.#redis.set(opened, String(openedAt), 'EX', RECORD_TTL));
      else await this.#answer(this.#redis.del(opened));
      shown = { state, ...(openedAt !== undefined && { openedAt }) };
    }
  }

  async #limiter(service: string, policy: LimitPolicy, ask: object): Promise<LimiterAnswer> {
    const record = this.#keys.rateLimitRecord(service);
    const known = this.#births.get(service);
    // After so long whatever was granted is past, and a record that is gone tells nothing.
    const memoryMs = policy.windowMs + policy.marginMs + policy.reserveMs;
    const knownBirth =
      known !== undefined && performance.now() - known.seenAt < memoryMs ? known.birth : undefined;
    for (let times = 0; times < 3; times++) {
      const startedAt = performance.now();
      const present = minuteOf(this.#now?.() ?? this.time);
      const minutes = [present - 1, present, present + 1];
      const counters = minutes.map((minute) => this.#keys.rateLimitCounter(service, minuteName(minute)));
      const text = await this.#run<string>(
        LIMITER_SCRIPT,
        this.#isCluster ? [record] : [record, ...counters],
        JSON.stringify({
          ...ask,
          taker: this.#taker,
          policy,
          minutes,
          ...(knownBirth !== undefined && { knownBirth }),
          newBirth: randomUUID(),
          ttl: RECORD_TTL,
          counterTtl: COUNTER_TTL,
          ...this.#givenTime(),
        }),
      );
      const answer = JSON.parse(text) as LimiterAnswer;
      this.#learnTime(answer.now, startedAt);
      if (answer.birth === undefined) continue;
      this.#births.set(service, { birth: answer.birth, seenAt: startedAt });
      return answer;
    }
    throw new StateUnavailable('its clock is not steady');
  }

  #countUp(service: string, now: number): void {
    const counter = this.#keys.rateLimitCounter(service, minuteName(minuteOf(now)));
    // For people to read; the record has counted already.
    this.#redis
      .incr(counter)
      .then(() => this.#redis.expire(counter, COUNTER_TTL))
      .catch(() => {});
  }

  #givenTime(): { readonly now?: number } {
    return this.#now === undefined ? {} : { now: this.#now() };
  }

  #learnTime(now: number, startedAt: number): void {
    this.#offset = now - (startedAt + performance.now()) / 2;
  }

  async #run<Reply>(script: string, keys: readonly string[], argument: string): Promise<Reply> {
    const waitMs = await this.#connected();
    return (await this.#answer(this.#evaluate(script, keys, argument), waitMs)) as Reply;
  }

  /** Waits for the first connection. @returns how long the answer itself may take */
  async #connected(): Promise<number> {
    if (this.#hasBegun) return ANSWER_MS;
    const startedAt = performance.now();
    await this.#answer(this.#begun, FIRST_ANSWER_MS);
    return Math.min(ANSWER_MS, Math.max(1, FIRST_ANSWER_MS - (performance.now() - startedAt)));
  }

  async #evaluate(script: string, keys: readonly string[], argument: string): Promise<unknown> {
    try {
      return await this.#redis.evalsha(digestOf(script), keys.length, ...keys, argument);
    } catch (error) {
      if (!(error as Error).message.includes('NOSCRIPT')) throw error;
      return this.#redis.eval(script, keys.length, ...keys, argument);
    }
  }

  async #answer<Reply>(reply: Promise<Reply>, waitMs = ANSWER_MS): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('silence')), waitMs);
    });
    try {
      return await Promise.race([reply, silence]);
    } catch (error) {
      const reason = redisReason(error);
      const isVague = reason === 'it does not answer' && this.#redis.status !== 'ready';
      throw new StateUnavailable(isVague ? redisReason(this.#failure) : reason);
    } finally {
      clearTimeout(timer);
    }
  }
}

const digests = new Map<string, string>();

function digestOf(script: string): string {
  const known = digests.get(script) ?? createHash('sha1').update(script).digest('hex');
  digests.set(script, known);
  return known;
}
