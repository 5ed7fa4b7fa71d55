/**
 * The nouns of searching a part of an audit: what is asked of a worker, be it a thread of this process or a process on
 * another machine, and what it answers. All of it can be sent as JSON; none of it holds a value.
 */
import type { Category, Severity } from '../findings/finding.ts';
import type { FileState } from './result.ts';
import type { TextPlace } from './textColumns.ts';

/** What of a rule the audit tells. The place in the list of rules stands for it. */
export interface RuleFacts {
  readonly id: string;
  readonly pack: string;
  readonly entity: string;
  readonly category: Category;
  readonly gdpr: readonly string[];
  readonly severity: Severity;
  readonly confidence: number;
  readonly validators: readonly string[];
}

/** What findings are told as, one by one. */
export type Listing = 'jsonl' | 'csv' | 'none';

/** How parts are searched; the same for all of an audit. */
export interface ScanOptions {
  readonly listing: Listing;
  /** Whether lines are shown around findings, with every value masked. */
  readonly showsLines: boolean;
  readonly binary: 'report' | 'skip' | 'search';
  /** How many times larger than its compressed form data may be, once it is larger than {@link FREE_EXPANSION}. */
  readonly maxExpansion: number;
  readonly hashesFiles: boolean;
  /** Findings in lines outside of these are left out, in milliseconds since 1970; lines without a time are not. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** Names of fields that tell the service and the host. */
  readonly serviceField?: string;
  readonly hostField?: string;
  /** Places of one value that a part tells. */
  readonly maxLocations: number;
  /** Whether places are told with columns of text as well. */
  readonly tellsColumns?: boolean;
}

/** Below this, decompressed, no expansion is too much, in bytes. */
export const FREE_EXPANSION = 1024 ** 3;

/** A file, or a range of one, to be searched. */
export interface Part {
  /** To open. */
  readonly path: string;
  /** As findings name it. */
  readonly source: string;
  readonly service: string;
  readonly size: number;
  readonly modifiedMs: number;
  /** Absent for a whole file, of whatever kind. */
  readonly range?: Range;
}

/** Lines that begin in [start, end), and what belongs to them. */
interface Range {
  readonly start: number;
  readonly end: number;
  /** Whether a line is known to begin at `start`; otherwise the first one behind it is looked for. */
  readonly isExact: boolean;
}

export interface PartAnomalies {
  readonly linesWithheld: number;
  readonly longLines: number;
  readonly blocksWithoutEnd: number;
  readonly matchesInKeys: number;
}

/** What became of a part, beside its records. */
export interface PartResult {
  readonly state: FileState;
  readonly reason?: string;
  readonly format?: string;
  /** Where the search began: the first line's begin. */
  readonly start: number;
  /** Where it ended, at a line's begin with nothing left over; the next range goes on there. */
  readonly end: number;
  /** Of the source; in an archive of none. */
  readonly lines: number;
  /** As stored. */
  readonly bytesRead: number;
  /** Decompressed. */
  readonly bytesSearched: number;
  readonly findings: number;
  readonly anomalies: PartAnomalies;
  readonly sha256?: string;
  /** Code of the first error of the engine, for the log; never a scanned byte. */
  readonly engineFailure?: string;
}

/** A member of an archive that was come to. */
export interface MemberFacts {
  readonly source: string;
  readonly state: FileState;
  readonly reason?: string;
  readonly format?: string;
  readonly service: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly bytesSearched: number;
  readonly lines: number;
  readonly findings: number;
}

/** Place of a finding: line (from the part's first line, which counts 0), column, offset, length, day, and as text. */
type PlaceFacts = readonly [
  line: number,
  column: number,
  offset: number,
  length: number,
  day: string,
  text?: TextPlace,
];

/** Findings of one rule, service, host and value. */
export interface CellFacts {
  readonly rule: number;
  readonly service: string;
  readonly host: string;
  readonly fingerprint: string;
  findings: number;
  confidenceSum: number;
  confidenceMin: number;
  confidenceMax: number;
  firstDay: string;
  lastDay: string;
  readonly places: PlaceFacts[];
}

/** A line around a finding, values masked. */
export interface ExampleFacts {
  readonly rule: number;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** Totals over findings of one source, told now and then. */
export interface Partial {
  readonly source: string;
  readonly cells: readonly CellFacts[];
  /** Findings by rule and day. */
  readonly days: readonly (readonly [rule: number, day: string, findings: number])[];
  /** By rule: findings in each of ten bins of confidence. */
  readonly confidence: readonly (readonly [rule: number, bins: readonly number[]])[];
  readonly dated: { readonly line: number; readonly file: number; readonly none: number };
  readonly left: { readonly suppressed: number; readonly baseline: number; readonly outsideTime: number };
  readonly examples: readonly ExampleFacts[];
}

/** A finding without a day, and the bins of confidence. */
export const NO_DAY = '';
export const CONFIDENCE_BINS = 10;

/** Takes what a part tells, in the order of its bytes. */
export interface RecordSink {
  /**
   * A finding as it is to be written.
   * @param lineAt where its line number is to be put in, in bytes
   * @param line from the part's first line, which counts 0
   */
  finding(text: string, lineAt: number, line: number): void;
  partial(partial: Partial): void;
  member(member: MemberFacts): void;
}
