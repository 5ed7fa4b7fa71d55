/**
 * What the clocks of a time zone show, as stretches of time with one offset from UTC each. Between two stretches the
 * clock jumps: forwards over times that no clock shows (a gap), or back to times that it shows twice (an overlap).
 */
import type { Temporal } from 'temporal-polyfill';

export interface Stretch {
  /** Milliseconds since 1970; the end is exclusive, and Infinity where no further change is known. */
  readonly startMs: number;
  readonly endMs: number;
  /** Clock on the wall minus UTC, in milliseconds. */
  readonly offsetMs: number;
}

const NANOSECONDS_PER_MS = 1e6;
/** A process that runs for years must not keep them all. */
const MOST_KNOWN = 64;

export class ZoneOffsets {
  readonly #zone: string;
  readonly #temporal: typeof Temporal;
  #known: Stretch[] = [];

  /** @param zone of the IANA list */
  constructor(zone: string, temporal: typeof Temporal) {
    this.#zone = zone;
    this.#temporal = temporal;
  }

  /** The stretch an instant lies in. */
  at(instantMs: number): Stretch {
    const known = this.#known.find(({ startMs, endMs }) => startMs <= instantMs && instantMs < endMs);
    if (known !== undefined) return known;
    const zoned = this.#temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(this.#zone);
    const stretch: Stretch = {
      startMs: this.#changeBefore(zoned),
      endMs: zoned.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
      offsetMs: zoned.offsetNanoseconds / NANOSECONDS_PER_MS,
    };
    this.#known = [...this.#known.slice(1 - MOST_KNOWN), stretch];
    return stretch;
  }

  /** The last change at or before the instant. */
  #changeBefore(zoned: Temporal.ZonedDateTime): number {
    // `previous` is strictly before: one nanosecond later, a change at this very instant is too.
    const change = zoned.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    return change?.epochMilliseconds ?? Number.NEGATIVE_INFINITY;
  }
}
