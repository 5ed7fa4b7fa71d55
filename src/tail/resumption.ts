/** Finds the files of an earlier run again, wherever they are by now, and goes on where that run had come to. */
import { openSync } from 'node:fs';
import type { Fingerprinter } from '../sources/fingerprint.ts';
import { peekGzip } from '../sources/gzipReader.ts';
import { keyOf, statOf } from '../sources/rotationNames.ts';
import type { FileRecord } from '../state/checkpoint.ts';
import { adoptChecked, adoptGzip, segmentOf, TELLING_BYTES } from './adoption.ts';
import { carries, openGzipAt, readBytesOf } from './content.ts';
import type { Lane } from './lane.ts';
import { isBeingMade, type Look, LookedFile } from './look.ts';
import type { Segment } from './segment.ts';

export interface ResumptionHost {
  readonly fingerprinter: Fingerprinter;
  readonly log: { warn(message: string): void };
  tell(path: string, message: string | undefined): void;
  now(): number;
}

/** @returns whether it is decided; else another look is due, and nothing is read before */
export async function resumeAwaited(lane: Lane, look: Look, host: ResumptionHost): Promise<boolean> {
  for (const record of lane.awaited) {
    const closed = closedOf(record, look);
    if (closed === undefined) continue;
    host.tell(closed.path, `${closed.path}: can't be read: ${closed.problem}; tried again`);
    return false;
  }
  const found: Segment[] = [];
  for (const record of lane.awaited) {
    const segment = await find(record, look, host.fingerprinter);
    if (segment !== undefined) found.push(segment);
    else if (look.around.some((file) => isBeingMade(file, look))) {
      for (const one of found) one.close();
      return false;
    } else {
      tellLost(record, host);
      lane.ledger.noteGone(record);
    }
  }
  for (const [index, segment] of found.entries()) {
    const isLive = index === found.length - 1 && look.at?.key === segment.key && !segment.isGzip;
    segment.isFinal = !isLive;
    segment.finalSince = host.now();
    lane.enqueue(segment);
  }
  lane.awaited = [];
  return true;
}

/** The file itself is there, and can't be opened. */
function closedOf({ dev, ino }: FileRecord, { at, around }: Look): LookedFile | undefined {
  return [at, ...around].find((file) => file?.problem !== undefined && file.key === `${dev}:${ino}`);
}

async function find(
  record: FileRecord,
  look: Look,
  fingerprinter: Fingerprinter,
): Promise<Segment | undefined> {
  const key = `${record.dev}:${record.ino}`;
  const files = [look.at, ...look.around, elsewhere(record, look)].filter((file) => file !== undefined);
  const plain = files.filter(({ isCompressed }) => !isCompressed);
  for (const file of [...plain.filter((one) => one.key === key), ...plain.filter((one) => one.key !== key)]) {
    const isAnother = file === look.at && file.key !== key;
    if (file.fd === undefined || (isAnother && record.offset < TELLING_BYTES)) continue;
    if (!carries(file.fd, record, fingerprinter)) continue;
    const segment = segmentOf(file, record);
    if (adoptChecked(segment, file, record, fingerprinter)) return segment;
  }
  for (const file of files) {
    if (!file.isGzip || file.fd === undefined || isBeingMade(file, look)) continue;
    const peek = peekGzip(file.fd, record.head.length);
    if (peek === undefined || !fingerprinter.matches(record.head, peek.head)) continue;
    const opened = await openGzipAt(file, readBytesOf(record, fingerprinter));
    if (opened === undefined) continue;
    const segment = segmentOf(file, record);
    adoptGzip(segment, file, opened.reader, opened.head);
    return segment;
  }
  return undefined;
}

/** Where it was, though the path leads to another folder by now. */
function elsewhere({ path, dev, ino }: FileRecord, { at, around }: Look): LookedFile | undefined {
  const stats = statOf(path);
  if (stats === undefined || keyOf(stats) !== `${dev}:${ino}`) return undefined;
  if ([at, ...around].some((file) => file?.key === keyOf(stats))) return undefined;
  try {
    const fd = openSync(path, 'r');
    return new LookedFile({ path, stats, isCompressed: false, isGzip: false }, fd);
  } catch {
    return undefined;
  }
}

function tellLost(file: FileRecord, { log }: ResumptionHost): void {
  const unread = file.size - file.offset;
  const what =
    unread > 0 ? `at least ${unread} bytes of it were not read` : 'all that was known of it was read';
  log.warn(`${file.path}: the file that was followed is not there any more; ${what}`);
}
