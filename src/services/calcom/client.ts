/**
 * What logveil does at Cal.com with its own key: reads free slots, books, and finds its own bookings again.
 *
 * A booking is made once. It carries the incident's id in its metadata; before the first request, and after each one
 * whose outcome is not known (no answer, a broken one, 5xx), the bookings are searched for that id, and the slot stays the
 * same, so that a request that did arrive makes the second one a conflict and not a second booking.
 */
import { CalcomError, isAmbiguous } from './errors.ts';
import { backOff, DEFAULT_RETRIES, type RetryOptions, retrying } from './retry.ts';
import { type BookingAnswer, bookingAnswer, bookingsAnswer, slotsAnswer } from './schemas.ts';
import type { CalcomTransport } from './transport.ts';

/** Versions of the two groups of endpoints, from their pages in the API reference. */
const SLOTS_VERSION = '2024-09-04';
const BOOKINGS_VERSION = '2024-08-13';
/** Name of the metadata that finds a booking again; at most 40 characters. */
const INCIDENT = 'logveilIncident';
const PAGE = 100;
const MOST_PAGES = 10;

/** Milliseconds since 1970; the end is exclusive. */
export interface Slot {
  readonly startMs: number;
  readonly endMs: number;
}

export interface BookingRequest {
  readonly incident: string;
  readonly eventTypeId: number;
  readonly startMs: number;
  readonly attendee: { readonly name: string; readonly email: string; readonly timeZone: string };
  readonly notes: string;
  /** Beside the incident's id; keys of at most 40 characters, texts of at most 500. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Booking extends Slot {
  readonly uid: string;
  /** Whether the host still has to confirm it. */
  readonly isPending: boolean;
}

export interface ClientOptions {
  readonly transport: CalcomTransport;
  readonly key: string;
  readonly retries?: RetryOptions;
  readonly signal?: AbortSignal | undefined;
}

export class CalcomClient {
  readonly #transport: CalcomTransport;
  readonly #key: string;
  readonly #retries: RetryOptions;
  readonly #signal: AbortSignal | undefined;

  constructor({ transport, key, retries = DEFAULT_RETRIES, signal }: ClientOptions) {
    this.#transport = transport;
    this.#key = key;
    this.#retries = { ...retries, signal };
    this.#signal = signal;
  }

  /**
   * Free slots of an event type, the earliest first: GET /v2/slots,
   * https://cal.com/docs/api-reference/v2/slots/get-available-time-slots-for-an-event-type
   * @throws CalcomError, BreakerOpenError, RateLimitedError
   */
  async slots(eventTypeId: number, fromMs: number, untilMs: number): Promise<Slot[]> {
    const { data } = await retrying(
      () =>
        this.#transport.send({
          key: this.#key,
          method: 'GET',
          path: '/v2/slots',
          version: SLOTS_VERSION,
          query: {
            eventTypeId: String(eventTypeId),
            start: toIso(fromMs),
            end: toIso(untilMs),
            timeZone: 'UTC',
            format: 'range',
          },
          answer: slotsAnswer,
          signal: this.#signal,
        }),
      this.#retries,
    );
    return Object.values(data)
      .flat()
      .map(({ start, end }) => ({ startMs: start, endMs: end }))
      .filter(({ startMs, endMs }) => startMs >= fromMs && startMs < endMs)
      .toSorted((a, b) => a.startMs - b.startMs);
  }

  /**
   * Books a slot, or finds the booking of the same incident that is there already: POST /v2/bookings,
   * https://cal.com/docs/api-reference/v2/bookings/create-a-booking
   * @throws CalcomError `conflict` when somebody else has the slot, and others; BreakerOpenError, RateLimitedError
   */
  async book(request: BookingRequest): Promise<Booking> {
    const earlier = await this.findBooking(request.incident, request.eventTypeId);
    if (earlier !== undefined) return earlier;
    for (let attempt = 1, mayBeThere = false; ; attempt++) {
      try {
        return await this.#post(request);
      } catch (error) {
        mayBeThere ||= isAmbiguous(error);
        const isOurs = error instanceof CalcomError && error.kind === 'conflict' && mayBeThere;
        const isWorthIt =
          isAmbiguous(error) || (error instanceof CalcomError && error.kind === 'rate-limited');
        if (!isOurs && !isWorthIt) throw error;
        if (isWorthIt) await backOff(attempt, this.#retries);
        const found = mayBeThere ? await this.findBooking(request.incident, request.eventTypeId) : undefined;
        if (found !== undefined) return found;
        if (isOurs || attempt >= this.#retries.attempts) throw error;
      }
    }
  }

  /**
   * The upcoming booking of an incident, confirmed or not: GET /v2/bookings,
   * https://cal.com/docs/api-reference/v2/bookings/get-all-bookings
   * @throws CalcomError, BreakerOpenError, RateLimitedError
   */
  async findBooking(incident: string, eventTypeId: number): Promise<Booking | undefined> {
    for (let page = 0; page < MOST_PAGES; page++) {
      const { data, pagination } = await retrying(
        () =>
          this.#transport.send({
            key: this.#key,
            method: 'GET',
            path: '/v2/bookings',
            version: BOOKINGS_VERSION,
            query: {
              status: 'upcoming,unconfirmed',
              eventTypeId: String(eventTypeId),
              sortCreated: 'desc',
              take: String(PAGE),
              skip: String(page * PAGE),
            },
            answer: bookingsAnswer,
            signal: this.#signal,
          }),
        this.#retries,
      );
      const found = data.find(({ metadata }) => metadata?.[INCIDENT] === incident);
      if (found !== undefined) return toBooking(found);
      if (pagination?.hasNextPage !== true || data.length === 0) return undefined;
    }
    return undefined;
  }

  async #post(request: BookingRequest): Promise<Booking> {
    const { incident, eventTypeId, startMs, attendee, notes, metadata } = request;
    const { data } = await this.#transport.send({
      key: this.#key,
      method: 'POST',
      path: '/v2/bookings',
      version: BOOKINGS_VERSION,
      body: {
        eventTypeId,
        start: toIso(startMs),
        attendee,
        metadata: { ...metadata, [INCIDENT]: incident },
        bookingFieldsResponses: { notes },
      },
      answer: bookingAnswer,
      signal: this.#signal,
    });
    return toBooking(Array.isArray(data) ? (data[0] as BookingAnswer) : data);
  }
}

function toBooking({ uid, start, end, status }: BookingAnswer): Booking {
  return { uid, startMs: start, endMs: end, isPending: status === 'pending' };
}

function toIso(instantMs: number): string {
  return new Date(instantMs).toISOString();
}
