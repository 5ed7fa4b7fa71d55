/** Puts reviews together: business hours, Cal.com and the folder they keep their books in. */
import { type BusinessHoursConfig, defaultBusinessHours } from '../config/businessHours.ts';
import { defaultCalcom, type IncidentReviewsConfig } from '../config/calcom.ts';
import type { Config } from '../config/schema.ts';
import { UsageError } from '../errors.ts';
import type { FingerprintKey } from '../findings/fingerprint.ts';
import { openBusinessHours } from '../services/businessHours.ts';
import { CalcomClient } from '../services/calcom/client.ts';
import { readCalcomKey } from '../services/calcom/key.ts';
import type { CalcomTransport } from '../services/calcom/transport.ts';
import { IncidentReviews } from '../services/incidents/reviews.ts';

/** What was asked for, with all that can be missing there. */
export interface ReviewPlan {
  readonly config: IncidentReviewsConfig;
  readonly hours: BusinessHoursConfig;
  /** logveil's own key of Cal.com; undefined for a dry run. */
  readonly key: string | undefined;
}

/**
 * @param key of the fingerprints, by which values are known again: it must outlive the run
 * @param env read for `CALCOM_API_KEY`
 * @throws UsageError, IoError
 */
export function reviewPlan(config: Config, key: FingerprintKey, env: NodeJS.ProcessEnv): ReviewPlan {
  const { incidentReviews, calcom = defaultCalcom(), businessHours = defaultBusinessHours() } = config;
  if (incidentReviews === undefined) {
    throw new UsageError(
      '--book-review: expected a section `incidentReviews` in the configuration; docs/incident-reviews.md has one',
    );
  }
  const plan = { config: incidentReviews, hours: businessHours };
  if (!incidentReviews.enabled) return { ...plan, key: undefined };
  if (key.source === 'random') {
    throw new UsageError(
      'incidentReviews: expected LOGVEIL_KEY or --key-file: under a key of its own each run would book the same leaks again',
    );
  }
  return { ...plan, key: readCalcomKey(calcom, env) };
}

/** @param transport undefined for a dry run */
export async function openReviews(
  { config, hours, key }: ReviewPlan,
  transport: CalcomTransport | undefined,
  signal: AbortSignal,
): Promise<IncidentReviews> {
  const isDry = key === undefined || transport === undefined;
  return new IncidentReviews({
    config,
    hours: await openBusinessHours(hours),
    zone: hours.zone,
    client: isDry ? undefined : new CalcomClient({ transport, key, signal }),
  });
}
