/** What an invitation says: counts and rules, which is all that leaves this machine about an incident. */
import type { IncidentReviewsConfig } from '../../config/calcom.ts';
import type { BookingRequest } from '../calcom/client.ts';
import type { Incident } from './incident.ts';

/** Rules named; the rest is counted. */
const MOST_NAMED = 20;

export function invitationOf(
  incident: Incident,
  config: IncidentReviewsConfig,
  zone: string,
  startMs: number,
): BookingRequest {
  const { id, severity, findings, values } = incident;
  const { name, email } = config.attendee;
  return {
    incident: id,
    eventTypeId: config.eventTypeId,
    startMs,
    attendee: { name, email, timeZone: config.attendee.zone ?? zone },
    notes: notesOf(incident, config.reportUrl),
    metadata: { logveilSeverity: severity, logveilFindings: String(findings), logveilValues: String(values) },
  };
}

function notesOf(incident: Incident, reportUrl: string | undefined): string {
  const named = incident.rules.slice(0, MOST_NAMED);
  const more = incident.rules.length - named.length;
  return [
    `logveil found ${told(incident)} in logs, severity ${incident.severity}. Incident ${incident.id}.`,
    ...named.map((rule) => `- ${rule.rule} (${rule.severity}): ${told(rule)}`),
    ...(more > 0 ? [`- and ${more} more rules`] : []),
    ...(reportUrl === undefined ? [] : [`Report: ${reportUrl}`]),
    'Values and places are in the audit only.',
  ].join('\n');
}

/** `3 values in 12 places` */
export function told({ values, findings }: { readonly values: number; readonly findings: number }): string {
  return `${values} value${values === 1 ? '' : 's'} in ${findings} place${findings === 1 ? '' : 's'}`;
}
