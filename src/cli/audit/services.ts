/** What an audit asks of Cal.com, where that is asked for: whether keys still work, and a review of what was found. */
import { LeakedKeys } from '../../app/audit/leakedKeys.ts';
import { checkLive } from '../../app/audit/liveCheck.ts';
import { type Calcom, openCalcom } from '../../app/calcom.ts';
import { openReviews, type ReviewPlan, reviewPlan } from '../../app/reviews.ts';
import type { AuditValue, LiveChecks } from '../../audit/result.ts';
import type { Config } from '../../config/schema.ts';
import { IoError, UsageError } from '../../errors.ts';
import type { FingerprintKey } from '../../findings/fingerprint.ts';
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
    this.#review = flags.bookReview === true ? reviewPlan(config, key, process.env) : undefined;
  }

  /** Asks about keys among the values; undefined where none is to be asked about. */
  async checkLive(values: Iterable<AuditValue>, notices: Notices): Promise<LiveChecks | undefined> {
    if (this.keys === undefined) return undefined;
    const { transport, url } = this.#open(notices);
    const options = { keys: this.keys, transport, url, most: this.#most, signal: this.#stop };
    const checks = await checkLive({ ...options, values });
    const { live, unknown } = checks.counts;
    if (live > 0) notices.warning(`${live} of the Cal.com keys found still work: revoke them`);
    if (unknown > 0) notices.warning(`of ${unknown} Cal.com keys it is not known whether they still work`);
    return checks;
  }

  /**
   * Has a review booked, or tells what would be. The audit is done by then, and none the less complete.
   * @returns false when only a person can mend what went wrong
   */
  async review(values: Iterable<AuditValue>, notices: Notices): Promise<boolean> {
    if (this.#review === undefined) return true;
    const plan = this.#review;
    try {
      const transport = plan.key === undefined ? undefined : this.#open(notices).transport;
      const reviews = await openReviews(plan, transport, this.#stop);
      const { level, lines } = reviewNotice(await reviews.review([...values]), plan.config);
      for (const line of lines) notices[level](line);
      return level !== 'trouble';
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      notices.trouble(error.message);
      return false;
    }
  }

  async close(): Promise<void> {
    await this.#calcom?.close();
  }

  #open({ log }: Notices): Calcom {
    this.#calcom ??= openCalcom(this.#config, process.env, log);
    return this.#calcom;
  }
}
