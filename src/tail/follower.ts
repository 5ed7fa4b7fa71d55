/**
 * Keeps the lanes in step with the file system: new files, files that were moved away, truncated, deleted or put back,
 * and those that came and went in between. Reads nothing itself.
 */
import { type BigIntStats, closeSync, openSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeIo } from '../errors.ts';
import { type Fingerprinter, HEAD_BYTES, readAt } from '../sources/fingerprint.ts';
import type { PathPatterns } from '../sources/pathPatterns.ts';
import {
  isCompressedName,
  isRotationName,
  keyOf,
  realPathOf,
  rotationSiblings,
  type Sibling,
  statOf,
} from '../sources/rotationNames.ts';
import type { FileRecord, LaneRecord } from '../state/checkpoint.ts';
import { Lane, type LaneHost, type LaneOptions } from './lane.ts';
import {
  beginsWith,
  type Content,
  goOnInCopy,
  gzipReader,
  heldBy,
  isBeingMade,
  isCopyOf,
  locate,
  lookAround,
  missedFiles,
  seenContents,
  seenOf,
} from './rotation.ts';
import { Segment } from './segment.ts';
import type { StreamPool } from './streamPool.ts';

export interface FollowerOptions extends LaneOptions {
  readonly patterns: PathPatterns;
  /** Where to begin in files that are there when the first run starts. */
  readonly from: 'start' | 'end';
  /** Files of this path are never followed: what we write ourselves. */
  readonly ownFiles: readonly string[];
}

/** What people should know; never a byte of a log. */
export interface FollowerLog {
  info(message: string): void;
  warn(message: string): void;
}

/** A file that is read, and might still grow though its path leads elsewhere. */
interface Done {
  readonly lane: Lane;
  readonly record: FileRecord;
}

/** How often, and after which growing pause, a file is looked for that is just being moved. */
const ATTEMPTS = 5;
const PAUSE_MS = 20;
const MOST_RECENT = 100;
const LF = 0x0a;
const MS_IN_NS = 1_000_000n;
/** Times of folders are as fine as the kernel's clock: a change right after a look may show the same. */
const FOLDER_REST_MS = 2_000;
const HOUR_NS = 3_600_000n * MS_IN_NS;
/** A line end before the place from which `--from end` reads is looked for so far back; and a multi-line value's begin. */
const LOOK_BACK_BYTES = 64 * 1024;

