/**
 * The course of an audit: gives the parts of its files to those who search, and puts together what they tell in the order
 * of the files, so that results are the same however many search, and in whatever order they are done.
 *
 * Ranges of a file are searched as if each began a file. Where a value of several lines goes on from one into the next,
 * the next is searched again from where the first has ended; else its results hold, because nothing of what stands before
 * bears on it.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Aggregate } from '../../audit/aggregate.ts';
import type { CoverageTally } from '../../audit/coverageTally.ts';
import type { Listed } from '../../audit/listing.ts';
import { RecordReader, type RecordTaker } from '../../audit/records.ts';
import type { FileEntry } from '../../audit/result.ts';
import type { MemberFacts, Part, Partial, PartResult, ScanOptions } from '../../audit/scan.ts';
import { serviceOf } from '../../audit/serviceName.ts';
import { HEAD_BYTES, recognise } from '../../sources/archive/recognise.ts';
import type { Executor, Searched } from './executor.ts';
import { addAnomalies, addPart, beginFile, type FileProgress, timesOf, toEntry } from './fileProgress.ts';
import type { FindingsOutput } from './findingsOutput.ts';
import { dropSpooled, spooledBytes } from './spool.ts';

/** Files larger than this are searched in ranges of this length, in bytes. */
export const RANGE_BYTES = 8 * 1024 * 1024;
/** Files without work that may wait behind one that is searched. */
const MOST_WAITING = 10_000;

/** How far an audit has come; a plain object, so that it can be kept between runs. */
export interface Position {
  /** Place in the list of files. */
  index: number;
  /** Of a file in work. */
  file: FileProgress | undefined;
  /** Files and members that were come to. */
  sources: number;
  lastSource: string;
}

export interface AuditRunOptions {
  readonly files: readonly Listed[];
  readonly executor: Executor;
  /** Searches what can only be read here and once: standard input, pipes. */
  readonly searchStream: (part: Part) => Promise<Searched>;
  readonly scan: ScanOptions;
  readonly startedMs: number;
  readonly rangeBytes: number;
  readonly aggregate: Aggregate;
  readonly coverage: CoverageTally;
  readonly anomalies: {
    linesWithheld: number;
    longLines: number;
    blocksWithoutEnd: number;
    matchesInKeys: number;
  };
  readonly output: FindingsOutput | undefined;
  readonly position: Position;
  readonly stop: AbortSignal;
  /** Told of each file that was dealt with. */
  readonly onFile: (entry: FileEntry) => void;
  readonly onEngineFailure: (name: string) => void;
  /** Called between parts, when all that is told so far is written. */
  readonly onPart: () => Promise<void>;
}

/** A file, or a part of one, that is waited for. */
interface Waiting {
  readonly index: number;
  readonly listed: Listed;
  readonly part: Part | undefined;
  readonly isLast: boolean;
  readonly searched: Promise<Searched> | undefined;
}

export class AuditRun {
  readonly #options: AuditRunOptions;

  constructor(options: AuditRunOptions) {
    this.#options = options;
  }

  /**
   * @returns whether it came to its end; false when it was stopped
   * @throws LogveilError when the search or the output fails
   */
  async run(): Promise<boolean> {
    const { executor, stop } = this.#options;
    const parts = this.#parts();
    const waiting: Waiting[] = [];
    let inWork = 0;
    try {
      for (;;) {
        while (inWork < executor.window && waiting.length < MOST_WAITING && !stop.aborted) {
          const { value } = parts.next();
          if (value === undefined) break;
          const searched = this.#start(value);
          // It is waited for in its turn; until then nobody has heard of its failure.
          searched?.catch(() => {});
          if (searched !== undefined) inWork++;
          waiting.push({ ...value, searched });
        }
        const next = waiting.shift();
        if (next === undefined) return !stop.aborted;
        if (stop.aborted) {
          waiting.unshift(next);
          return false;
        }
        if (next.searched !== undefined) inWork--;
        await this.#merge(next);
        await this.#options.onPart();
      }
    } finally {
      for (const { searched } of waiting) {
        searched?.then(({ records }) => dropSpooled(records)).catch(() => {});
      }
    }
  }

