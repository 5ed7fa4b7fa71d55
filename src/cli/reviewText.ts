/** What became of a review, for people. */
import type { IncidentReviewsConfig } from '../config/calcom.ts';
import { told } from '../services/incidents/invitation.ts';
import type { ReviewOutcome, ReviewReport, WaitReason } from '../services/incidents/reviews.ts';

const REASONS: Readonly<Record<WaitReason, string>> = {
  quota: 'the reviews of today are booked (`perDay`)',
  'no-slot': 'no slot is free within business hours (`horizonDays`)',
  busy: 'another process is booking',
  unavailable: 'Cal.com does not answer as it should',
  refused: 'Cal.com refuses it',
};

export interface ReviewNotice {
  /** `trouble`: only a person can mend it; `warning`: it waits; `note`: as it should be. */
  readonly level: 'note' | 'warning' | 'trouble';
  readonly lines: readonly string[];
}

export function reviewNotice(
  { outcome, damaged }: ReviewReport,
  config: IncidentReviewsConfig,
): ReviewNotice {
  const aside = damaged.map((name) => `${config.folder}: a damaged file was set aside as ${name}`);
  return { level: levelOf(outcome, damaged), lines: [...aside, ...outcomeLines(outcome, config)] };
}

function levelOf(outcome: ReviewOutcome, damaged: readonly string[]): ReviewNotice['level'] {
  if (outcome.kind !== 'waits') return damaged.length > 0 ? 'warning' : 'note';
  return outcome.reason === 'refused' || !outcome.isKept ? 'trouble' : 'warning';
}

function outcomeLines(outcome: ReviewOutcome, { eventTypeId, folder }: IncidentReviewsConfig): string[] {
  if (outcome.kind === 'nothing') return [];
  const about = `incident review of ${told(outcome.incident)} (${outcome.incident.id})`;
  switch (outcome.kind) {
    case 'would-book': {
      const from =
        outcome.earliestMs === undefined
          ? 'but business hours never open'
          : `in the first free slot from ${iso(outcome.earliestMs)} on`;
      return [
        `dry run: would book an ${about} with event type ${eventTypeId}, ${from}; \`enabled: true\` books`,
      ];
    }
    case 'booked': {
      const { uid, startMs, isPending } = outcome.booking;
      return [
        `${about} ${isPending ? 'requested, to be confirmed by its host' : 'booked'}: ${iso(startMs)}, booking ${uid}`,
      ];
    }
    case 'waits': {
      const kept = outcome.isKept
        ? `waits in ${folder} for the next run`
        : `is not kept: too many wait in ${folder} already`;
      const why = outcome.error?.message ?? REASONS[outcome.reason];
      return [`${about} ${kept}: ${why}`];
    }
  }
}

function iso(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
