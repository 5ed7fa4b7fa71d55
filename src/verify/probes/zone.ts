/** Local time in a zone. From an instant to local time there is always exactly one answer, also when clocks change. */

interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @param zone of the IANA database */
function localTime(instantMs: number, zone: string): LocalTime {
  let format = formats.get(zone);
  if (format === undefined) {
    const two = '2-digit';
    format = new Intl.DateTimeFormat('en-GB', {
      ...{ timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23' },
      ...{ year: 'numeric', month: two, day: two, hour: two, minute: two, second: two },
    });
    formats.set(zone, format);
  }
  const parts: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(instantMs)) parts[type] = Number(value);
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `YYYY-MM-DD-HH-MM`, as in the rate limiter's key. */
export function minuteName(instantMs: number, zone: string): string {
  const { year, month, day, hour, minute } = localTime(instantMs, zone);
  return [String(year), two(month), two(day), two(hour), two(minute)].join('-');
}

/**
 * The instant of a clock reading in a zone, given as if it were UTC. Of a reading that came twice the later instant, of
 * one that was skipped one within an hour.
 */
export function instantOf(asUtcMs: number, zone: string): number {
  if (zone === 'UTC') return asUtcMs;
  const offsetAt = (instantMs: number): number => {
    const { year, month, day, hour, minute, second } = localTime(instantMs, zone);
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instantMs / 1000) * 1000;
  };
  const first = asUtcMs - offsetAt(asUtcMs);
  return asUtcMs - offsetAt(first);
}
