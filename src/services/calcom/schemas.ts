/**
 * Answers of Cal.com's API v2 as documented, as far as they are read. What is not is dropped.
 * https://cal.com/docs/api-reference/v2/slots/get-available-time-slots-for-an-event-type
 * https://cal.com/docs/api-reference/v2/bookings/create-a-booking
 * https://cal.com/docs/api-reference/v2/bookings/get-all-bookings
 * https://cal.com/docs/api-reference/v2/me/get-my-profile
 */
import { z } from 'zod';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const success = z.literal('success');

/** `format=range`: free times by the day in the zone asked for. */
export const slotsAnswer = z.object({
  status: success,
  data: z.record(z.string(), z.array(z.object({ start: instant, end: instant }))),
});

const booking = z.object({
  /** It is printed, so nothing else than Cal.com's own alphabet. */
  uid: z.string().regex(/^[\w-]{1,128}$/),
  status: z.enum(['accepted', 'pending', 'cancelled', 'rejected']),
  start: instant,
  end: instant,
  metadata: z.record(z.string(), z.unknown()).optional(),
});

/** Of an event type that recurs, the answer is a list. */
export const bookingAnswer = z.object({ status: success, data: z.union([booking, z.array(booking).min(1)]) });

export const bookingsAnswer = z.object({
  status: success,
  data: z.array(booking),
  pagination: z.object({ hasNextPage: z.boolean() }).optional(),
});

export const meAnswer = z.object({ status: success, data: z.object({ id: z.number() }) });

/** The form of every refusal: its error filter writes it. */
export const errorAnswer = z.object({
  status: z.literal('error'),
  error: z.object({ code: z.string().optional(), message: z.string().optional() }),
});

export type BookingAnswer = z.infer<typeof booking>;
