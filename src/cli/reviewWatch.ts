/** Reviews for a run that goes on, `logveil tail --book-review`: leaks are dealt with every few minutes, and at the end. */
import { openCalcom } from '../app/calcom.ts';
import { openReviews, reviewPlan } from '../app/reviews.ts';
import type { Config } from '../config/schema.ts';
import { LogveilError } from '../errors.ts';
import type { FingerprintKey } from '../findings/fingerprint.ts';
import { ReviewWatch } from '../services/incidents/watch.ts';
import type { Log } from '../telemetry/log.ts';
import { reviewNotice } from './reviewText.ts';

const EVERY_MS = 5 * 60_000;

/**
 * @param stop ends calls to Cal.com; what is not booked by then waits on the disk
 * @throws UsageError, IoError
 */
export async function openReviewWatch(
  config: Config,
  key: FingerprintKey,
  stop: AbortSignal,
  log: Log,
): Promise<Pick<ReviewWatch, 'add' | 'close'>> {
  const plan = reviewPlan(config, key, process.env);
  const calcom = plan.key === undefined ? undefined : openCalcom(config, process.env, log);
  const watch = new ReviewWatch({
    reviews: await openReviews(plan, calcom?.transport, stop),
    minSeverity: plan.config.minSeverity,
    everyMs: EVERY_MS,
    onReport: (report) => {
      const { level, lines } = reviewNotice(report, plan.config);
      for (const line of lines) log[level === 'trouble' ? 'error' : 'warn'](line);
    },
    onFailure: (error) =>
      // Another error's message may quote what was read.
      log.error(error instanceof LogveilError ? error.message : `a review failed: ${(error as Error).name}`),
  });
  return {
    add: watch.add,
    close: async () => {
      await watch.close();
      await calcom?.close();
    },
  };
}
