/** Makes segments of files that a look has opened. */
import type { Fingerprinter } from '../sources/fingerprint.ts';
import type { GzipReader } from '../sources/gzipReader.ts';
import type { FileRecord } from '../state/checkpoint.ts';
import { carries } from './content.ts';
import type { LookedFile } from './look.ts';
import { Segment } from './segment.ts';

/** With fewer bytes the same ones may be another file's by chance: many begin with the same line. */
export const TELLING_BYTES = 1024;

/** @param record where reading goes on; at the start without it */
export function segmentOf({ path, stats }: LookedFile, record?: FileRecord): Segment {
  const segment = new Segment(path, stats.dev, stats.ino, record?.generation, record?.offset, record?.line);
  segment.quietUntil = record?.quietUntil ?? 0;
  return segment;
}

/**
 * Lets a segment read a file that holds what is recorded, unless that has changed meanwhile.
 * @returns false then; the file is closed
 */
export function adoptChecked(
  segment: Segment,
  file: LookedFile,
  record: FileRecord,
  fingerprinter: Fingerprinter,
): boolean {
  const fd = file.take();
  segment.adopt(file.path, fd);
  // Behind the taking: what the segment remembers of it is what is compared.
  if (carries(fd, record, fingerprinter) && segment.isIntact()) return true;
  segment.close();
  return false;
}

export function adoptGzip(
  segment: Segment,
  { path, stats }: LookedFile,
  reader: GzipReader,
  head?: Buffer,
): void {
  segment.adoptGzip(path, stats.dev, stats.ino, reader, head);
}
