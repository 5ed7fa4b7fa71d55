/** How far a file has come whose ranges are searched apart, and what they told together. */
import { isTime } from '../../audit/lineTime.ts';
import type { FileEntry, FileState } from '../../audit/result.ts';
import type { PartAnomalies, PartResult } from '../../audit/scan.ts';

/** Of one file; a plain object, so that it can be kept between runs. */
export interface FileProgress {
  /** Where the next range must go on; undefined when a gap hides it. */
  position: number | undefined;
  /** Ranges dealt with. */
  ranges: number;
  lines: number;
  bytesRead: number;
  bytesSearched: number;
  findings: number;
  gap: string | undefined;
  format: string | undefined;
  state: FileState;
  sha256: string | undefined;
}

export function beginFile(): FileProgress {
  return {
    position: 0,
    ranges: 0,
    lines: 0,
    bytesRead: 0,
    bytesSearched: 0,
    findings: 0,
    gap: undefined,
    format: undefined,
    state: 'examined',
    sha256: undefined,
  };
}

/** Adds what a part told. */
export function addPart(file: FileProgress, result: PartResult): void {
  file.ranges++;
  file.lines += result.lines;
  file.bytesRead += result.bytesRead;
  file.bytesSearched += result.bytesSearched;
  file.findings += result.findings;
  file.position = result.end;
  file.format = result.format;
  file.sha256 = result.sha256;
  if (result.state === 'examined') return;
  file.gap ??= result.reason ?? 'unknown';
  // A range that can't be read leaves the others.
  file.state = file.bytesSearched > 0 || file.ranges > 1 ? 'partly' : result.state;
  file.position = undefined;
}

/** @param startedMs when the audit began */
export function toEntry(
  file: FileProgress,
  listed: {
    readonly path: string;
    readonly size: number;
    readonly modifiedMs: number;
    readonly service: string;
  },
  startedMs: number,
): FileEntry {
  const { state, gap, format, bytesSearched, lines, findings, sha256 } = file;
  return {
    path: listed.path,
    state,
    ...(gap !== undefined && { reason: gap }),
    size: listed.size,
    ...timesOf(listed.modifiedMs, startedMs),
    ...(format !== undefined && { format }),
    bytes: bytesSearched,
    lines,
    findings,
    service: listed.service,
    ...(sha256 !== undefined && { sha256 }),
  };
}

const DAY_MS = 86_400_000;

export function timesOf(
  modifiedMs: number,
  startedMs: number,
): { readonly modified?: string; readonly ageDays?: number } {
  if (!isTime(modifiedMs)) return {};
  return {
    modified: new Date(modifiedMs).toISOString(),
    ageDays: Math.floor((startedMs - modifiedMs) / DAY_MS),
  };
}

export function addAnomalies(
  to: { -readonly [Name in keyof PartAnomalies]: number },
  from: PartAnomalies,
): void {
  to.linesWithheld += from.linesWithheld;
  to.longLines += from.longLines;
  to.blocksWithoutEnd += from.blocksWithoutEnd;
  to.matchesInKeys += from.matchesInKeys;
}
