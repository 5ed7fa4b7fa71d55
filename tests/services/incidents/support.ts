/** Reviews against the stand-in of Cal.com, on a clock that stands still. */
import { join } from 'node:path';
import { businessHoursSchema } from '../../../src/config/businessHours.ts';
import { incidentReviewsSchema } from '../../../src/config/calcom.ts';
import { openBusinessHours } from '../../../src/services/businessHours.ts';
import { type Booking, type BookingRequest, CalcomClient } from '../../../src/services/calcom/client.ts';
import type { CalcomTransport } from '../../../src/services/calcom/transport.ts';
import type { Leak } from '../../../src/services/incidents/incident.ts';
import { IncidentReviews } from '../../../src/services/incidents/reviews.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { type Bench, bench, EVENT_TYPE, KEY, QUICK } from '../calcom/support.ts';

/** A Monday, 10:00 in Berlin. */
export const NOW = Date.parse('2026-11-23T09:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const ZONE = 'Europe/Berlin';

/** A process that is gone when it has booked, and before it could keep that. */
class Dying extends CalcomClient {
  constructor(transport: CalcomTransport) {
    super({ transport, key: KEY, retries: QUICK });
  }

  override async book(request: BookingRequest): Promise<Booking> {
    await super.book(request);
    throw new Error('gone');
  }
}

export interface Scene extends Bench {
  readonly folder: string;
  /** Moves with the test. */
  clock: { ms: number };
  /** A new process: nothing is known but what is on the disk. */
  readonly open: (settings?: object, isDry?: boolean, dies?: boolean) => Promise<IncidentReviews>;
}

export async function scene(options: { readonly timeoutMs?: number } = {}): Promise<Scene> {
  const parts = await bench(options);
  const folder = join(temporaryFolder(), 'reviews');
  const clock = { ms: NOW };
  const open = async (settings: object = {}, isDry = false, dies = false): Promise<IncidentReviews> => {
    const config = incidentReviewsSchema.parse({
      enabled: true,
      eventTypeId: EVENT_TYPE,
      attendee: { name: 'On call', email: 'oncall@example.com' },
      folder,
      ...settings,
    });
    const hours = await openBusinessHours(businessHoursSchema.parse({ zone: ZONE }));
    const client = isDry ? undefined : dies ? new Dying(parts.transport) : parts.client;
    return new IncidentReviews({ config, hours, zone: ZONE, client, now: () => clock.ms });
  };
  return { ...parts, folder, clock, open };
}

/** A value that leaked; equal numbers are equal values. */
export function leak(number: number, facts: Partial<Leak> = {}): Leak {
  return {
    fingerprint: number.toString(16).padStart(32, '0'),
    rule: 'calcom-api-key',
    severity: 'critical',
    findings: 2,
    ...facts,
  };
}

/** Free slots, each half hour from 08:00 to 19:30 in Berlin, of so many days from Monday on. */
export function slotsOf(days: number): string[] {
  return Array.from({ length: days * 48 }, (_, half) =>
    new Date(NOW - 10 * HOUR + half * (HOUR / 2)).toISOString(),
  );
}
