/** Puts reviews together: business hours, Cal.com and the folder they keep their books in. */
import { type BusinessHoursConfig, defaultBusinessHours } from '../config/businessHours.ts';
import type { IncidentReviewsConfig } from '../config/calcom.ts';
import { UsageError } from '../errors.ts';
import type { FingerprintKey } from '../findings/fingerprint.ts';
import { openBusinessHours } from '../services/businessHours.ts';
import { CalcomClient } from '../services/calcom/client.ts';
import type { CalcomTransport } from '../services/calcom/transport.ts';
import { IncidentReviews } from '../services/incidents/reviews.ts';

export interface ReviewParts {
  readonly config: IncidentReviewsConfig;
  readonly businessHours: BusinessHoursConfig | undefined;
  /** With logveil's own key; undefined for a dry run. */
  readonly calcom: { readonly transport: CalcomTransport; readonly key: string } | undefined;
  readonly signal: AbortSignal;
}

export async function openReviews({
  config,
  businessHours,
  calcom,
  signal,
}: ReviewParts): Promise<IncidentReviews> {
  const hours = businessHours ?? defaultBusinessHours();
  return new IncidentReviews({
    config,
    hours: await openBusinessHours(hours),
    zone: hours.zone,
    client: calcom === undefined ? undefined : new CalcomClient({ ...calcom, signal }),
  });
}

/**
 * Values are known again by their keyed fingerprints, so the key must outlive the run.
 * @throws UsageError
 */
export function refuseRandomKey(key: FingerprintKey, config: IncidentReviewsConfig): void {
  if (!config.enabled || key.source !== 'random') return;
  throw new UsageError(
    'incidentReviews: expected LOGVEIL_KEY or --key-file: under a key of its own each run would book the same leaks again',
  );
}
