/** When people are there: hours of the day in a time zone, weekdays, holidays, and days that differ. */
import { z } from 'zod';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekday = (typeof WEEKDAYS)[number];

/** Minutes of the clock on the wall from the begin of the day they belong to; `to`, exclusive, may lie in the next one. */
export interface OpenHours {
  readonly from: number;
  readonly to: number;
}

const DEFAULT_HOURS = '08:00-20:00';
const DEFAULT_ZONE = 'UTC';
const DEFAULT_DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const DAY_MINUTES = 24 * 60;
const MOST_SPANS = 12;
const MOST_DATES = 1000;

const SPAN = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|(24):(00))$/;

const hours = z
  .union([z.string(), z.array(z.string()).min(1).max(MOST_SPANS)])
  .transform((texts, context): readonly OpenHours[] => {
    const spans = (Array.isArray(texts) ? texts : [texts]).map(parseSpan);
    if (spans.every((span) => span !== undefined)) return spans;
    context.addIssue({
      code: 'custom',
      message:
        'expected hours such as `08:00-20:00`, `22:00-06:00` (over midnight) or `00:00-24:00`, the end another time than the begin',
    });
    return z.NEVER;
  })
  .describe('Begin and end, the end exclusive; an end before the begin is in the next day.');

const zone = z
  .string()
  .max(64)
  .refine(isZone, { message: 'expected a time zone of the IANA list, such as `Europe/Berlin`' })
  .describe('IANA time zone, such as `Europe/Berlin`.');

const date = z.iso.date().describe('`2026-12-24`.');

const exception = z
  .strictObject({
    date,
    hours: hours.optional().describe('Hours that hold instead.'),
    closed: z.literal(true).optional().describe('No hours at all.'),
  })
  .refine((day) => (day.hours === undefined) !== (day.closed === undefined), {
    message: 'expected either `hours` or `closed: true`',
  });

export const businessHoursSchema = z
  .strictObject({
    zone: zone.default(DEFAULT_ZONE),
    hours: hours.prefault(DEFAULT_HOURS),
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .default([...DEFAULT_DAYS])
      .describe('Days on which hours begin.'),
    holidays: z.array(date).max(MOST_DATES).default([]).describe('Days on which none begin.'),
    exceptions: z.array(exception).max(MOST_DATES).default([]).describe('Days that differ, above all else.'),
  })
  .superRefine(({ exceptions }, context) => {
    const seen = new Set<string>();
    for (const [index, { date: day }] of exceptions.entries()) {
      if (seen.has(day))
        context.addIssue({
          code: 'custom',
          path: ['exceptions', index, 'date'],
          message: 'expected each day once',
        });
      seen.add(day);
    }
  })
  .describe('When people are there; reviews are booked within.');

export type BusinessHoursConfig = z.infer<typeof businessHoursSchema>;

/** Monday to Friday, 08:00 to 20:00 UTC. */
export function defaultBusinessHours(): BusinessHoursConfig {
  return businessHoursSchema.parse({});
}

/** A zone's name as people configure it, for other sections. */
export const zoneSchema = zone;

function parseSpan(text: string): OpenHours | undefined {
  const [, fromHour, fromMinute, toHour, toMinute, midnight] = SPAN.exec(text) ?? [];
  if (fromHour === undefined) return undefined;
  const from = Number(fromHour) * 60 + Number(fromMinute);
  const end = midnight === undefined ? Number(toHour) * 60 + Number(toMinute) : DAY_MINUTES;
  if (end === from) return undefined;
  return { from, to: end > from ? end : end + DAY_MINUTES };
}

function isZone(name: string): boolean {
  // An offset such as `+01:00` knows no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
