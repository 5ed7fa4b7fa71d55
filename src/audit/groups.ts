/** Counts of one way to group findings: by rule, by service, and so on. Bounded: names beyond the limit share one group. */
import { DistinctCounter, type DistinctState } from '../findings/distinct.ts';
import { SEVERITIES, type Severity } from '../findings/finding.ts';
import type { DistinctValues, Group } from './result.ts';

/** Exact up to some 1000 values, within about 1.6 % beyond: some 100 KB a group at most. */
export const GROUP_DISTINCT = { exactLimit: 1024, registerBits: 12 } as const;
/** Of names that did not fit. */
export const OTHER = '(other)';

/** Findings of each severity. */
export type SeverityCounts = Record<Severity, number>;

export function noSeverities(): SeverityCounts {
  return { low: 0, medium: 0, high: 0, critical: 0 };
}

export function distinctValues(counter: DistinctCounter): DistinctValues {
  return { ...counter.count(), error: Number(counter.error.toFixed(4)) };
}

interface GroupCounts {
  findings: number;
  files: number;
  /** Number of the last file that counted. */
  lastFile: number;
  readonly bySeverity: SeverityCounts;
  readonly distinct: DistinctCounter;
}

/** What a group is kept as between runs. */
export type GroupsState = readonly (readonly [
  name: string,
  findings: number,
  files: number,
  lastFile: number,
  bySeverity: SeverityCounts,
  distinct: DistinctState,
])[];

export class Groups {
  readonly #groups = new Map<string, GroupCounts>();
  readonly #limit: number;

  constructor(limit: number, state: GroupsState = []) {
    this.#limit = limit;
    for (const [name, findings, files, lastFile, bySeverity, distinct] of state) {
      const counter = new DistinctCounter(GROUP_DISTINCT, distinct);
      this.#groups.set(name, { findings, files, lastFile, bySeverity: { ...bySeverity }, distinct: counter });
    }
  }

  /**
   * @param file number of the file, to count each once
   * @param fingerprint undefined when the value has counted in this group before
   */
  add(
    name: string,
    severity: Severity,
    findings: number,
    file: number,
    fingerprint: string | undefined,
  ): void {
    const group = this.#group(name);
    group.findings += findings;
    group.bySeverity[severity] += findings;
    if (group.lastFile !== file) group.files++;
    group.lastFile = file;
    if (fingerprint !== undefined) group.distinct.add(fingerprint);
  }

  /** Most findings first, then by name. */
  result(): Group[] {
    return [...this.#groups]
      .map(([name, { findings, files, bySeverity, distinct }]) => ({
        name,
        findings,
        distinct: distinctValues(distinct),
        files,
        bySeverity,
      }))
      .sort((a, b) => b.findings - a.findings || (a.name < b.name ? -1 : 1));
  }

  get state(): GroupsState {
    return [...this.#groups].map(([name, { findings, files, lastFile, bySeverity, distinct }]) => [
      name,
      findings,
      files,
      lastFile,
      bySeverity,
      distinct.state,
    ]);
  }

  #group(name: string): GroupCounts {
    const known = this.#groups.get(name);
    if (known !== undefined) return known;
    if (this.#groups.size >= this.#limit && name !== OTHER) return this.#group(OTHER);
    const group = {
      findings: 0,
      files: 0,
      lastFile: -1,
      bySeverity: noSeverities(),
      distinct: new DistinctCounter(GROUP_DISTINCT),
    };
    this.#groups.set(name, group);
    return group;
  }
}

/** Severities from the most severe down. */
export const SEVEREST_FIRST: readonly Severity[] = [...SEVERITIES].reverse();
