/** What was looked at and what was not, file by file. Bounded: entries beyond the limit are counted. */
import { type Coverage, FILE_STATES, type FileEntry, type FileState } from './result.ts';

/** Entries kept: of files with gaps, and of all others. */
const MOST_ENTRIES = 10_000;
const MOST_REASONS = 200;

type StateCounts = Record<FileState | 'found', number>;

export interface CoverageState {
  readonly files: StateCounts;
  readonly members: StateCounts;
  readonly bytes: Coverage['bytes'];
  readonly lines: number;
  readonly reasons: readonly (readonly [string, { files: number; bytes: number }])[];
  readonly gaps: readonly FileEntry[];
  readonly others: readonly FileEntry[];
  readonly notListed: number;
}

function noCounts(): StateCounts {
  return Object.fromEntries(['found', ...FILE_STATES].map((state) => [state, 0])) as StateCounts;
}

export class CoverageTally {
  readonly files: StateCounts;
  readonly #members: StateCounts;
  readonly bytes: { -readonly [Name in keyof Coverage['bytes']]: number };
  lines: number;
  readonly #reasons: Map<string, { files: number; bytes: number }>;
  readonly #gaps: FileEntry[];
  readonly #others: FileEntry[];
  #notListed: number;
  readonly #binary: 'report' | 'skip' | 'search';

  constructor(binary: 'report' | 'skip' | 'search', state?: CoverageState) {
    this.#binary = binary;
    this.files = { ...(state?.files ?? noCounts()) };
    this.#members = { ...(state?.members ?? noCounts()) };
    this.bytes = { ...(state?.bytes ?? { found: 0, read: 0, searched: 0, gap: 0, filtered: 0 }) };
    this.lines = state?.lines ?? 0;
    this.#reasons = new Map(state?.reasons);
    this.#gaps = [...(state?.gaps ?? [])];
    this.#others = [...(state?.others ?? [])];
    this.#notListed = state?.notListed ?? 0;
  }

  /** Whether a file in this state should have been examined and was not, or not to its end. */
  isGap(state: FileState): boolean {
    if (state === 'binary') return this.#binary !== 'skip';
    return state === 'partly' || state === 'unreadable' || state === 'encoding';
  }

  /** @param bytesRead as stored */
  addFile(entry: FileEntry, bytesRead: number): void {
    this.files.found++;
    this.files[entry.state]++;
    this.bytes.found += entry.size;
    this.bytes.read += bytesRead;
    this.bytes.searched += entry.bytes;
    this.lines += entry.lines;
    if (this.isGap(entry.state))
      this.bytes.gap += Math.max(0, entry.size - (entry.state === 'partly' ? bytesRead : 0));
    if (entry.state === 'filtered') this.bytes.filtered += entry.size;
    this.#list(entry);
  }

  /** A member's bytes are told with its archive. */
  addMember(entry: FileEntry): void {
    this.#members.found++;
    this.#members[entry.state]++;
    this.lines += entry.lines;
    this.#list(entry);
  }

  get isComplete(): boolean {
    const has = (counts: StateCounts): boolean =>
      FILE_STATES.some((state) => counts[state] > 0 && this.isGap(state));
    return !has(this.files) && !has(this.#members);
  }

  result(sampledShare: number): Coverage {
    const reasons = [...this.#reasons].map(([name, counts]) => {
      const [state = '', reason = ''] = name.split('\0');
      return { state: state as FileState, reason, ...counts };
    });
    return {
      files: this.files,
      members: this.#members,
      bytes: this.bytes,
      lines: this.lines,
      sampledShare,
      complete: this.isComplete,
      reasons: reasons.sort((a, b) => b.files - a.files || (a.reason < b.reason ? -1 : 1)),
      entries: [...this.#gaps, ...this.#others],
      entriesNotListed: this.#notListed,
    };
  }

  get state(): CoverageState {
    return {
      files: this.files,
      members: this.#members,
      bytes: this.bytes,
      lines: this.lines,
      reasons: [...this.#reasons],
      gaps: this.#gaps,
      others: this.#others,
      notListed: this.#notListed,
    };
  }

  #list(entry: FileEntry): void {
    if (entry.reason !== undefined) {
      const name = `${entry.state}\0${entry.reason}`;
      const known = this.#reasons.get(name);
      const key =
        known !== undefined || this.#reasons.size < MOST_REASONS ? name : `${entry.state}\0other reasons`;
      const counts = this.#reasons.get(key) ?? { files: 0, bytes: 0 };
      counts.files++;
      counts.bytes += entry.size;
      this.#reasons.set(key, counts);
    }
    const entries = this.isGap(entry.state) ? this.#gaps : this.#others;
    if (entries.length < MOST_ENTRIES) entries.push(entry);
    else this.#notListed++;
  }
}
