/** What the options of `logveil audit` mean. */
import type { ListingOptions } from '../audit/listing.ts';
import type { AuditResult } from '../audit/result.ts';
import type { Listing, ScanOptions } from '../audit/scan.ts';
import { parseSize } from '../config/size.ts';
import { UsageError } from '../errors.ts';
import type { Severity } from '../findings/finding.ts';
import type { RuleFlags } from './flags.ts';

type AuditFormat = 'text' | 'summary' | 'jsonl' | 'json' | 'sarif' | 'csv';

export interface AuditFlags extends RuleFlags {
  readonly format: AuditFormat;
  readonly output: string;
  readonly failOn: Severity;
  readonly include?: string[];
  readonly exclude?: string[];
  readonly minSize?: string;
  readonly maxSize?: string;
  readonly newerThan?: string;
  readonly olderThan?: string;
  readonly since?: string;
  readonly until?: string;
  readonly timeBy: 'file' | 'line';
  readonly sample?: string;
  readonly follow?: boolean;
  readonly binary: 'report' | 'skip' | 'search';
  readonly maxExpansion: string;
  readonly serviceField?: string;
  readonly hostField?: string;
  readonly maxLocations: string;
  readonly maxValues: string;
  readonly maxFindings: string;
  readonly sha256?: boolean;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly diff?: string;
  readonly workers?: string;
  readonly resume?: boolean;
  readonly state?: string;
  readonly progress?: boolean;
  readonly queue?: string;
  readonly checkLive?: 'calcom';
  readonly checkLiveMax: string;
  readonly bookReview?: boolean;
}

/** The options as they are meant. */
export interface AuditOptions {
  readonly listing: Omit<ListingOptions, 'isOwn'>;
  readonly scan: ScanOptions;
  readonly scope: AuditResult['scope'];
  readonly maxValues: number;
  readonly maxLocations: number;
  readonly maxFindings: number;
  readonly workers: number | undefined;
}

const DAY_MS = 86_400_000;
const MOST_WORKERS = 256;
/** A baseline must be whole. */
const MOST_BASELINE_VALUES = 2_000_000;

/**
 * @param nowMs ages count from it
 * @throws UsageError
 */
export function auditOptions(paths: readonly string[], flags: AuditFlags, nowMs: number): AuditOptions {
  const { include = [], exclude = [], timeBy, binary } = flags;
  const sinceMs = timeOf(flags.since, '--since', false);
  const untilMs = timeOf(flags.until, '--until', true);
  const newerDays = ageOf(flags.newerThan, '--newer-than');
  const olderDays = ageOf(flags.olderThan, '--older-than');
  const byFile = timeBy === 'file';
  const from = latest(
    byFile ? sinceMs : undefined,
    newerDays === undefined ? undefined : nowMs - newerDays * DAY_MS,
  );
  const to = earliest(
    byFile ? untilMs : undefined,
    olderDays === undefined ? undefined : nowMs - olderDays * DAY_MS,
  );
  const minSize = sizeOf(flags.minSize, '--min-size');
  const maxSize = sizeOf(flags.maxSize, '--max-size');
  const sample = numberOf(flags.sample ?? '1', '--sample', 0, 1, false);
  const maxExpansion = numberOf(flags.maxExpansion, '--max-expansion', 1, 1e9, false);
  const maxLocations = numberOf(flags.maxLocations, '--max-locations', 0, 1_000_000);
  const asked = numberOf(flags.maxValues, '--max-values', 0, 10_000_000);
  const maxValues = flags.writeBaseline === undefined ? asked : Math.max(asked, MOST_BASELINE_VALUES);
  const fields = {
    ...(flags.serviceField !== undefined && { serviceField: flags.serviceField }),
    ...(flags.hostField !== undefined && { hostField: flags.hostField }),
  };
  return {
    listing: {
      paths,
      include,
      exclude,
      sample,
      follows: flags.follow === true,
      ...(minSize !== undefined && { minSize }),
      ...(maxSize !== undefined && { maxSize }),
      ...(from !== undefined && { changedFromMs: from }),
      ...(to !== undefined && { changedUntilMs: to }),
    },
    scan: {
      listing: listingOf(flags.format),
      showsLines: flags.format === 'text',
      binary,
      maxExpansion,
      maxLocations,
      hashesFiles: flags.sha256 === true,
      ...(flags.format === 'sarif' && { tellsColumns: true }),
      ...(!byFile && sinceMs !== undefined && { sinceMs }),
      ...(!byFile && untilMs !== undefined && { untilMs }),
      ...fields,
    },
    scope: {
      paths: [...paths],
      include,
      exclude,
      ...(minSize !== undefined && { minSize }),
      ...(maxSize !== undefined && { maxSize }),
      ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
      ...(untilMs !== undefined && { until: new Date(untilMs).toISOString() }),
      timeBy,
      ...(newerDays !== undefined && { newerThanDays: newerDays }),
      ...(olderDays !== undefined && { olderThanDays: olderDays }),
      sample,
      binary,
      maxExpansion,
      maxLocations,
      maxValues,
      ...fields,
    },
    maxValues,
    maxLocations,
    maxFindings: numberOf(flags.maxFindings, '--max-findings', 0, Number.MAX_SAFE_INTEGER),
    workers: flags.workers === undefined ? undefined : numberOf(flags.workers, '--workers', 1, MOST_WORKERS),
  };
}

function listingOf(format: AuditFormat): Listing {
  return format === 'jsonl' || format === 'csv' ? format : 'none';
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.max(one, other);
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

/** @throws UsageError */
export function numberOf(text: string, flag: string, least: number, most: number, isWhole = true): number {
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (!(number >= least && number <= most) || (isWhole && !Number.isInteger(number))) {
    throw new UsageError(
      `${flag}: expected ${isWhole ? 'a whole number' : 'a number'} from ${least} to ${most}`,
    );
  }
  return number;
}

function sizeOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined)
    throw new UsageError(`${flag}: expected a size such as \`1048576\`, \`64KiB\` or \`1MiB\``);
  return bytes;
}

const UNIT_DAYS: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7, y: 365 };

/** @returns days */
function ageOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([hdwy])$/.exec(text.trim()) ?? [];
  const days = UNIT_DAYS[unit];
  if (digits === undefined || days === undefined)
    throw new UsageError(`${flag}: expected an age such as \`30d\`, \`12h\`, \`2w\` or \`1y\``);
  return Number(digits) * days;
}

const DAY = /^\d{4}-\d\d-\d\d$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?$/;

/** @returns milliseconds since 1970; of a day its begin, or its end; times without a zone are UTC */
function timeOf(text: string | undefined, flag: string, isEnd: boolean): number | undefined {
  if (text === undefined) return undefined;
  const isDay = DAY.test(text);
  const hasZone = /(?:Z|[+-]\d\d:\d\d)$/.test(text.slice(10));
  const timeMs = isDay || TIME.test(text) ? Date.parse(isDay || hasZone ? text : `${text}Z`) : Number.NaN;
  if (Number.isNaN(timeMs)) {
    throw new UsageError(
      `${flag}: expected a day such as \`2026-01-31\`, or a time such as \`2026-01-31T12:00Z\``,
    );
  }
  return isDay && isEnd ? timeMs + DAY_MS : timeMs;
}
