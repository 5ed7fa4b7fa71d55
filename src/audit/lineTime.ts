/**
 * The time a log line was written, as its beginning tells it. What logs write: ISO 8601 and RFC 3339, the common log
 * format, the BSD syslog format (RFC 3164, without a year), asctime, and seconds or milliseconds since 1970.
 * A date without a time of day is none: it may be anybody's birthday.
 */

/** So much of a line's beginning is looked at, in bytes. */
export const TIME_PREFIX_BYTES = 256;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(${MONTHS.join('|')})`;
const CLOCK = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?`;
const ZONE = String.raw`\s?(Z|[+-]\d\d:?\d\d)?`;

const ISO = new RegExp(String.raw`(?<!\d)(\d{4})[-/.](\d\d)[-/.](\d\d)[T _]${CLOCK}${ZONE}`);
const COMMON = new RegExp(String.raw`(?<!\d)(\d\d)/${MONTH}/(\d{4})[: ]${CLOCK}${ZONE}`, 'i');
const ASCTIME = new RegExp(String.raw`\b${MONTH} {1,2}(\d{1,2}) ${CLOCK} (\d{4})(?!\d)`, 'i');
const SYSLOG = new RegExp(String.raw`^(?:<\d{1,3}>)?${MONTH} {1,2}(\d{1,2}) ${CLOCK}`, 'i');
const EPOCH =
  /(?:^|["'](?:time|timestamp|ts|@timestamp|epoch|instant)["']\s*:\s*["']?|\bts=)(\d{10}(?:\.\d{1,9})?|\d{13})(?!\d)/;

const SECOND_MS = 1000;
const DAY_MS = 86_400 * SECOND_MS;
/** Seconds since 1970 with eleven digits begin in the year 5138. */
const FIRST_MILLISECONDS = 100_000_000_000;

/**
 * @param prefix the line's first {@link TIME_PREFIX_BYTES} bytes
 * @param writtenMs when the file was last changed: a line without a year is not younger
 * @returns milliseconds since 1970, times without a zone taken for UTC; undefined when the line does not tell
 */
export function lineTime(prefix: string, writtenMs: number): number | undefined {
  const iso = ISO.exec(prefix);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, fraction, zone] = iso;
    return time(Number(year), Number(month) - 1, Number(day), [hour, minute, second, fraction], zone);
  }
  const common = COMMON.exec(prefix);
  if (common !== null) {
    const [, day, month = '', year, hour, minute, second, fraction, zone] = common;
    return time(Number(year), monthOf(month), Number(day), [hour, minute, second, fraction], zone);
  }
  const asctime = ASCTIME.exec(prefix);
  if (asctime !== null) {
    const [, month = '', day, hour, minute, second, fraction, year] = asctime;
    return time(Number(year), monthOf(month), Number(day), [hour, minute, second, fraction], undefined);
  }
  const syslog = SYSLOG.exec(prefix);
  if (syslog !== null) {
    const [, month = '', day, hour, minute, second, fraction] = syslog;
    const clock = [hour, minute, second, fraction];
    const year = new Date(writtenMs).getUTCFullYear();
    const inYear = time(year, monthOf(month), Number(day), clock, undefined);
    if (inYear === undefined || inYear <= writtenMs + DAY_MS) return inYear;
    return time(year - 1, monthOf(month), Number(day), clock, undefined);
  }
  const epoch = Number(EPOCH.exec(prefix)?.[1] ?? Number.NaN);
  if (Number.isNaN(epoch)) return undefined;
  return epoch < FIRST_MILLISECONDS ? epoch * SECOND_MS : epoch;
}

/** Digits in a row that may be seconds since 1970. */
const EPOCH_DIGITS = 10;
const COLON = 0x3a;

/** Whether {@link lineTime} could find a time: each of its forms has hours and minutes, or ten digits in a row. */
export function mayTellTime(prefix: Buffer): boolean {
  let digits = 0;
  for (let at = 0; at < prefix.length; at++) {
    const byte = prefix[at] as number;
    if (isDigit(byte)) {
      if (++digits === EPOCH_DIGITS) return true;
      continue;
    }
    if (byte === COLON && digits >= 2 && isDigit(prefix[at + 1]) && isDigit(prefix[at + 2])) return true;
    digits = 0;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Whether the line begins as BSD syslog does; then a host's name follows the time. */
const SYSLOG_HOST = new RegExp(
  String.raw`^(?:<\d{1,3}>)?(?:${MONTH} {1,2}\d{1,2} \d\d:\d\d:\d\d|1 \d{4}-\d\d-\d\dT\S+) (\S{1,255}) \S`,
  'i',
);

/** The host that a syslog line (RFC 3164, RFC 5424) names. */
export function syslogHost(prefix: string): { readonly name: string; readonly at: number } | undefined {
  const match = SYSLOG_HOST.exec(prefix);
  const name = match?.[2];
  if (match === null || name === undefined) return undefined;
  return { name, at: match[0].length - 2 - name.length };
}

/** The year 10000 begins: later days are none, whatever an archive says. */
const FIRST_UNTOLD_MS = Date.UTC(10_000, 0, 1);

/** Whether a file's time is one; archives hold what they like. */
export function isTime(timeMs: number): boolean {
  return timeMs > 0 && timeMs < FIRST_UNTOLD_MS;
}

/** `YYYY-MM-DD`, UTC. */
export function dayOf(timeMs: number): string {
  // Days repeat; making a date costs more than finding it again.
  const number = Math.floor(timeMs / DAY_MS);
  if (number !== lastNumber) {
    lastNumber = number;
    lastDay = new Date(number * DAY_MS).toISOString().slice(0, 10);
  }
  return lastDay;
}
let lastNumber = Number.NaN;
let lastDay = '';

function monthOf(name: string): number {
  return MONTHS.indexOf(name.toLowerCase());
}

/** @param clock hour, minute, second, fraction, as digits */
function time(
  year: number,
  month: number,
  day: number,
  clock: readonly (string | undefined)[],
  zone: string | undefined,
): number | undefined {
  const [hour = 0, minute = 0, second = 0] = clock.map((digits) => Number(digits ?? 0));
  if (month < 0 || month > 11 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
    return undefined;
  if (year < 1970 || year > 2200) return undefined;
  const fraction = Number(`0.${clock[3] ?? 0}`);
  const local = Date.UTC(year, month, day, hour, minute, second) + Math.floor(fraction * SECOND_MS);
  return local - zoneMs(zone);
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone[0] === '-' ? -minutes : minutes) * 60 * SECOND_MS;
}
