/**
 * Tells what a file beside a lane's path is: known, a copy of one that is being read, the rest of one that was, or one
 * that came and went while nobody looked. Looks at bytes alone; the inode only says where to look first.
 */
import { type BigIntStats, closeSync, fstatSync, openSync } from 'node:fs';
import { type Fingerprinter, HEAD_BYTES, readAt } from '../sources/fingerprint.ts';
import { peekGzip, SIZE_MODULUS } from '../sources/gzipReader.ts';
import { keyOf } from '../sources/rotationNames.ts';
import type { KnownRecord } from '../state/checkpoint.ts';
import { carries, isCopyOf } from './content.ts';
import { hasGrown, type Ledger } from './ledger.ts';
import { isBeingMade, type Look, type LookedFile } from './look.ts';
import type { Segment } from './segment.ts';

export type Verdict =
  /** Not to be read. */
  | { readonly kind: 'known' }
  /** It holds what another file holds that is being read; should that one be truncated, the rest is here. */
  | { readonly kind: 'copy' }
  /** It can't be told yet: it is empty, being made, or can't be read. */
  | { readonly kind: 'unclear'; readonly reason?: string }
  /** To be read from where a file that was done with ended. */
  | { readonly kind: 'rest'; readonly of: KnownRecord }
  /** To be read from its start. */
  | { readonly kind: 'unknown' };

const KNOWN: Verdict = { kind: 'known' };
const COPY: Verdict = { kind: 'copy' };
const UNCLEAR: Verdict = { kind: 'unclear' };
const UNKNOWN: Verdict = { kind: 'unknown' };
const SECOND_NS = 1_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;
const MS_IN_NS = 1_000_000n;

/** What there is to compare with. */
export interface Acquaintance {
  readonly ledger: Ledger;
  /** Files of the lane that are open. */
  readonly segments: readonly Segment[];
  /** Files whose bytes are nowhere any more, and of which the output has not accepted all that was read. */
  readonly lost: readonly Segment[];
  /** Whether some lane reads the file; `device:inode`. */
  readonly isFollowed: (key: string) => boolean;
  /** Whether a file that is older than the lane is asked for nevertheless. */
  readonly isWanted: (path: string) => boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

export class Recogniser {
  readonly #fingerprinter: Fingerprinter;

  constructor(fingerprinter: Fingerprinter) {
    this.#fingerprinter = fingerprinter;
  }

  /** What is recognised for good is noted in the ledger. */
  verdict(file: LookedFile, look: Look, among: Acquaintance): Verdict {
    const { ledger, since } = among;
    if (among.isFollowed(file.key) || ledger.isUnchanged(file.stats, file.isCompressed)) return KNOWN;
    if (file.fd === undefined) return UNCLEAR;
    const verdict = file.isCompressed
      ? this.#ofCompressed(file, file.fd, look, among)
      : this.#ofPlain(file, file.fd, among);
    if (verdict.kind !== 'unknown' || among.isWanted(file.path)) return verdict;
    if (file.stats.mtimeNs >= BigInt(since) * MS_IN_NS - HOUR_NS) return verdict;
    this.noteOld(file, ledger);
    return KNOWN;
  }

  /** The file was there before the first look. */
  noteOld(file: LookedFile, ledger: Ledger): void {
    const { path, isCompressed, stats, fd } = file;
    const size = Number(stats.size);
    const isLegible = !isCompressed && fd !== undefined;
    const head = this.#fingerprinter.of(isLegible ? readAt(fd, 0, HEAD_BYTES) : Buffer.alloc(0));
    const content = { path, dev: '', ino: '', generation: 0, head, offset: size, line: 1, size };
    ledger.note(content, stats, { path, isCompressed, kind: 'old' });
  }

