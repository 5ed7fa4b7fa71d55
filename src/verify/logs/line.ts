/**
 * What a log line tells of itself: when it was written and how grave it is. Known are Laravel and Monolog (text and
 * JSON), JSON of pino, bunyan and winston, logfmt, access logs, nginx, syslog priorities, and a level in capitals near the
 * line's begin.
 */
import { lineTime, TIME_PREFIX_BYTES } from '../../audit/lineTime.ts';
import { instantOf } from '../probes/zone.ts';

type Gravity = 'fatal' | 'error' | 'warning' | 'other';

export interface LineFacts {
  readonly gravity: Gravity;
  /** Milliseconds since 1970; undefined where the line does not tell, as those of a stack trace. */
  readonly timeMs: number | undefined;
}

/** Levels of RFC 5424 and of the usual libraries, lower case. */
const GRAVITIES: Readonly<Record<string, Gravity>> = {
  ...{ emergency: 'fatal', emerg: 'fatal', alert: 'fatal', critical: 'fatal', crit: 'fatal' },
  ...{ fatal: 'fatal', panic: 'fatal', error: 'error', err: 'error', severe: 'error' },
  ...{ warning: 'warning', warn: 'warning' },
};

/** What runtimes write when they give up; at a line's begin, or behind the mark of one. */
const DEATHS = [
  /^(?:.{0,80}?\bPHP )?Fatal error: /,
  /\bAllowed memory size of \d+ bytes exhausted\b/,
  /\bJavaScript heap out of memory\b/,
  /^panic: /,
  /^Traceback \(most recent call last\):/,
  /\bOut of memory: Killed process \d+/,
  /^(?:.{0,80}? )?Segmentation fault\b/,
  /^java\.lang\.OutOfMemoryError\b/,
];
/** Of these the gravity is no more than that of an error. */
const TRACEBACK = /^Traceback /;

/** `[2025-10-01 12:00:00] production.ERROR: ...` */
const LARAVEL = /^\[[^\]]{8,40}\] [\w-]{1,40}\.([A-Z]{3,9})[: ]/;
/** `level=error` */
const LOGFMT = /(?:^|\s)(?:level|lvl|severity)="?([A-Za-z]{3,9})\b/;
/** `[error]`, `<ERROR>`, ` ERROR `, `ERROR:` */
const BARE =
  /(?:^|[\s[<|(])(EMERG(?:ENCY)?|ALERT|CRIT(?:ICAL)?|FATAL|PANIC|SEVERE|ERR(?:OR)?|WARN(?:ING)?)(?=[\s\]>|):]|$)/;
const BRACKETED = /\[(?:[\w-]{1,20}:)?(emerg|alert|crit|error|warn)\]/;
/** The gravity stands near the begin; further on it is what somebody wrote. */
const LEVEL_PREFIX = 120;
/** `"GET / HTTP/1.1" 500 ` */
const ACCESS = /" ([1-5]\d\d) (?:\d+|-)(?: |$)/;
const SYSLOG_PRIORITY = /^<(\d{1,3})>/;
/** Beyond a line is not parsed as JSON but looked at by its begin. */
const MOST_JSON = 256 * 1024;

const ZONED = /\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d)/;
const CLOCK = /\d\d:\d\d/;

/**
 * @param line without its line end
 * @param writtenMs when the file was last changed
 * @param zone of times that name none
 */
export function lineFacts(line: string, writtenMs: number, zone: string): LineFacts {
  if (line.startsWith('{') && line.length <= MOST_JSON) {
    const record = parsed(line);
    if (record !== undefined) return jsonFacts(record, writtenMs, zone);
  }
  return { gravity: textGravity(line), timeMs: textTime(line, writtenMs, zone) };
}

function textTime(line: string, writtenMs: number, zone: string): number | undefined {
  const prefix = line.slice(0, TIME_PREFIX_BYTES);
  const timeMs = lineTime(prefix, writtenMs);
  if (timeMs === undefined || zone === 'UTC') return timeMs;
  // Seconds since 1970 have no zone; a clock without an offset is read in the one that is configured.
  return ZONED.test(prefix) || !CLOCK.test(prefix) ? timeMs : instantOf(timeMs, zone);
}

