/**
 * What a lane knows of the files beside its path that are not to be read again, those that are gone included: a file that
 * is done with may come back as a copy, or compressed.
 */
import type { BigIntStats } from 'node:fs';
import { keyOf } from '../sources/rotationNames.ts';
import type { FileRecord, KnownRecord } from '../state/checkpoint.ts';

/** So many files that are gone are remembered; one that was compressed turns up within a few rotations. */
const MOST_GONE = 200;

type Named = Pick<KnownRecord, 'path' | 'isCompressed' | 'kind'>;

export class Ledger {
  /** By `device:inode`. */
  readonly #known = new Map<string, KnownRecord>();
  /** The last to go last. */
  #gone: KnownRecord[];

  constructor(known: readonly KnownRecord[] = [], gone: readonly KnownRecord[] = []) {
    for (const record of known) this.#known.set(keyIn(record), record);
    this.#gone = [...gone];
  }

  get known(): readonly KnownRecord[] {
    return [...this.#known.values()];
  }

  get gone(): readonly KnownRecord[] {
    return this.#gone;
  }

  find(key: string): KnownRecord | undefined {
    return this.#known.get(key);
  }

  /** Whether a file is one that is known, and unchanged since it was compared. */
  isUnchanged(stats: BigIntStats, isCompressed: boolean): boolean {
    const record = this.#known.get(keyOf(stats));
    if (record === undefined || record.isCompressed !== isCompressed) return false;
    return record.stamp === stampOf(stats) && !hasGrown(record, stats);
  }

  /** A file with these contents is not to be read. @param file how it is called, and what it is like now */
  note(content: FileRecord, stats: BigIntStats, named: Named): void {
    const { head, anchor, offset, line, size, generation } = content;
    this.#gone = this.#gone.filter((one) => !isSame(one, content));
    this.#known.set(keyOf(stats), {
      ...named,
      dev: String(stats.dev),
      ino: String(stats.ino),
      generation,
      head,
      ...(anchor && { anchor }),
      offset,
      line,
      size,
      stamp: stampOf(stats),
    });
  }

  /** Done with, and not there any more. */
  noteGone(content: FileRecord): void {
    if (content.head.length === 0) return;
    this.#gone = this.#gone.filter((one) => !isSame(one, content));
    this.#gone.push({ ...content, kind: 'done', isCompressed: false, stamp: '' });
    this.#gone = this.#gone.slice(-MOST_GONE);
  }

  /** The rest of a file is to be read. */
  forget(record: KnownRecord): void {
    if (this.#known.get(keyIn(record)) === record) this.#known.delete(keyIn(record));
    this.#gone = this.#gone.filter((one) => one !== record);
  }

  /** The file under an inode is not the one that was known, or there is none any more. */
  lose(key: string): void {
    const record = this.#known.get(key);
    if (record === undefined) return;
    this.#known.delete(key);
    // Of a compressed copy, or one nobody has looked into, nothing more can turn up.
    if (!record.isCompressed && record.head.length > 0)
      this.#gone = [...this.#gone, record].slice(-MOST_GONE);
  }

  /** Files get other names. @param paths by `device:inode` */
  follow(paths: ReadonlyMap<string, string>): void {
    for (const [key, record] of [...this.#known]) {
      const path = paths.get(key);
      if (path === undefined) this.lose(key);
      else if (path !== record.path) this.#known.set(key, { ...record, path });
    }
  }
}

/** Whether bytes have come to a file that was done with. */
export function hasGrown(record: KnownRecord, stats: { readonly size: bigint }): boolean {
  return record.kind === 'done' && !record.isCompressed && Number(stats.size) > record.offset;
}

function stampOf({ size, mtimeNs }: BigIntStats): string {
  return `${size}:${mtimeNs}`;
}

function keyIn({ dev, ino }: FileRecord): string {
  return `${dev}:${ino}`;
}

function isSame(one: FileRecord, other: FileRecord): boolean {
  return one.offset === other.offset && one.head.digest === other.head.digest;
}