  #ofPlain(file: LookedFile, fd: number, { ledger, segments, lost }: Acquaintance): Verdict {
    const { key, stats, path } = file;
    if (stats.size === 0n) return UNCLEAR;
    const own = ledger.find(key);
    if (own !== undefined && !own.isCompressed && carries(fd, own, this.#fingerprinter)) {
      if (hasGrown(own, stats)) return { kind: 'rest', of: own };
      ledger.note(own, stats, { path, isCompressed: false, kind: own.kind });
      return KNOWN;
    }
    // Another file has got its inode.
    if (own !== undefined) ledger.lose(key);
    if (segments.some((one) => isCopyOf(fd, (length, offset) => one.peek(length, offset)))) return COPY;
    // How much of it is done with is known once the output has accepted that.
    if (lost.some((one) => one.holds(fd))) return UNCLEAR;
    const whole = ledger.known.find((record) => this.#isPartOf(fd, stats, record));
    if (whole !== undefined) {
      const offset = Number(stats.size);
      const head = this.#fingerprinter.of(readAt(fd, 0, HEAD_BYTES));
      const { anchor: _, ...rest } = whole;
      ledger.note({ ...rest, head, offset }, stats, { path, isCompressed: false, kind: whole.kind });
      return KNOWN;
    }
    return this.#ofContent(file, fd, ledger);
  }

  /** Whether it holds what was done with, and more or nothing more. */
  #ofContent({ stats, path }: LookedFile, fd: number, ledger: Ledger): Verdict {
    const size = Number(stats.size);
    for (const record of furthestFirst([...ledger.gone, ...ledger.known])) {
      const isWhole = size === record.offset;
      if (record.kind === 'old' && !isWhole) continue;
      if (!carries(fd, record, this.#fingerprinter)) continue;
      if (!isWhole) return { kind: 'rest', of: record };
      ledger.note(record, stats, { path, isCompressed: false, kind: record.kind });
      return KNOWN;
    }
    return UNKNOWN;
  }

  /** Whether a file that is known, and still there, begins with all that this one holds. */
  #isPartOf(fd: number, stats: BigIntStats, record: KnownRecord): boolean {
    const { head, isCompressed, path, size } = record;
    if (isCompressed || head.length === 0 || Number(stats.size) > size) return false;
    if (Number(stats.size) >= head.length && !this.#fingerprinter.matches(head, readAt(fd, 0, head.length)))
      return false;
    let other: number | undefined;
    try {
      other = openSync(path, 'r');
      const whole = other;
      const isThere = keyOf(fstatSync(whole, { bigint: true })) === `${record.dev}:${record.ino}`;
      return isThere && isCopyOf(fd, (length, offset) => readAt(whole, offset, length));
    } catch {
      return false;
    } finally {
      if (other !== undefined) closeSync(other);
    }
  }

  #ofCompressed(file: LookedFile, fd: number, look: Look, among: Acquaintance): Verdict {
    const { ledger, segments, lost } = among;
    const { key, path, stats } = file;
    if (isBeingMade(file, look)) return UNCLEAR;
    const own = ledger.find(key);
    if (own?.isCompressed === true && own.stamp.startsWith(`${stats.size}:`)) return KNOWN;
    if (own !== undefined) ledger.lose(key);
    if (!file.isGzip) return this.#ofOpaque(file, ledger);
    const peek = peekGzip(fd, HEAD_BYTES);
    if (peek === undefined) return { kind: 'unclear', reason: 'it is damaged, or not finished' };
    // The file at the path is not compressed as long as it is there.
    for (const one of segments.filter(({ isFinal }) => isFinal)) {
      const head = one.peek(peek.head.length);
      if (head?.equals(peek.head) === true && peek.size <= one.currentSize % SIZE_MODULUS) return COPY;
    }
    if (lost.some(({ head }) => peek.head.subarray(0, head.length).equals(head))) return UNCLEAR;
    const alike = furthestFirst([...ledger.gone, ...ledger.known]).filter(
      ({ head }) => head.length > 0 && this.#fingerprinter.matches(head, peek.head.subarray(0, head.length)),
    );
    const same = alike.find(({ offset }) => offset % SIZE_MODULUS === peek.size);
    if (same !== undefined) {
      ledger.note(same, stats, { path, isCompressed: true, kind: same.kind });
      return KNOWN;
    }
    const rest = alike.find(
      (one) => one.kind === 'done' && ledger.gone.includes(one) && peek.size > one.offset % SIZE_MODULUS,
    );
    return rest === undefined ? UNKNOWN : { kind: 'rest', of: rest };
  }

  /** In a way that is not read here: compressing leaves the time of the last change, which tells what it was. */
  #ofOpaque({ path, stats }: LookedFile, ledger: Ledger): Verdict {
    const seconds = stats.mtimeNs / SECOND_NS;
    const record = [...ledger.gone].reverse().find(({ stamp }) => secondsIn(stamp) === seconds);
    if (record === undefined) return UNKNOWN;
    ledger.note(record, stats, { path, isCompressed: true, kind: record.kind });
    return KNOWN;
  }
}

/** Of a file that was left more than once, the last time counts. */
function furthestFirst(records: readonly KnownRecord[]): KnownRecord[] {
  return [...records].sort((one, other) => other.offset - one.offset);
}

function secondsIn(stamp: string): bigint | undefined {
  const time = stamp.split(':')[1];
  return time === undefined ? undefined : BigInt(time) / SECOND_NS;
}