export class Follower {
  readonly lanes = new Map<string, Lane>();
  readonly #options: FollowerOptions;
  readonly #host: LaneHost;
  readonly #pool: StreamPool;
  readonly #fingerprinter: Fingerprinter;
  readonly #log: FollowerLog;
  /** By `device:inode`. */
  readonly #done = new Map<string, Done>();
  /** What files held that were done with and are gone. */
  readonly #recent: Content[] = [];
  /** Paths that could not be followed, and what was said of them. */
  readonly #told = new Map<string, string>();
  #isFirstScan = true;
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
  }

  /** Takes up what an earlier run has left. */
  async restore(records: readonly LaneRecord[]): Promise<void> {
    for (const record of records) await this.#restoreLane(record);
    // Files that are new to this run came while none was running: nothing of them has been seen.
    if (records.length > 0) this.#isFirstScan = false;
  }

  /** Looks at all paths once. */
  async scan(): Promise<void> {
    const paths = this.#options.patterns.expand();
    for (const lane of [...this.lanes.values()]) await this.#checkLane(lane);
    this.#lookForLateGrowth();
    this.#removeIdle();
    for (const path of paths) await this.#checkPath(path);
    this.#isFirstScan = false;
  }

  /** The files of a lane that the output has taken. */
  settled(lane: Lane, segments: readonly Segment[]): void {
    for (const segment of segments) {
      for (const [key, of] of lane.compressed) if (of === segment) lane.compressed.delete(key);
      if (!segment.isOpen) continue;
      const record = segment.record(this.#fingerprinter, segment.readOffset, segment.endLine);
      segment.close();
      this.#done.set(segment.key, { lane, record });
    }
  }

  /** A file was truncated or written anew under its inode: what was not read of it may be in a copy. */
  async replaced(lane: Lane, segment: Segment): Promise<void> {
    const { path, dev, ino, generation, modified } = segment;
    const wasLive = !segment.isFinal;
    const siblings = rotationSiblings(lane.path);
    await this.#goOnElsewhere(lane, segment);
    this.#finalize(segment);
    if (!wasLive) return;
    const next = new Segment(path, dev, ino, generation + 1);
    const isOpen = this.#open(next);
    // The next rotation may have begun: what it copies is read from its place.
    const others = isOpen ? this.#withoutCopies(siblings, next) : siblings;
    await this.#enqueueMissed(lane, others, modified - HOUR_NS);
    if (isOpen) lane.enqueue(next);
  }

  /** Nothing of the file at the path was read yet: is there one that comes before it? */
  async beforeFirstRead(lane: Lane): Promise<void> {
    this.#looked.delete(lane);
    await this.#checkLane(lane);
  }

  /** Goes on in the copy that holds what was not read, if there is one. */
  async #goOnElsewhere(lane: Lane, segment: Segment): Promise<void> {
    const { path } = segment;
    const unread = segment.size - segment.readOffset;
    const siblings = rotationSiblings(lane.path);
    const copy = await goOnInCopy(segment, siblings, (sibling) => this.#isKnownFile(sibling));
    if (copy !== undefined) return;
    segment.close();
    if (unread > 0)
      this.#log.warn(`${path}: truncated with ${unread} bytes unread, and no copy of them was found`);
  }

  record(lane: Lane): LaneRecord {
    const files = [...lane.unsettled, ...lane.queue];
    const { committed } = lane;
    const at = committed === undefined ? -1 : files.indexOf(committed.segment);
    const unread = new Set(
      files.filter((segment) => segment !== committed?.segment && segment.startOffset === 0),
    );
    return {
      path: lane.path,
      since: lane.since,
      files: files.slice(Math.max(0, at)).map((segment) => {
        const isCommitted = segment === committed?.segment;
        const { offset, line } = isCommitted
          ? committed
          : { offset: segment.startOffset, line: segment.startLine };
        return segment.record(this.#fingerprinter, offset, line);
      }),
      done: [...this.#done.values()].filter((done) => done.lane === lane).map(({ record }) => record),
      // A compressed file of which nothing has been accepted must be found again.
      seen: [...lane.seen].filter((one) => !unread.has(lane.compressed.get(keyIn(one)) as Segment)),
    };
  }

  close(): void {
    for (const lane of this.lanes.values()) lane.close();
  }

  /** Lanes that have no file any more; those of a path that was named wait for the next. */
  #removeIdle(): void {
    const withFiles = new Set([...this.#done.values()].map(({ lane }) => lane));
    for (const lane of this.lanes.values()) {
      const isIdle = lane.isEnded && lane.unsettled.length === 0 && lane.queue.length === 0;
      if (isIdle && !withFiles.has(lane) && !this.#options.patterns.isNamed(lane.path))
        this.lanes.delete(lane.path);
    }
  }

  /** Whether a file is followed, or done with; by more than its inode, which a new file may have got. */
  #isKnownFile(file: {
    readonly path: string;
    readonly stats: BigIntStats;
    readonly isCompressed: boolean;
  }): boolean {
    const key = keyOf(file.stats);
    if (this.#isFollowed(key)) return true;
    const done = this.#done.get(key)?.record;
    if (done === undefined) return false;
    // What a compressed file holds is looked at when it is opened.
    if (isCompressedName(done.path) || file.isCompressed) return false;
    return beginsWith(file, done.head, done.offset, this.#fingerprinter);
  }

  #isFollowed(key: string): boolean {
    for (const lane of this.lanes.values()) {
      // Under the inode of one that is closed there are other bytes by now, or another segment goes on with it.
      if ([...lane.queue, ...lane.unsettled].some((one) => one.isOpen && one.key === key)) return true;
    }
    return false;
  }

  #finalize(segment: Segment): void {
    if (segment.isFinal) return;
    segment.isFinal = true;
    segment.finalSince = this.#host.now();
  }

  /** Whether the file behind a lane's path is still the one that is read. */
  async #checkLane(lane: Lane): Promise<void> {
    // Before the path is looked at: a rotation in between must not make its files known.
    const around = this.#lookAgain(lane);
    const stats = statOf(lane.path);
    const { live } = lane;
    if (live !== undefined && stats !== undefined && keyOf(stats) === live.key) {
      if (around === undefined) return;
      // Looked at after the siblings were listed: if it is intact now, none of them came in its place.
      if (!live.isIntact()) await this.replaced(lane, live);
      else await this.#sortIn(lane, live, around);
      return;
    }
    if (stats === undefined) {
      if (live !== undefined) await this.#moveAway(lane, live);
      if (around === undefined) return;
      // It may have come and gone again, more than once.
      await this.#enqueueMissed(lane, around, this.#lastChange(lane) - HOUR_NS);
      return;
    }
    const last = lane.queue.at(-1);
    if (last !== undefined && last.key === keyOf(stats) && last.isOpen && last.isIntact()) {
      // It was put back.
      last.isFinal = false;
      last.path = lane.path;
      return;
    }
    await this.#takeNext(lane, live);
  }

  /** @returns undefined while nothing can have come to, or gone from, the folder since the last look */
  #lookAgain(lane: Lane): readonly Sibling[] | undefined {
    const modified = statSync(dirname(realPathOf(lane.path)), { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (this.#looked.get(lane) === modified && modified < Date.now() - FOLDER_REST_MS) return undefined;
    this.#looked.set(lane, modified);
    return rotationSiblings(lane.path);
  }

  /**
   * Rotated files beside a file that is still at its path. While nothing of it was read, nobody can tell that it was
   * copied away and truncated but by the copy; and a copy that is being made is for later.
   */
  async #sortIn(lane: Lane, live: Segment, siblings: readonly Sibling[]): Promise<void> {
    const others = this.#withoutCopies(siblings, live);
    // Truncated while the copies were compared: then none of them looked like one.
    if (!live.isIntact()) return this.replaced(lane, live);
    await this.#enqueueMissed(lane, others, BigInt(lane.since) * MS_IN_NS - HOUR_NS, live);
  }

  /** All but those that, so far, hold what the file at the path holds. */
  #withoutCopies(siblings: readonly Sibling[], live: Segment): Sibling[] {
    const isCopy = (sibling: Sibling): boolean =>
      !sibling.isCompressed && !this.#isKnownFile(sibling) && isCopyOf(sibling, live);
    return siblings.filter((sibling) => !isCopy(sibling));
  }

  async #moveAway(lane: Lane, live: Segment): Promise<void> {
    this.#finalize(live);
    // It was truncated before it was moved: what it holds now is found as a file that was missed.
    if (!live.isIntact()) await this.#goOnElsewhere(lane, live);
    const moved = rotationSiblings(lane.path).find(({ stats }) => keyOf(stats) === live.key);
    if (moved === undefined) return;
    live.path = moved.path;
    // There may be a copy with what it held before, which comes first: both are found as files that were missed.
    if (live.readOffset === 0) lane.forget(live);
  }

  /** Another file is at the path. */
  async #takeNext(lane: Lane, live: Segment | undefined): Promise<void> {
    const modified = this.#lastChange(lane);
    if (live !== undefined) await this.#moveAway(lane, live);
    const siblings = rotationSiblings(lane.path);
    const stats = statOf(lane.path);
    const next = stats && new Segment(lane.path, stats.dev, stats.ino);
    const isOpen = next !== undefined && this.#open(next);
    const others = isOpen ? this.#withoutCopies(siblings, next) : siblings;
    // A file that was moved away may be written to for a while; those that came after it are not much older.
    await this.#enqueueMissed(lane, others, modified - HOUR_NS);
    if (next === undefined) return;
    if (!isOpen || this.#isFollowed(next.key)) return next.close();
    this.#done.delete(next.key);
    lane.enqueue(next);
  }

  /** When the last file that is known of a lane was written to; in nanoseconds since 1970. */
  #lastChange(lane: Lane): bigint {
    const last = lane.queue.at(-1);
    return last?.isOpen === true && last.modified > 0n ? last.modified : BigInt(lane.since) * MS_IN_NS;
  }

  /** @param before the file at the path, when it comes after them */
  async #enqueueMissed(
    lane: Lane,
    siblings: readonly Sibling[],
    since: bigint,
    before?: Segment,
  ): Promise<void> {
    const notOpened = new Set<string>();
    const isKnown = (sibling: Sibling): boolean => this.#isKnownFile(sibling);
    const around = { isKnown, fingerprinter: this.#fingerprinter, seen: lane.seen, since };
    for (const sibling of missedFiles(siblings, around)) {
      if (sibling.isCompressed && !sibling.isGzip) {
        this.#log.warn(`${sibling.path}: not read, it was compressed before it was seen; only gzip can be`);
        continue;
      }
      const { dev, ino } = sibling.stats;
      const segment = new Segment(sibling.path, dev, ino);
      const content = sibling.isGzip ? await this.#knownContent(lane, sibling) : 'none';
      if (typeof content === 'object') {
        if (content.segment !== undefined) lane.compressed.set(segment.key, content.segment);
        continue;
      }
      if (content === 'unclear' || !(await this.#openMoving(lane, segment, sibling.isGzip))) {
        notOpened.add(segment.key);
        continue;
      }
      this.#finalize(segment);
      if (before === undefined) lane.enqueue(segment);
      else if (before.readOffset === 0) lane.insertBefore(before, segment);
      else lane.insertBeforeLive(segment);
    }
    // Only what was listed before is known now; a file that came meanwhile is for the next look.
    lane.seen = seenOf(
      siblings.filter((one) => !notOpened.has(keyOf(one.stats)) && !isBeingMade(one, siblings)),
      this.#fingerprinter,
    );
  }

  /** Opens a rotated file, whose name a rotation may change at any moment. */
  async #openMoving(lane: Lane, segment: Segment, isGzip: boolean): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (isGzip ? openGzipSegment(segment) : this.#open(segment)) return true;
      await sleep(attempt * PAUSE_MS);
      const moved = rotationSiblings(lane.path).find(({ stats }) => keyOf(stats) === segment.key);
      if (moved === undefined) return false;
      segment.path = moved.path;
    }
    return false;
  }

  /** What a compressed file was made of, if that is known. */
  async #knownContent(lane: Lane, sibling: Sibling): Promise<Content | 'none' | 'unclear'> {
    const contents: Content[] = [];
    for (const one of [...lane.unsettled, ...lane.queue]) {
      one.unread();
      contents.push({
        head: this.#fingerprinter.of(one.peek(HEAD_BYTES) ?? one.head),
        size: one.size,
        segment: one,
      });
    }
    contents.push(...seenContents(lane.seen));
    for (const { record } of this.#done.values()) contents.push({ head: record.head, size: record.size });
    contents.push(...this.#recent);
    return heldBy(sibling, contents, this.#fingerprinter);
  }

  #open(segment: Segment): boolean {
    try {
      if (!segment.open()) return false;
      this.#told.delete(segment.path);
      return true;
    } catch (error) {
      this.#tell(segment.path, `${segment.path}: can't be read: ${describeIo(error)}; tried again`);
      return false;
    }
  }

  #tell(path: string, message: string): void {
    if (this.#told.get(path) === message) return;
    this.#told.set(path, message);
    this.#log.warn(message);
  }

  /** A path that matches: is it new? */
  async #checkPath(path: string): Promise<void> {
    if (this.lanes.has(path) || this.#options.ownFiles.includes(path)) return;
    const stats = statOf(path);
    if (stats === undefined) {
      // So that files that come and are moved away before anybody looks are known as new.
      if (this.#options.patterns.isNamed(path))
        this.#addLane(path, Date.now(), lookAround(path, this.#fingerprinter));
      return;
    }
    if (isCompressedName(path)) {
      this.#tell(path, `${path}: not followed, it is compressed; \`logveil audit\` searches such files`);
      return;
    }
    if (this.#isKnownFile({ path, stats, isCompressed: false }) || this.#isCopy(path, stats)) return;
    const segment = new Segment(path, stats.dev, stats.ino);
    const isThere = this.#isFirstScan && this.#options.from === 'end';
    const started = isThere ? this.#atEnd(segment) : segment;
    if (started === undefined || !this.#open(started)) return;
    this.#addLane(path, Date.now(), lookAround(path, this.#fingerprinter)).enqueue(started);
    this.#log.info(`${path}: followed from ${isThere ? 'its end' : 'its start'}`);
  }

  #addLane(path: string, since: number, seen: ReadonlySet<string>): Lane {
    const lane = new Lane(path, since, this.#host, this.#options, this.#pool);
    lane.seen = seen;
    this.lanes.set(path, lane);
    return lane;
  }

  /** Whether a new file with the name of a rotated one is, so far, a copy of the file it may be rotated from. */
  #isCopy(path: string, stats: BigIntStats): boolean {
    const key = keyOf(stats);
    const folder = dirname(realPathOf(path));
    for (const lane of this.lanes.values()) {
      const real = realPathOf(lane.path);
      if (dirname(real) !== folder || !isRotationName(basename(path), basename(real))) continue;
      if ([...lane.seen].some((one) => one.startsWith(`${key}:`)) && this.#isFirstScan) return false;
      const live = lane.live ?? lane.queue.at(-1);
      if (live?.isOpen === true && isCopyOf({ path, stats }, live)) return true;
    }
    return false;
  }

  /**
   * Reading begins some lines before the last that has begun, and these go nowhere: a value of which only the second half
   * was read would not be found, nor the lines of a key whose first line was not seen.
   */
  #atEnd(segment: Segment): Segment | undefined {
    try {
      const fd = openSync(segment.path, 'r');
      try {
        const size = Number(statOf(segment.path)?.size ?? 0n);
        const from = Math.max(0, size - LOOK_BACK_BYTES);
        const back = readAt(fd, from, size - from);
        const begin = from === 0 ? 0 : back.indexOf(LF) + 1;
        const started = new Segment(segment.path, segment.dev, segment.ino, 0, from + begin);
        started.quietUntil = from + back.lastIndexOf(LF) + 1;
        return started;
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      this.#tell(segment.path, `${segment.path}: can't be read: ${describeIo(error)}; tried again`);
      return undefined;
    }
  }

  /** Files that were done with, moved away, and written to again. */
  #lookForLateGrowth(): void {
    for (const [key, done] of [...this.#done]) {
      const { lane, record } = done;
      const found = this.#findAgain(key, done);
      if (found === undefined) {
        this.#done.delete(key);
        // It may turn up compressed.
        this.#recent.push({ head: record.head, size: record.size });
        if (this.#recent.length > MOST_RECENT) this.#recent.shift();
        continue;
      }
      const { path, stats } = found;
      if (path !== record.path) this.#done.set(key, { lane, record: { ...record, path } });
      if (isCompressedName(path) || Number(stats.size) <= record.offset) continue;
      const { dev, ino, generation, offset, line } = record;
      const segment = new Segment(path, BigInt(dev), BigInt(ino), generation, offset, line);
      if (!this.#open(segment)) continue;
      this.#done.delete(key);
      if (!this.#fingerprinter.matches(record.head, segment.peek(record.head.length) ?? Buffer.alloc(0))) {
        segment.close();
        continue;
      }
      this.#finalize(segment);
      // Behind the file at the path nothing is read before that one is moved away.
      lane.insertBeforeLive(segment);
    }
  }

  /** Where a file is now. */
  #findAgain(key: string, { lane, record }: Done): { path: string; stats: BigIntStats } | undefined {
    const stats = statOf(record.path);
    if (stats !== undefined && keyOf(stats) === key) return { path: record.path, stats };
    const isCompressed = isCompressedName(record.path);
    return rotationSiblings(lane.path).find(
      (one) => one.isCompressed === isCompressed && keyOf(one.stats) === key,
    );
  }

  async #restoreLane(record: LaneRecord): Promise<void> {
    const lane = this.#addLane(record.path, record.since, new Set(record.seen));
    for (const done of record.done) this.#done.set(`${done.dev}:${done.ino}`, { lane, record: done });
    const found = new Map<Segment, FileRecord>();
    for (const file of record.files) {
      // One of which nothing was read is found as one that was missed.
      if (file.offset === 0 && file.head.length === 0) {
        lane.seen = new Set([...lane.seen].filter((one) => !one.startsWith(`${file.dev}:${file.ino}:`)));
        continue;
      }
      const segment = await this.#locate(record.path, file);
      if (segment === undefined) this.#tellLost(file);
      else found.set(segment, file);
    }
    for (const segment of found.keys()) {
      if (segment.path !== record.path) this.#finalize(segment);
      lane.enqueue(segment);
    }
    const stats = statOf(record.path);
    if (stats !== undefined && this.#isFollowed(keyOf(stats))) return;
    await this.#takeNext(lane, undefined);
    // Without a file it is removed by the next look, unless there are some that must not be read again.
    lane.isEnded ||= lane.queue.length === 0;
  }

  /** Looks more than once: while it looks, a rotation may give each file another name. */
  async #locate(path: string, file: FileRecord): Promise<Segment | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await sleep(attempt * PAUSE_MS);
      const stats = statOf(path);
      const here: Sibling[] =
        stats === undefined ? [] : [{ path, stats, isCompressed: false, isGzip: false }];
      const segment = await locate(file, [...here, ...rotationSiblings(path)], this.#fingerprinter);
      if (segment !== undefined) return segment;
    }
    return undefined;
  }

  #tellLost(file: FileRecord): void {
    const unread = file.size - file.offset;
    const what =
      unread > 0 ? `at least ${unread} bytes of it were not read` : 'all that was known of it was read';
    this.#log.warn(`${file.path}: the file that was followed is not there any more; ${what}`);
  }
}

/** `device:inode` of an entry of what was seen. */
function keyIn(entry: string): string {
  return entry.split(':', 2).join(':');
}

/** @returns false when another file is there now */
function openGzipSegment(segment: Segment): boolean {
  const reader = gzipReader({ path: segment.path, stats: segment });
  if (reader === undefined) return false;
  segment.adoptGzip(segment.path, segment.dev, segment.ino, reader);
  return true;
}
