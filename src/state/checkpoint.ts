/**
 * What `logveil tail` remembers between runs: how far each file is done with, and how long the output was then. Never a
 * byte of a log: files are recognised by keyed digests.
 */

export const CHECKPOINT_SCHEMA = 'logveil.tail/2';

/** A keyed digest of so many bytes. */
export interface DigestRecord {
  readonly length: number;
  readonly digest: string;
}

/** A file, and the place in it that all before has been accepted by the output. */
export interface FileRecord {
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  /** Counts how often the same inode began anew. */
  readonly generation: number;
  /** Of the file's first bytes. */
  readonly head: DigestRecord;
  /** Of the bytes before `offset`; missing where they could not be read at that moment. */
  readonly anchor?: DigestRecord;
  /** In bytes; of a compressed file in what it holds. */
  readonly offset: number;
  /** Number of the line at `offset`, from 1. */
  readonly line: number;
  /** Bytes the file had when it was last looked at. */
  readonly size: number;
  /** What is read before this place goes nowhere: it was there when reading began at the end. */
  readonly quietUntil?: number;
}

/** A file that is not to be read again: it is done with, or was there before the first look. */
export interface KnownRecord extends FileRecord {
  readonly kind: 'done' | 'old';
  readonly isCompressed: boolean;
  /** Size and time of the file when it was last recognised: while they stay, it is not compared again. */
  readonly stamp: string;
}

/** One followed path with the files that have been, or still are, behind it. */
export interface LaneRecord {
  readonly path: string;
  /** Files beside it that were last written to long before are not asked for, in milliseconds since 1970. */
  readonly since: number;
  /** Not done with, in the order of reading; the last may be the one at the path. */
  readonly files: readonly FileRecord[];
  readonly known: readonly KnownRecord[];
  /** Known ones that are not there any more; what they held may turn up in a copy, or compressed. */
  readonly gone: readonly KnownRecord[];
}

/** The output file at that moment; what is behind is cut on start. */
interface OutputRecord {
  readonly path: string;
  readonly dev: string;
  readonly ino: string;
  readonly size: number;
}

export interface Checkpoint {
  readonly schema: typeof CHECKPOINT_SCHEMA;
  /** Key of the digests, hex. */
  readonly salt: string;
  readonly written: string;
  readonly output?: OutputRecord;
  readonly lanes: readonly LaneRecord[];
}
