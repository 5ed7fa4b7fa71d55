/** All lanes: which paths are followed, and when their files are looked at. */
import { fstatSync, openSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeIo } from '../errors.ts';
import { type Fingerprinter, readAt } from '../sources/fingerprint.ts';
import type { PathPatterns } from '../sources/pathPatterns.ts';
import {
  isCompressedName,
  isRotationName,
  keyOf,
  realPathOf,
  rotatedFrom,
  statOf,
} from '../sources/rotationNames.ts';
import type { LaneRecord } from '../state/checkpoint.ts';
import { Lane, type LaneHost, type LaneOptions } from './lane.ts';
import { hasGrown, Ledger } from './ledger.ts';
import { Segment } from './segment.ts';
import type { StreamPool } from './streamPool.ts';
import { type FollowerLog, Succession } from './succession.ts';

export interface FollowerOptions extends LaneOptions {
  readonly patterns: PathPatterns;
  /** Where to begin in files that are there when the first run starts. */
  readonly from: 'start' | 'end';
  /** Files of this path are never followed: what we write ourselves. */
  readonly ownFiles: readonly string[];
}

const LF = 0x0a;
/** Times of folders are as fine as the kernel's clock: a change right after a look may show the same. */
const FOLDER_REST_MS = 2_000;
/** A line end before the place from which `--from end` reads is looked for so far back; and a multi-line value's begin. */
const LOOK_BACK_BYTES = 64 * 1024;

export class Follower {
  readonly lanes = new Map<string, Lane>();
  readonly #options: FollowerOptions;
  readonly #host: LaneHost;
  readonly #pool: StreamPool;
  readonly #fingerprinter: Fingerprinter;
  readonly #log: FollowerLog;
  readonly #succession: Succession;
  /** What was said of paths that could not be followed. */
  readonly #told = new Map<string, string>();
  /** Paths that match, as of the last look. */
  #paths: ReadonlySet<string> = new Set();
  /** Made at most once a scan. */
  #basesNow: ReadonlyMap<string, readonly string[]> | undefined;
  #isFirstScan = true;
  #scannedAt = Date.now();
  /** When the folder of a lane had last changed when it was last looked at. */
  readonly #looked = new WeakMap<Lane, number>();

