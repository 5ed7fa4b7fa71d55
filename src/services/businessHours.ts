/**
 * Business hours: whether it is open, when it opens next, and where so many minutes in a row fit.
 *
 * The clock on the wall decides. It is open whenever the zone's clock shows a time within the hours, the end exclusive:
 * times that a change to summer time leaves out do not happen (hours of 02:30-10:00 begin at 03:00 that night), times
 * that the change back repeats count both times. Lengths are minutes that pass, not differences of what clocks show.
 * Hours over midnight belong to the day on which they begin: a holiday closes those that begin on it, and leaves the rest
 * of the hours of the evening before.
 */
import { type BusinessHoursConfig, type OpenHours, WEEKDAYS } from '../config/businessHours.ts';
import { ZoneOffsets } from './zoneOffsets.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** How far is looked ahead: a year of holidays is a mistake in the configuration. */
const HORIZON_MS = 400 * DAY_MS;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 3;

/** Open without a break, in milliseconds since 1970; the end is exclusive. */
export interface OpenTime {
  readonly startMs: number;
  readonly endMs: number;
}

/** Loads what knows time zones, some 20 ms, when it is needed. */
export async function openBusinessHours(config: BusinessHoursConfig): Promise<BusinessHours> {
  const { Temporal } = await import('temporal-polyfill');
  return new BusinessHours(config, new ZoneOffsets(config.zone, Temporal));
}

export class BusinessHours {
  readonly #hours: readonly OpenHours[];
  readonly #days: ReadonlySet<number>;
  /** Hours of days that differ, by days since 1970. */
  readonly #exceptions: ReadonlyMap<number, readonly OpenHours[]>;
  readonly #offsets: ZoneOffsets;

  constructor(config: BusinessHoursConfig, offsets: ZoneOffsets) {
    this.#hours = inOrder(config.hours);
    this.#days = new Set(config.days.map((day) => WEEKDAYS.indexOf(day)));
    this.#exceptions = new Map<number, readonly OpenHours[]>([
      ...config.holidays.map((date): [number, OpenHours[]] => [dayNumber(date), []]),
      ...config.exceptions.map(({ date, hours = [] }): [number, OpenHours[]] => [
        dayNumber(date),
        inOrder(hours),
      ]),
    ]);
    this.#offsets = offsets;
  }

  /** @param instantMs milliseconds since 1970, as everywhere here */
  isOpen(instantMs: number): boolean {
    const shown = instantMs + this.#offsets.at(instantMs).offsetMs;
    const today = Math.floor(shown / DAY_MS);
    return [today - 1, today].some((day) => {
      const minute = (shown - day * DAY_MS) / MINUTE_MS;
      return this.#hoursOf(day).some(({ from, to }) => from <= minute && minute < to);
    });
  }

  /** @returns the first instant from this one on at which it is open; undefined when there is none within 400 days */
  nextOpening(instantMs: number): number | undefined {
    for (const { startMs } of this.#openTimes(instantMs)) return startMs;
    return undefined;
  }

  /**
   * @param minutes that have to pass without a break, more than 0
   * @returns the first instant from this one on at which so many minutes begin; undefined as above
   */
  nextSlot(instantMs: number, minutes: number): number | undefined {
    for (const { startMs, endMs } of this.#openTimes(instantMs)) {
      if (endMs - startMs >= minutes * MINUTE_MS) return startMs;
    }
    return undefined;
  }

  /** The calendar day in the zone, `2026-12-24`. */
  dayOf(instantMs: number): string {
    return new Date(instantMs + this.#offsets.at(instantMs).offsetMs).toISOString().slice(0, 10);
  }

  /** What is open from an instant on, in order; what follows each other without a break is one. */
  *#openTimes(fromMs: number): Generator<OpenTime> {
    let open: OpenTime | undefined;
    for (const next of this.#pieces(fromMs, fromMs + HORIZON_MS)) {
      if (open !== undefined && next.startMs > open.endMs) {
        yield open;
        open = undefined;
      }
      open = { startMs: open?.startMs ?? next.startMs, endMs: Math.max(open?.endMs ?? 0, next.endMs) };
    }
    if (open !== undefined) yield open;
  }

  /** The same in pieces that may touch and overlap: the hours of each day within each stretch of one offset. */
  *#pieces(fromMs: number, untilMs: number): Generator<OpenTime> {
    for (let startMs = fromMs; startMs < untilMs; ) {
      const stretch = this.#offsets.at(startMs);
      const endMs = Math.min(stretch.endMs, untilMs);
      const { offsetMs } = stretch;
      const lastDay = Math.floor((endMs - 1 + offsetMs) / DAY_MS);
      for (let day = Math.floor((startMs + offsetMs) / DAY_MS) - 1; day <= lastDay; day++) {
        for (const { from, to } of this.#hoursOf(day)) {
          const opens = Math.max(startMs, day * DAY_MS + from * MINUTE_MS - offsetMs);
          const closes = Math.min(endMs, day * DAY_MS + to * MINUTE_MS - offsetMs);
          if (opens < closes) yield { startMs: opens, endMs: closes };
        }
      }
      startMs = endMs;
    }
  }

  /** @param day days since 1970 */
  #hoursOf(day: number): readonly OpenHours[] {
    const other = this.#exceptions.get(day);
    if (other !== undefined) return other;
    return this.#days.has((((day + FIRST_WEEKDAY) % 7) + 7) % 7) ? this.#hours : [];
  }
}

function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

function inOrder(hours: readonly OpenHours[]): OpenHours[] {
  return hours.toSorted((a, b) => a.from - b.from);
}
