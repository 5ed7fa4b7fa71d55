/**
 * Keeps a lane's files in step with the file system: which file goes on under which name, which copy holds what was not
 * read of one that was truncated, and which files came and went in between. Reads nothing for the output itself.
 *
 * Each look is decided on descriptors that are open; docs/tail.md draws the states of a file.
 */
import type { Fingerprinter } from '../sources/fingerprint.ts';
import { GzipReader, peekGzip } from '../sources/gzipReader.ts';
import type { KnownRecord } from '../state/checkpoint.ts';
import { adoptChecked, adoptGzip, segmentOf, TELLING_BYTES } from './adoption.ts';
import { carries, openGzipAt, readBytesOf, readBytesOfSegment } from './content.ts';
import type { Lane } from './lane.ts';
import { closeLook, isBeingMade, type Look, type LookedFile, takeLook } from './look.ts';
import { Recogniser, type Verdict } from './recogniser.ts';
import { resumeAwaited } from './resumption.ts';
import type { Segment } from './segment.ts';

/** What people should know; never a byte of a log. */
export interface FollowerLog {
  info(message: string): void;
  warn(message: string): void;
}

export interface SuccessionHost {
  readonly fingerprinter: Fingerprinter;
  readonly log: FollowerLog;
  /** Whether some lane reads the file; `device:inode`. */
  isFollowed(key: string): boolean;
  /** Whether a file is asked for by its own name, however old it is. */
  isWanted(path: string): boolean;
  /** Says something once as long as it stays so. */
  tell(path: string, message: string | undefined): void;
  now(): number;
}

/** Files are truncated while they are compared; after so many looks it is left to the next time. */
const LOOKS = 20;
/** A file that was truncated waits for its copy, while there is one that can't be read yet; in milliseconds. */
const COPY_WAIT_MS = 10_000;

/** Whether all could be told; `again` when the files were not any more what the look had shown. */
type Outcome = 'settled' | 'unsettled' | 'again';

export class Succession {
  readonly #host: SuccessionHost;
  readonly #recogniser: Recogniser;

  constructor(host: SuccessionHost) {
    this.#host = host;
    this.#recogniser = new Recogniser(host.fingerprinter);
  }

  /** The first look at a path: what is beside it is not asked for, unless it came since then. */
  begin(lane: Lane): void {
    const look = takeLook(lane.path, () => true);
    if (look === undefined) return;
    const since = BigInt(lane.since) * 1_000_000n;
    for (const file of look.around) {
      const isAsked = this.#host.isWanted(file.path) && !file.isCompressed;
      if (!isAsked && file.stats.mtimeNs < since) this.#recogniser.noteOld(file, lane.ledger);
    }
    closeLook(look);
  }

  /**
   * Looks at a lane's files, and puts them in order.
   * @returns whether all could be told; else another look is due
   */
  async follow(lane: Lane): Promise<boolean> {
    for (let attempt = 0; attempt < LOOKS; attempt++) {
      const look = takeLook(
        lane.path,
        ({ stats, isCompressed }) => !lane.ledger.isUnchanged(stats, isCompressed),
      );
      if (look === undefined) return false;
      try {
        this.#rename(lane, look);
        if (lane.awaited.length > 0 && !(await resumeAwaited(lane, look, this.#host))) return false;
        const outcome = await this.#decide(lane, look);
        if (outcome !== 'again') return outcome === 'settled';
      } finally {
        closeLook(look);
      }
    }
    return false;
  }

  /** Files that are known may have other names now. */
  #rename(lane: Lane, { at, around }: Look): void {
    const paths = new Map(around.map(({ key, path }) => [key, path]));
    if (at !== undefined) paths.set(at.key, at.path);
    lane.ledger.follow(paths);
    for (const segment of lane.segments) {
      const path = paths.get(segment.key);
      if (segment.isOpen && path !== undefined) segment.path = path;
    }
  }

  async #decide(lane: Lane, look: Look): Promise<Outcome> {
    putBack(lane, look.at);
    const { live } = lane;
    const isThere = live?.isOpen === true && look.at?.key === live.key;
    for (const segment of [...lane.queue]) {
      if (segment.isOpen && segment.isIntact()) {
        segment.lostSince = undefined;
        continue;
      }
      if (segment.isOpen || segment === live) {
        const outcome = await this.#recover(lane, segment, look);
        if (outcome !== 'settled') return outcome;
      }
    }
    if (isThere && lane.live === live) return this.#stay(lane, live, look);
    return this.#goOn(lane, look);
  }

  /** The file at the path is the one that is read: others can only come before it. */
  #stay(lane: Lane, live: Segment, look: Look): Promise<Outcome> {
    const verdicts = this.#verdicts(lane, look);
    // Truncated while they were compared: then a copy of it did not look like one.
    if (!live.isIntact()) return Promise.resolve('again');
    if (live.head.length > 0) live.isConfirmed = true;
    return this.#insert(lane, verdicts);
  }