function textGravity(line: string): Gravity {
  const head = line.slice(0, LEVEL_PREFIX);
  const named = LARAVEL.exec(line)?.[1] ?? LOGFMT.exec(line.slice(0, TIME_PREFIX_BYTES))?.[1];
  const level = named ?? BRACKETED.exec(head)?.[1] ?? BARE.exec(head)?.[1];
  const byLevel = level === undefined ? undefined : GRAVITIES[level.toLowerCase()];
  if (byLevel === 'fatal') return 'fatal';
  if (DEATHS.some((death) => death.test(line))) return TRACEBACK.test(line) ? 'error' : 'fatal';
  if (byLevel !== undefined) return byLevel;
  const status = ACCESS.exec(line)?.[1];
  if (status !== undefined) return status.startsWith('5') ? 'error' : 'other';
  return syslogGravity(line);
}

/** RFC 5424, 6.2.1: the severity is the priority modulo 8; 0 to 2 are fatal, 3 an error, 4 a warning. */
function syslogGravity(line: string): Gravity {
  const priority = SYSLOG_PRIORITY.exec(line)?.[1];
  if (priority === undefined) return 'other';
  const severity = Number(priority) % 8;
  if (severity <= 2) return 'fatal';
  return severity === 3 ? 'error' : severity === 4 ? 'warning' : 'other';
}

type JsonRecord = Readonly<Record<string, unknown>>;

function parsed(line: string): JsonRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonRecord)
      : undefined;
  } catch {
    return undefined;
  }
}

const LEVEL_KEYS = ['level_name', 'level', 'severity', 'levelname', 'lvl', 'log.level', '@level'];
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', 'datetime', 'date', 'asctime'];
const STATUS_KEYS = ['status', 'statusCode', 'status_code', 'http_status'];

function jsonFacts(record: JsonRecord, writtenMs: number, zone: string): LineFacts {
  const nested = record.log ?? record.res ?? record.response;
  const inner = typeof nested === 'object' && nested !== null ? (nested as JsonRecord) : {};
  const gravity =
    first(record, LEVEL_KEYS, levelGravity) ?? first(inner, LEVEL_KEYS, levelGravity) ?? 'other';
  const isFailure =
    gravity === 'other' &&
    (first(record, STATUS_KEYS, isServerError) ?? first(inner, STATUS_KEYS, isServerError)) === true;
  const death = ['message', 'msg'].some((key) => {
    const value = record[key];
    return typeof value === 'string' && DEATHS.some((one) => one.test(value)) && !TRACEBACK.test(value);
  });
  return {
    gravity: death ? 'fatal' : isFailure ? 'error' : gravity,
    timeMs: first(record, TIME_KEYS, (value) => jsonTime(value, writtenMs, zone)),
  };
}

function first<T>(
  record: JsonRecord,
  keys: readonly string[],
  read: (value: unknown) => T | undefined,
): T | undefined {
  for (const key of keys) {
    const found = Object.hasOwn(record, key) ? read(record[key]) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function levelGravity(value: unknown): Gravity | undefined {
  if (typeof value === 'string') return GRAVITIES[value.toLowerCase()] ?? 'other';
  if (typeof value !== 'number') return undefined;
  // Monolog counts in hundreds (error 400, critical 500), pino and bunyan in tens (error 50, fatal 60).
  const [fatal, error, warning] = value >= 100 ? [500, 400, 300] : [60, 50, 40];
  return value >= fatal ? 'fatal' : value >= error ? 'error' : value >= warning ? 'warning' : 'other';
}

function isServerError(value: unknown): boolean | undefined {
  const status = Number(value);
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status >= 500 : undefined;
}

function jsonTime(value: unknown, writtenMs: number, zone: string): number | undefined {
  if (typeof value === 'number') return value > 1e14 ? value / 1e6 : value > 1e11 ? value : value * 1000;
  if (typeof value === 'string') {
    return /^\d{10}(?:\.\d+)?$/.test(value) ? Number(value) * 1000 : textTime(value, writtenMs, zone);
  }
  // Monolog 1 writes PHP's own form of a date.
  if (typeof value !== 'object' || value === null) return undefined;
  const { date, timezone } = value as JsonRecord;
  return typeof date === 'string' ? textTime(date, writtenMs, timezone === 'UTC' ? 'UTC' : zone) : undefined;
}
