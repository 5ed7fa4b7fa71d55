/**
 * Business hours against an oracle that knows only what Intl says a clock shows, and looks at each minute: around every
 * change of the clocks of a year in zones that change in different ways, and on days drawn at random.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BusinessHoursConfig, businessHoursSchema } from '../../src/config/businessHours.ts';
import { type BusinessHours, openBusinessHours } from '../../src/services/businessHours.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 2026;

/** By an hour, by half an hour, never, no more, the other way round in Ramadan, over midnight, far east and west. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Africa/Cairo',
  'America/Santiago',
  'Asia/Kathmandu',
  'Pacific/Kiritimati',
  'Atlantic/Azores',
];

/** Hours that meet the changes: at night, over midnight, all day, several. */
const HOURS: readonly Partial<Record<keyof BusinessHoursConfig, unknown>>[] = [
  {},
  { hours: '01:30-02:30', days: ['sun', 'mon', 'thu', 'fri', 'sat'] },
  { hours: ['00:00-01:15', '01:45-03:10', '23:30-24:00'], days: ['sat', 'sun', 'fri'] },
  {
    hours: '22:00-02:15',
    days: ['sat', 'sun', 'thu'],
    exceptions: [{ date: `${YEAR}-03-29`, closed: true }],
  },
  { hours: '00:00-24:00', days: ['sat', 'sun'], holidays: [`${YEAR}-10-25`] },
  { hours: '23:45-00:15', exceptions: [{ date: `${YEAR}-11-01`, hours: '00:30-02:00' }] },
];

interface Shown {
  readonly day: string;
  readonly weekday: string;
  readonly minute: number;
}

/** What a clock on the wall shows, by Intl. */
class Wall {
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  }

  shows(at: number): Shown {
    const parts = Object.fromEntries(this.#format.formatToParts(at).map(({ type, value }) => [type, value]));
    return {
      day: `${parts.year}-${parts.month}-${parts.day}`,
      weekday: (parts.weekday as string).toLowerCase(),
      minute: Number(parts.hour) * 60 + Number(parts.minute),
    };
  }

  /** Minutes at which the clock jumps, in a year: found by looking, not by knowing the rules. */
  changes(): number[] {
    const found: number[] = [];
    const jump = (at: number, step: number): boolean => {
      const passed =
        Date.UTC(0, 0, 0, 0, this.shows(at + step).minute) - Date.UTC(0, 0, 0, 0, this.shows(at).minute);
      return (passed - step) % DAY !== 0;
    };
    for (let hour = Date.UTC(YEAR, 0, 1); hour < Date.UTC(YEAR + 1, 0, 1); hour += 6 * HOUR) {
      if (!jump(hour, 6 * HOUR)) continue;
      for (let at = hour; at < hour + 6 * HOUR; at += MINUTE) if (jump(at, MINUTE)) found.push(at + MINUTE);
    }
    return found;
  }
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - DAY).toISOString().slice(0, 10);
}

/** Whether it is open, straight from the words of the documentation. */
function isOpen(config: BusinessHoursConfig, { day, weekday, minute }: Shown): boolean {
  const before = dayBefore(day);
  const weekdayBefore = new Date(before).toUTCString().slice(0, 3).toLowerCase();
  return (
    [
      [day, weekday, minute],
      [before, weekdayBefore, minute + 24 * 60],
    ] as const
  ).some(([date, name, at]) => {
    const exception = config.exceptions.find((one) => one.date === date);
    const usual = config.days.includes(name as never) && !config.holidays.includes(date) ? config.hours : [];
    const hours = exception === undefined ? usual : (exception.hours ?? []);
    return hours.some(({ from, to }) => from <= at && at < to);
  });
}

/** Compares each minute of a stretch, from its end to its begin, so that what comes next is known. */
function compare(
  config: BusinessHoursConfig,
  wall: Wall,
  hours: BusinessHours,
  from: number,
  to: number,
): void {
  const minutes = Math.round((to - from) / MINUTE);
  const open = Array.from({ length: minutes }, (_, index) =>
    isOpen(config, wall.shows(from + index * MINUTE)),
  );
  let next: number | undefined;
  let run = 0;
  for (let index = minutes - 1; index >= 0; index--) {
    const at = from + index * MINUTE;
    run = open[index] ? run + 1 : 0;
    if (open[index]) next = at;
    const message = `${config.zone} ${new Date(at).toISOString()}`;
    expect(hours.isOpen(at), message).toBe(open[index]);
    // Between minutes nothing changes.
    expect(hours.isOpen(at + MINUTE - 1), message).toBe(open[index]);
    if (index % 7 !== 0) continue;
    if (next !== undefined) expect(hours.nextOpening(at), message).toBe(next);
    if (run > 0 && index + run < minutes) {
      expect(hours.nextSlot(at, run), message).toBe(at);
      expect(hours.nextSlot(at, run + 1), message).not.toBe(at);
    }
  }
}