  /** Another file is at the path, or the same begun anew, or none. */
  async #goOn(lane: Lane, look: Look): Promise<'settled' | 'unsettled'> {
    const { live } = lane;
    if (live !== undefined && goesOnIn(live, look)) return this.#insert(lane, this.#verdicts(lane, look));
    if (live !== undefined) {
      // What it holds is found as a file that came and went; there may be one that comes before it.
      if (live.isUntouched) lane.forget(live);
      else this.#finalize(live);
    }
    const next = this.#openNext(lane, look.at);
    const verdicts = this.#verdicts(lane, look, next);
    if (next !== undefined) lane.enqueue(next);
    return this.#insert(lane, verdicts);
  }

  /** @param next the file at the path, of which nothing was read */
  #verdicts(lane: Lane, look: Look, next?: Segment): [LookedFile, Verdict][] {
    const { ledger, since } = lane;
    const { isFollowed, isWanted } = this.#host;
    const segments = next === undefined ? lane.segments : [...lane.segments, next];
    const among = {
      ledger,
      since,
      segments: segments.filter(({ isOpen }) => isOpen),
      lost: segments.filter((one) => !one.isOpen && !one.isHandedOver && one.head.length > 0),
      isFollowed: (key: string) => isFollowed(key),
      isWanted: (path: string) => isWanted(path),
    };
    return look.around.map((file) => [file, this.#recogniser.verdict(file, look, among)]);
  }

  async #insert(lane: Lane, verdicts: readonly [LookedFile, Verdict][]): Promise<'settled' | 'unsettled'> {
    let isClear = true;
    for (const [file, verdict] of verdicts) {
      if (file.problem !== undefined)
        this.#host.tell(file.path, `${file.path}: can't be read: ${file.problem}; tried again`);
      if (verdict.kind === 'unclear') isClear = false;
      if (verdict.kind === 'unclear' && verdict.reason !== undefined)
        this.#host.tell(file.path, `${file.path}: can't be read: ${verdict.reason}; tried again`);
      if (verdict.kind === 'rest') await this.#insertRest(lane, file, verdict.of);
      if (verdict.kind === 'unknown') this.#insertWhole(lane, file);
    }
    return isClear ? 'settled' : 'unsettled';
  }

  #insertWhole(lane: Lane, file: LookedFile): void {
    if (file.isCompressed && !file.isGzip) {
      this.#recogniser.noteOld(file, lane.ledger);
      this.#host.log.warn(`${file.path}: not read, it was compressed before it was seen; only gzip can be`);
      return;
    }
    const segment = segmentOf(file);
    if (file.isGzip) adoptGzip(segment, file, new GzipReader(file.take()));
    else segment.adopt(file.path, file.take());
    this.#finalize(segment);
    lane.insertBeforeLive(segment);
  }

  /** Bytes that came to a file that was done with; or that a copy has, and it had not. */
  async #insertRest(lane: Lane, file: LookedFile, of: KnownRecord): Promise<void> {
    const segment = segmentOf(file, of);
    if (file.isGzip) {
      const opened = await openGzipAt(file, readBytesOf(of, this.#host.fingerprinter));
      // It begins alike, and is another.
      if (opened === undefined) return this.#insertWhole(lane, file);
      adoptGzip(segment, file, opened.reader, opened.head);
    } else if (!adoptChecked(segment, file, of, this.#host.fingerprinter)) return;
    lane.ledger.forget(of);
    this.#finalize(segment);
    lane.insertBeforeLive(segment);
  }

  /** Opens the file at the path, unless it is read already. */
  #openNext(lane: Lane, at: LookedFile | undefined): Segment | undefined {
    if (at === undefined || this.#host.isFollowed(at.key)) return undefined;
    if (at.fd === undefined) {
      if (at.problem !== undefined)
        this.#host.tell(at.path, `${at.path}: can't be read: ${at.problem}; tried again`);
      return undefined;
    }
    this.#host.tell(at.path, undefined);
    const known = this.#knownAt(lane, at, at.fd);
    const segment = segmentOf(at, known);
    if (known !== undefined) {
      if (!adoptChecked(segment, at, known, this.#host.fingerprinter)) return undefined;
      lane.ledger.forget(known);
      return segment;
    }
    lane.ledger.lose(at.key);
    segment.adopt(at.path, at.take());
    return segment;
  }

  /** A file that was done with is at the path again: as it was, or copied back. */
  #knownAt({ ledger }: Lane, at: LookedFile, fd: number): KnownRecord | undefined {
    const own = ledger.find(at.key);
    const { fingerprinter } = this.#host;
    if (own !== undefined && !own.isCompressed && carries(fd, own, fingerprinter)) return own;
    return [...ledger.gone, ...ledger.known].find(
      (one) => one.kind === 'done' && one.offset >= TELLING_BYTES && carries(fd, one, fingerprinter),
    );
  }

  /**
   * A file does not hold what was read of it any more: goes on in the copy that does, if there is one.
   */
  async #recover(lane: Lane, segment: Segment, look: Look): Promise<Outcome> {
    if (segment.isUntouched) {
      lane.forget(segment);
      return 'settled';
    }
    for (const file of copiesFirst(segment, look)) {
      if (await this.#adoptCopy(segment, file)) {
        segment.lostSince = undefined;
        this.#finalize(segment);
        return 'settled';
      }
    }
    if (segment.lostSince === undefined) {
      // The copy may have been made, and the file truncated, behind this look; the next one shows it.
      segment.lostSince = this.#host.now();
      return 'again';
    }
    segment.close();
    const isMaking = look.around.some((file) => file.problem !== undefined || isBeingMade(file, look));
    if (isMaking && this.#host.now() - segment.lostSince < COPY_WAIT_MS) return 'unsettled';
    this.#finalize(segment);
    const unread = segment.size - segment.readOffset;
    if (unread > 0) {
      this.#host.log.warn(
        `${segment.path}: truncated with ${unread} bytes unread, and no copy of them was found`,
      );
    }
    return 'settled';
  }

  async #adoptCopy(segment: Segment, file: LookedFile): Promise<boolean> {
    if (file.fd === undefined || this.#host.isFollowed(file.key)) return false;
    if (!file.isCompressed) {
      if (!segment.holds(file.fd)) return false;
      segment.adopt(file.path, file.take());
      return true;
    }
    const { head } = segment;
    if (peekGzip(file.fd, head.length)?.head.equals(head) !== true) return false;
    const opened = await openGzipAt(file, readBytesOfSegment(segment));
    if (opened !== undefined) adoptGzip(segment, file, opened.reader, head);
    return opened !== undefined;
  }

  #finalize(segment: Segment): void {
    if (segment.isFinal) return;
    segment.isFinal = true;
    segment.finalSince = this.#host.now();
  }
}

/** Where the rest of a file may be: the newest first, and what is being compressed as it was before. */
function copiesFirst(segment: Segment, look: Look): LookedFile[] {
  const files = look.around.filter((file) => !isBeingMade(file, look)).reverse();
  const at = look.at === undefined || look.at.key === segment.key ? [] : [look.at];
  const plain = [...files, ...at].filter(({ isCompressed }) => !isCompressed);
  return [...plain, ...files.filter(({ isGzip }) => isGzip)];
}

/** A file that was moved away, or its own at the path anew, is there again. */
function putBack(lane: Lane, at: LookedFile | undefined): void {
  const last = lane.queue.at(-1);
  if (last?.isFinal !== true || !last.isOpen || last.isGzip || last.key !== at?.key) return;
  if (last.isIntact()) last.isFinal = false;
}

/** Whether the file was deleted, with all of it read, and the one at the path now holds the same: an editor does that. */
function goesOnIn(live: Segment, { at, around }: Look): boolean {
  if (at?.fd === undefined || live.readOffset < TELLING_BYTES || live.unread() > 0) return false;
  if (around.some(({ key }) => key === live.key) || !live.isIntact() || !live.holds(at.fd)) return false;
  live.adopt(at.path, at.take());
  return true;
}