  /** The parts that are left, in order. */
  *#parts(): Generator<Omit<Waiting, 'searched'>> {
    const { files, position, rangeBytes } = this.#options;
    // As it is now: it moves on while parts are given out.
    const { index: first, file } = position;
    const from = file?.ranges ?? 0;
    for (let index = first; index < files.length; index++) {
      const listed = files[index] as Listed;
      if (listed.kind !== 'file' && listed.kind !== 'stream') {
        yield { index, listed, part: undefined, isLast: true };
        continue;
      }
      const part = toPart(listed);
      if (!this.#isRanged(listed)) {
        yield { index, listed, part, isLast: true };
        continue;
      }
      const count = Math.ceil(listed.size / rangeBytes);
      for (let range = index === first ? from : 0; range < count; range++) {
        const start = range * rangeBytes;
        const isLast = range === count - 1;
        // The last one goes to the end, wherever that is by then.
        const end = isLast ? Number.MAX_SAFE_INTEGER : start + rangeBytes;
        yield { index, listed, part: { ...part, range: { start, end, isExact: start === 0 } }, isLast };
      }
    }
  }

  #isRanged(listed: Listed): boolean {
    const { scan, rangeBytes } = this.#options;
    if (listed.kind !== 'file' || listed.size <= rangeBytes || scan.hashesFiles) return false;
    const head = headOf(listed.path);
    if (head === undefined) return false;
    const { kind } = recognise(head);
    return kind === 'text' || (kind === 'binary' && scan.binary === 'search');
  }

  #start(value: Omit<Waiting, 'searched'>): Promise<Searched> | undefined {
    if (value.part === undefined) return undefined;
    const { executor, searchStream } = this.#options;
    return value.listed.kind === 'stream' ? searchStream(value.part) : executor.run(value.part);
  }

  async #merge({ index, listed, part, isLast, searched }: Waiting): Promise<void> {
    const { position, coverage, onFile, startedMs } = this.#options;
    position.index = index;
    if (part === undefined || searched === undefined) {
      const entry = leftEntry(listed, startedMs);
      coverage.addFile(entry, 0);
      onFile(entry);
      position.index = index + 1;
      return;
    }
    position.file ??= beginFile();
    const { file } = position;
    await this.#mergePart(file, part, await searched);
    if (!isLast) return;
    if (part.range !== undefined && file.state === 'examined' && file.bytesRead < listed.size) {
      file.state = 'partly';
      file.gap = 'it has become shorter while it was read';
    }
    const entry = toEntry(file, { ...listed, path: part.source, service: part.service }, startedMs);
    coverage.addFile(listed.kind === 'stream' ? { ...entry, size: file.bytesRead } : entry, file.bytesRead);
    onFile(entry);
    position.index = index + 1;
    position.file = undefined;
  }

  async #mergePart(file: FileProgress, part: Part, first: Searched): Promise<void> {
    const { range } = part;
    const { position } = file;
    if (range !== undefined && position !== undefined && range.start > 0) {
      if (position >= range.end) {
        // A line, or a value of many lines, fills all of it.
        dropSpooled(first.records);
        file.ranges++;
        return;
      }
      if (first.result.start !== position) {
        dropSpooled(first.records);
        const again = { ...part, range: { start: position, end: range.end, isExact: true } };
        const second = await this.#options.executor.run(again);
        await this.#take(file, second);
        return;
      }
    }
    await this.#take(file, first);
  }

  async #take(file: FileProgress, { result, records }: Searched): Promise<void> {
    const { output, anomalies, onEngineFailure } = this.#options;
    const reader = new RecordReader(this.#taker(file.lines));
    for (const bytes of spooledBytes(records)) {
      reader.take(bytes);
      if (output?.isFull) await output.flush();
    }
    await output?.flush();
    addPart(file, result satisfies PartResult);
    addAnomalies(anomalies, result.anomalies);
    if (result.engineFailure !== undefined) onEngineFailure(result.engineFailure);
  }

  /** @param baseLine lines of the file before the part */
  #taker(baseLine: number): RecordTaker {
    const { output, aggregate, coverage, startedMs, position } = this.#options;
    const numberOf = (source: string): number => {
      if (source !== position.lastSource) {
        position.lastSource = source;
        position.sources++;
      }
      return position.sources;
    };
    return {
      finding: (text, lineAt, line) => output?.finding(text, lineAt, baseLine + line + 1),
      partial: (partial: Partial) => aggregate.add(partial, baseLine, numberOf(partial.source)),
      member: (member: MemberFacts) => coverage.addMember(memberEntry(member, startedMs)),
    };
  }
}

function toPart(listed: Listed): Part {
  const { path, root, size, modifiedMs } = listed;
  const source = path === '-' ? 'stdin' : path;
  const service = path === '-' ? 'stdin' : serviceOf(path, root);
  return { path, source, service, size, modifiedMs };
}

function leftEntry(listed: Listed, startedMs: number): FileEntry {
  const { path, kind, reason, size, modifiedMs, root } = listed;
  return {
    path,
    state: kind === 'file' || kind === 'stream' ? 'examined' : kind,
    ...(reason !== undefined && { reason }),
    size,
    ...timesOf(modifiedMs, startedMs),
    bytes: 0,
    lines: 0,
    findings: 0,
    service: serviceOf(path, root),
  };
}

function memberEntry(member: MemberFacts, startedMs: number): FileEntry {
  const { source, state, reason, format, service, size, modifiedMs, bytesSearched, lines, findings } = member;
  return {
    path: source,
    state,
    ...(reason !== undefined && { reason }),
    size,
    ...timesOf(modifiedMs, startedMs),
    ...(format !== undefined && { format }),
    bytes: bytesSearched,
    lines,
    findings,
    service,
  };
}

/** The first bytes; undefined when the file can't be read, which whoever searches it will tell. */
function headOf(path: string): Buffer | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const head = Buffer.alloc(HEAD_BYTES);
      return head.subarray(0, readSync(fd, head, 0, head.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