describe.each(ZONES)('business hours in %s', (zone) => {
  const wall = new Wall(zone);
  const changes = wall.changes();

  it.each(HOURS)('agree with the clock on the wall around each change: %j', async (settings) => {
    const config = businessHoursSchema.parse({ zone, ...settings });
    const hours = await openBusinessHours(config);
    for (const change of changes) compare(config, wall, hours, change - 8 * HOUR, change + 8 * HOUR);
    const sunday = Date.UTC(YEAR, 2, 28, 20);
    compare(config, wall, hours, sunday, sunday + 12 * HOUR);
  });

  it('agree on days drawn at random, whatever the hours', async () => {
    const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
    const time = (at: number): string =>
      `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    const span = fc.tuple(minute, minute).filter(([from, to]) => from !== to);
    const days = fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(span, { minLength: 1, maxLength: 3 }),
        days,
        fc.integer({ min: 0, max: 364 }),
        async (spans, weekdays, dayOfYear) => {
          const config = businessHoursSchema.parse({
            zone,
            hours: spans.map(([from, to]) => `${time(from)}-${time(to)}`),
            days: weekdays,
          });
          const at = Date.UTC(YEAR, 0, 1) + dayOfYear * DAY;
          compare(config, wall, await openBusinessHours(config), at, at + 3 * HOUR);
        },
      ),
      { numRuns: 6 },
    );
  });
});

describe('business hours', () => {
  const at = (text: string): number => Date.parse(text);
  const open = (settings: object = {}): Promise<BusinessHours> =>
    openBusinessHours(businessHoursSchema.parse({ zone: 'Europe/Berlin', ...settings }));

  it('are 08:00 to 20:00 by default, the end exclusive', async () => {
    const hours = await open();
    expect(hours.isOpen(at('2026-11-23T07:59:59.999+01:00'))).toBe(false);
    expect(hours.isOpen(at('2026-11-23T08:00+01:00'))).toBe(true);
    expect(hours.isOpen(at('2026-11-23T19:59:59.999+01:00'))).toBe(true);
    expect(hours.isOpen(at('2026-11-23T20:00+01:00'))).toBe(false);
    expect(hours.nextOpening(at('2026-11-20T20:00+01:00'))).toBe(at('2026-11-23T08:00+01:00'));
    expect(hours.nextOpening(at('2026-11-23T10:00+01:00'))).toBe(at('2026-11-23T10:00+01:00'));
  });

  it('begin behind a gap that leaves their begin out', async () => {
    const hours = await open({ hours: '02:30-10:00', days: ['sun'] });
    // On 29 March 2026 the clock goes from 02:00 to 03:00.
    expect(hours.nextOpening(at('2026-03-28T12:00Z'))).toBe(at('2026-03-29T03:00+02:00'));
  });

  it('count both times that the clock shows', async () => {
    const hours = await open({ hours: '02:00-02:30', days: ['sun'] });
    // On 25 October 2026 the clock goes from 03:00 back to 02:00.
    expect(hours.nextOpening(at('2026-10-25T02:00+02:00'))).toBe(at('2026-10-25T02:00+02:00'));
    expect(hours.nextOpening(at('2026-10-25T02:30+02:00'))).toBe(at('2026-10-25T02:00+01:00'));
    expect(hours.nextOpening(at('2026-10-25T02:30+01:00'))).toBe(at('2026-11-01T02:00+01:00'));
  });

  it('are as long as time passes: a night of 23 hours holds no 24', async () => {
    const hours = await open({ hours: '00:00-24:00', days: ['sun'] });
    expect(hours.nextSlot(at('2026-03-28T23:00Z'), 23 * 60)).toBe(at('2026-03-29T00:00+01:00'));
    expect(hours.nextSlot(at('2026-03-28T23:00Z'), 24 * 60)).toBe(at('2026-04-05T00:00+02:00'));
    expect(hours.nextSlot(at('2026-10-24T22:00Z'), 25 * 60)).toBe(at('2026-10-25T00:00+02:00'));
  });

  it('go over midnight without a break, also into a holiday', async () => {
    const hours = await open({ hours: '20:00-04:00', days: ['thu', 'fri'], holidays: ['2026-12-25'] });
    expect(hours.isOpen(at('2026-12-25T03:59+01:00'))).toBe(true);
    expect(hours.isOpen(at('2026-12-25T20:00+01:00'))).toBe(false);
    expect(hours.nextSlot(at('2026-12-24T21:00+01:00'), 7 * 60)).toBe(at('2026-12-24T21:00+01:00'));
    expect(hours.nextSlot(at('2026-12-24T21:01+01:00'), 7 * 60)).toBe(at('2026-12-31T20:00+01:00'));
  });

  it('find nothing where nothing is open', async () => {
    const closed = await open({
      days: ['sun'],
      holidays: Array.from({ length: 60 }, (_, week) =>
        new Date(at('2026-11-22') + week * 7 * DAY).toISOString().slice(0, 10),
      ),
    });
    expect(closed.nextOpening(at('2026-11-22T00:00Z'))).toBeUndefined();
    expect((await open()).nextSlot(at('2026-11-22T00:00Z'), 12 * 60 + 1)).toBeUndefined();
  });

  it.each([
    [{ hours: '8:00-20:00' }, /expected hours such as/],
    [{ hours: '08:00-08:00' }, /another time than the begin/],
    [{ hours: '08:00-24:30' }, /expected hours/],
    [{ zone: 'Europe/Bärlin' }, /time zone of the IANA list/],
    [{ zone: '+01:00' }, /time zone of the IANA list/],
    [{ days: [] }, /./],
    [{ holidays: ['2026-02-30'] }, /./],
    [{ exceptions: [{ date: '2026-12-24' }] }, /either `hours` or `closed/],
    [{ exceptions: [{ date: '2026-12-24', closed: true, hours: '08:00-12:00' }] }, /either/],
    [
      {
        exceptions: [
          { date: '2026-12-24', closed: true },
          { date: '2026-12-24', hours: '08:00-12:00' },
        ],
      },
      /each day once/,
    ],
  ])('refuse %j', (settings, message) => {
    const parsed = businessHoursSchema.safeParse(settings);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.issues.map((issue) => issue.message).join()).toMatch(message);
  });
});