  constructor(
    options: FollowerOptions,
    host: LaneHost,
    pool: StreamPool,
    fingerprinter: Fingerprinter,
    log: FollowerLog,
  ) {
    this.#options = options;
    this.#host = host;
    this.#pool = pool;
    this.#fingerprinter = fingerprinter;
    this.#log = log;
    this.#succession = new Succession({
      fingerprinter,
      log,
      isFollowed: (key) => this.#isFollowed(key),
      isWanted: (path) => this.#isFirstScan && options.from === 'start' && this.#isAskedFor(path),
      tell: (path, message) => this.#tell(path, message),
      now: () => host.now(),
    });
  }

  /** Takes up what an earlier run has left. */
  restore(records: readonly LaneRecord[]): void {
    for (const { path, since, files, known, gone } of records) {
      const lane = this.#addLane(path, since, new Ledger(known, gone));
      lane.awaited = files;
      // Without a file it is removed by the next look, unless there are some that must not be read again.
      lane.isEnded = files.length === 0;
    }
    // Files that are new to this run came while none was running: nothing of them has been seen.
    if (records.length > 0) this.#isFirstScan = false;
  }

  /** Looks at all paths once. @returns whether paths are followed now that were not before */
  async scan(): Promise<boolean> {
    const scannedAt = Date.now();
    const paths = this.#options.patterns.expand();
    this.#paths = new Set(paths);
    this.#basesNow = undefined;
    for (const lane of [...this.lanes.values()]) if (this.#isDue(lane)) await this.look(lane);
    this.#removeIdle();
    const before = this.lanes.size;
    for (const path of paths) await this.#checkPath(path);
    this.#isFirstScan = false;
    this.#scannedAt = scannedAt;
    return this.lanes.size > before;
  }

  /** Looks at a lane's files, whether or not anything seems to have changed. */
  async look(lane: Lane): Promise<void> {
    const modified = folderTime(lane);
    this.#looked.delete(lane);
    try {
      if (await this.#succession.follow(lane)) this.#looked.set(lane, modified);
      this.#told.delete(`${lane.path}\0`);
    } catch (error) {
      // A device that fails is tried again by the next look.
      if (!isOfSystem(error)) throw error;
      this.#tell(
        `${lane.path}\0`,
        `${lane.path}: its files can't be looked at: ${describeIo(error)}; tried again`,
      );
    }
  }

  /** The files of a lane that the output has taken. */
  settled(lane: Lane, segments: readonly Segment[]): void {
    for (const segment of segments) {
      // Its file is done with when the segment is that goes on with it.
      if (segment.isHandedOver) continue;
      const record = segment.record(this.#fingerprinter, segment.readOffset, segment.endLine);
      const stats = segment.stats();
      if (stats === undefined) lane.ledger.noteGone(record);
      else
        lane.ledger.note(record, stats, { path: segment.path, isCompressed: segment.isGzip, kind: 'done' });
      segment.close();
    }
  }

  record(lane: Lane): LaneRecord {
    const { path, since, committed, awaited, ledger } = lane;
    const files = firstOfEach(lane.started).map((segment) => {
      const isCommitted = segment === committed?.segment;
      const { offset, line } = isCommitted
        ? committed
        : { offset: segment.startOffset, line: segment.startLine };
      return segment.record(this.#fingerprinter, offset, line);
    });
    // One of which nothing has been accepted is found again as one that came and went.
    const started = files.filter(
      ({ offset, head, quietUntil = 0 }) => head.length > 0 && (offset > 0 || quietUntil > 0),
    );
    return { path, since, files: [...awaited, ...started], known: ledger.known, gone: ledger.gone };
  }

  close(): void {
    for (const lane of this.lanes.values()) lane.close();
  }

  /** Whether anything can have happened to a lane's files since the last look. */
  #isDue(lane: Lane): boolean {
    const stats = statOf(lane.path);
    const { live } = lane;
    if (live === undefined ? stats !== undefined : stats === undefined || keyOf(stats) !== live.key)
      return true;
    if (lane.awaited.length > 0 || live?.isOpen === false) return true;
    const modified = folderTime(lane);
    if (this.#looked.get(lane) !== modified || modified > Date.now() - FOLDER_REST_MS) return true;
    return lane.ledger.known.some((record) => {
      const now = record.isCompressed ? undefined : statOf(record.path);
      return now !== undefined && hasGrown(record, now);
    });
  }

  /** Lanes that have no file any more; those of a path that was named wait for the next. */
  #removeIdle(): void {
    for (const lane of this.lanes.values()) {
      const isIdle = lane.isEnded && lane.segments.length === 0 && lane.awaited.length === 0;
      if (isIdle && lane.ledger.known.length === 0 && !this.#options.patterns.isNamed(lane.path))
        this.lanes.delete(lane.path);
    }
  }

  #isFollowed(key: string): boolean {
    for (const lane of this.lanes.values()) {
      // Under the inode of one that is closed there are other bytes by now, or another segment goes on with it.
      if (lane.segments.some((one) => one.isOpen && one.key === key)) return true;
    }
    return false;
  }

  #tell(path: string, message: string | undefined): void {
    if (message === undefined) {
      if (this.#told.delete(path)) this.#log.info(`${path}: can be read again`);
      return;
    }
    if (this.#told.get(path) === message) return;
    this.#told.set(path, message);
    this.#log.warn(message);
  }

  /** A path that matches: is it new? */
  async #checkPath(path: string): Promise<void> {
    if (this.lanes.has(path) || this.#options.ownFiles.includes(path) || this.#isRotated(path)) return;
    const base = this.#absentBase(path);
    if (base !== undefined) return this.#beginLane(base);
    const stats = statOf(path);
    // So that files that come and are moved away before anybody looks are known as new.
    if (stats === undefined && !this.#options.patterns.isNamed(path)) return;
    if (stats !== undefined && isCompressedName(path)) {
      this.#tell(path, `${path}: not followed, it is compressed; \`logveil audit\` searches such files`);
      return;
    }
    if (stats !== undefined && this.#isFollowed(keyOf(stats))) return;
    await this.#beginLane(path);
  }

  /** The file that one was rotated from, when that matches too and is not there now: the next one will be. */
  #absentBase(path: string): string | undefined {
    const name = rotatedFrom(basename(path));
    if (name === undefined || this.#options.patterns.isNamed(path)) return undefined;
    return this.#options.patterns.wouldMatch(name) ? join(dirname(path), name) : undefined;
  }

  async #beginLane(path: string): Promise<void> {
    const stats = statOf(path);
    const lane = this.#addLane(path, this.#isFirstScan ? Date.now() : this.#scannedAt);
    this.#succession.begin(lane);
    const isThere = this.#isFirstScan && this.#options.from === 'end';
    if (isThere && stats !== undefined) this.#beginAtEnd(lane);
    await this.look(lane);
    if (stats !== undefined) this.#log.info(`${path}: followed from ${isThere ? 'its end' : 'its start'}`);
  }

  /** It may have got its name since the paths were listed. */
  #isAskedFor(path: string): boolean {
    return this.#paths.has(path) || this.#options.patterns.wouldMatch(basename(path));
  }

  #addLane(path: string, since: number, ledger?: Ledger): Lane {
    const lane = new Lane(path, since, this.#host, this.#options, this.#pool, ledger);
    this.lanes.set(path, lane);
    this.#basesNow = undefined;
    return lane;
  }

  /** Whether a path is the name of a rotated file of another that is followed, which its lane reads. */
  #isRotated(path: string): boolean {
    const real = realPathOf(path);
    const bases = this.#bases().get(dirname(real)) ?? [];
    return bases.some((base) => isRotationName(basename(real), base));
  }

  /** Names of what is followed, by folder. */
  #bases(): ReadonlyMap<string, readonly string[]> {
    if (this.#basesNow !== undefined) return this.#basesNow;
    const bases = new Map<string, string[]>();
    for (const path of new Set([...this.lanes.keys(), ...this.#paths])) {
      const real = realPathOf(path);
      const names = bases.get(dirname(real)) ?? [];
      bases.set(dirname(real), names);
      names.push(basename(real));
    }
    this.#basesNow = bases;
    return bases;
  }

  /**
   * Reading begins some lines before the last that has begun, and these go nowhere: a value of which only the second half
   * was read would not be found, nor the lines of a key whose first line was not seen.
   */
  #beginAtEnd(lane: Lane): void {
    const { path } = lane;
    try {
      const fd = openSync(path, 'r');
      const { dev, ino, size: bigSize } = fstatSync(fd, { bigint: true });
      const size = Number(bigSize);
      const from = Math.max(0, size - LOOK_BACK_BYTES);
      const back = readAt(fd, from, size - from);
      const begin = from === 0 ? 0 : back.indexOf(LF) + 1;
      const segment = new Segment(path, dev, ino, 0, from + begin);
      segment.quietUntil = from + back.lastIndexOf(LF) + 1;
      segment.adopt(path, fd);
      segment.pin();
      lane.enqueue(segment);
    } catch (error) {
      this.#tell(path, `${path}: can't be read: ${describeIo(error)}; tried again`);
    }
  }
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

/** Without segments that only go on where another ended: that one is read on to the file's end. */
function firstOfEach(segments: readonly Segment[]): Segment[] {
  const lineages = new Set<symbol>();
  return segments.filter(({ lineage }) => !lineages.has(lineage) && lineages.add(lineage));
}

function folderTime(lane: Lane): number {
  return statSync(dirname(realPathOf(lane.path)), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
