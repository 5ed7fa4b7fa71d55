/** How Cal.com is reached, and what is booked there on a leak. */
import { z } from 'zod';
import { SEVERITIES } from '../findings/finding.ts';
import { zoneSchema } from './businessHours.ts';

const DEFAULT_URL = 'https://api.cal.com';
const DEFAULT_TIMEOUT_MS = 10_000;
const MOST_URL = 500;

const address = z
  .string()
  .max(MOST_URL)
  .refine((text) => isSafeAddress(text), {
    message:
      'expected an address such as `https://api.cal.com`, without user, query and fragment; `http:` for this machine only',
  });

export const calcomSchema = z
  .strictObject({
    url: address.default(DEFAULT_URL).describe('Of API v2, without `/v2`.'),
    keyFile: z.string().min(1).optional().describe('File with the API key, where CALCOM_API_KEY is not set.'),
    timeoutMs: z
      .number()
      .int()
      .min(100)
      .max(60_000)
      .default(DEFAULT_TIMEOUT_MS)
      .describe('For each call, in milliseconds.'),
  })
  .describe('How Cal.com is reached.');

export type CalcomConfig = z.infer<typeof calcomSchema>;

/** Text that goes to Cal.com and into invitations: no control characters. */
const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u, 'expected a text of one line');

export const incidentReviewsSchema = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Book; without it, what would be booked is told only.'),
    eventTypeId: z.number().int().min(1).describe('Of the event type to be booked; its address shows it.'),
    attendee: z
      .strictObject({
        name: line,
        email: z.email().max(254),
        zone: zoneSchema.optional().describe('Zone of the invitation; that of `businessHours` by default.'),
      })
      .describe('Who is invited, beside the host of the event type.'),
    minSeverity: z.enum(SEVERITIES).default('critical').describe('Findings from this severity on.'),
    perDay: z.number().int().min(1).max(24).default(1).describe('Most reviews booked on one day.'),
    folder: z.string().min(1).describe('Where is kept what was booked, and what waits to be.'),
    reportUrl: address.optional().describe('Where the report is found; goes into the invitation.'),
    noticeMinutes: z
      .number()
      .int()
      .min(0)
      .max(7 * 24 * 60)
      .default(60)
      .describe('From the leak to the earliest review.'),
    horizonDays: z.number().int().min(1).max(60).default(14).describe('How far a free slot is looked for.'),
    rememberDays: z
      .number()
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe('A value that was reviewed brings no other review for so long.'),
  })
  .describe('Reviews that are booked at Cal.com on leaks: docs/incident-reviews.md.');

export type IncidentReviewsConfig = z.infer<typeof incidentReviewsSchema>;

/** The defaults of Cal.com's own service. */
export function defaultCalcom(): CalcomConfig {
  return calcomSchema.parse({});
}

/** A key, or what a report's address tells, must not go over a network in clear. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
