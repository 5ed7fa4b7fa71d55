/** Who searches the parts of an audit: this thread, threads beside it, or workers on a queue. */
import { RecordWriter } from '../../audit/records.ts';
import type { Part, PartResult } from '../../audit/scan.ts';
import type { PartScanner } from './partScanner.ts';
import { dropSpooled, Spool, type Spooled } from './spool.ts';

/** A part that was searched, and what it tells. */
export interface Searched {
  readonly result: PartResult;
  readonly records: Spooled;
}

export interface Executor {
  /** Parts that may be given at once. */
  readonly window: number;
  readonly workers: number;
  /** @throws LogveilError when the search can't go on; the search of a file that can't be read does not throw */
  run(part: Part): Promise<Searched>;
  /** Bytes read so far, as stored, unfinished parts included. */
  readonly bytesRead: number;
  close(): Promise<void>;
}

/** Searches a part and keeps what it tells. */
export async function searchPart(scanner: PartScanner, part: Part): Promise<Searched> {
  const spool = new Spool();
  const records = new RecordWriter((bytes) => spool.write(bytes));
  try {
    const result = await scanner.scan(part, records);
    records.flush();
    return { result, records: spool.take() };
  } catch (error) {
    dropSpooled(spool.take());
    throw error;
  }
}

/** All in this thread. */
export class OwnThread implements Executor {
  readonly window = 1;
  readonly workers = 1;
  bytesRead = 0;
  readonly #scanner: PartScanner;

  /** @param open makes the scanner, which tells of bytes it has read */
  constructor(open: (onProgress: (bytes: number) => void) => PartScanner) {
    this.#scanner = open((bytes) => {
      this.bytesRead += bytes;
    });
  }

  run(part: Part): Promise<Searched> {
    return searchPart(this.#scanner, part);
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
