/** What an audit asks of Cal.com, where that is asked for: whether keys still work, and a review of what was found. */
import type { Document } from '../../app/audit/document.ts';
import { LeakedKeys } from '../../app/audit/leakedKeys.ts';
import { checkLive } from '../../app/audit/liveCheck.ts';
import { type Calcom, openCalcom } from '../../app/calcom.ts';
import { openReviews, type ReviewPlan, reviewPlan } from '../../app/reviews.ts';
import type { AuditValue, LiveChecks } from '../../audit/result.ts';
import { defaultCalcom } from '../../config/calcom.ts';
import type { Config } from '../../config/schema.ts';
import { LogveilError, UsageError } from '../../errors.ts';
import type { FingerprintKey } from '../../findings/fingerprint.ts';
import { redisTarget } from '../../services/protections.ts';
import { type AuditFlags, numberOf } from '../auditFlags.ts';
import { reviewNotice } from '../reviewText.ts';
import type { Notices } from './notices.ts';

/** Entity of the rules for Cal.com's keys. */
const ENTITY = 'CALCOM_API_KEY';
const MOST_ASKED = 10_000;

export class AuditServices {
  /** Undefined where no key is asked about. */
  readonly keys: LeakedKeys | undefined;
  readonly #config: Config;
  readonly #most: number;
  readonly #review: ReviewPlan | undefined;
  readonly #stop: AbortSignal;
  #calcom: Calcom | undefined;

  /** @throws UsageError, IoError: whatever is missing is told before the search */
  constructor(flags: AuditFlags, config: Config, key: FingerprintKey, stop: AbortSignal) {
    this.#config = config;
    this.#stop = stop;
    this.#most = numberOf(flags.checkLiveMax, '--check-live-max', 0, MOST_ASKED);
    if (flags.checkLive !== undefined) {
      if (flags.queue !== undefined) {
        throw new UsageError(
          '--check-live: can not be used with --queue: keys would have to come through Redis; audit here',
        );
      }
      this.keys = new LeakedKeys(ENTITY);
    }
    redisTarget(config.protection?.redis, process.env);
    this.#review = flags.bookReview === true ? reviewPlan(config, key, process.env) : undefined;
  }

  /** Asks about keys among the values; undefined where none is to be asked about. */
  async checkLive(
    values: Iterable<AuditValue>,
    { aggregates }: Document,
    notices: Notices,
  ): Promise<LiveChecks | undefined> {
    if (this.keys === undefined) return undefined;
    const checks = await checkLive({
      keys: this.keys,
      values,
      distinct: aggregates.byEntity.find(({ name }) => name === ENTITY)?.distinct.count ?? 0,
      transport: this.#orTrouble(notices),
      url: (this.#config.calcom ?? defaultCalcom()).url,
      most: this.#most,
      signal: this.#stop,
    });
    const { live, unknown } = checks.counts;
    if (live > 0) notices.warning(`${live} of the Cal.com keys found still work: revoke them`);
    if (unknown > 0) notices.warning(`of ${unknown} Cal.com keys it is not known whether they still work`);
    return checks;
  }

  /**
   * Has a review booked, or tells what would be. The audit is done by then, and none the less complete.
   * @returns false when only a person can mend what went wrong
   */
  async review(
    values: Iterable<AuditValue>,
    { findingsOfValuesNotListed }: Document,
    notices: Notices,
  ): Promise<boolean> {
    if (this.#review === undefined) return true;
    if (findingsOfValuesNotListed > 0)
      notices.warning(
        `${findingsOfValuesNotListed} findings are of values that are not listed (--max-values): no review is booked for these`,
      );
    const plan = this.#review;
    try {
      const transport = plan.key === undefined ? undefined : this.#open(notices).transport;
      const reviews = await openReviews(plan, transport, this.#stop);
      const { level, lines } = reviewNotice(await reviews.review([...values]), plan.config);
      for (const line of lines) notices[level](line);
      return level !== 'trouble';
    } catch (error) {
      if (!(error instanceof LogveilError)) throw error;
      notices.trouble(error.message);
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#calcom?.close();
  }

  /** What was found is told all the same. */
  #orTrouble(notices: Notices): Calcom['transport'] | undefined {
    try {
      return this.#open(notices).transport;
    } catch (error) {
      if (!(error instanceof LogveilError)) throw error;
      notices.trouble(error.message);
      return undefined;
    }
  }

  #open({ log }: Notices): Calcom {
    this.#calcom ??= openCalcom(this.#config, process.env, log);
    return this.#calcom;
  }
}
