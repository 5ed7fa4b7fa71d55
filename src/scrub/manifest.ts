/**
 * The record of a scrub: JSON lines, each on the disk before what it tells of happens. Of a run that was killed the last
 * line says which of two digests a file must have. Lines are added at the end, so one file can hold the record of years.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { describeIo, IoError } from '../errors.ts';

const SCRUB_SCHEMA = 'logveil.scrub/1';
const OWNER_ONLY = 0o600;

/** What the run was; the first line. */
export interface RunRecord {
  readonly event: 'run';
  readonly version: string;
  readonly rulesDigest: string;
  readonly keyId: string;
  readonly started: string;
  /** Given when only one person's values were taken out. */
  readonly subject?: true;
}

/** A file that takes another's place (`replacing`), and that has (`replaced`). */
export interface ReplaceRecord {
  readonly event: 'replacing' | 'replaced';
  readonly path: string;
  /** SHA-256 of the file's bytes as they are on the disk, hex. */
  readonly sha256Before: string;
  readonly sha256After: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly linesChanged: number;
  readonly valuesChanged: number;
  /** Found, and not changed: in JSON keys, or by the action `keep`. */
  readonly valuesKept: number;
  readonly byRule: Readonly<Record<string, number>>;
  /** Attributes that the new file does not have. */
  readonly notKept: readonly string[];
}

/** A file that was looked at and stays. */
export interface StayRecord {
  readonly event: 'unchanged' | 'refused' | 'failed';
  readonly path: string;
  readonly reason?: string;
}

export class Manifest {
  readonly #path: string;
  readonly #fd: number;

  /** @throws IoError */
  constructor(path: string) {
    this.#path = path;
    try {
      this.#fd = openSync(path, 'a', OWNER_ONLY);
    } catch (error) {
      throw new IoError(`${path}: the manifest can't be opened: ${describeIo(error)}`, { cause: error });
    }
  }

  /** @throws IoError when the line is not on the disk; then what it tells of must not happen */
  add(record: RunRecord | ReplaceRecord | StayRecord): void {
    const line = { schema: SCRUB_SCHEMA, time: new Date().toISOString(), ...record };
    try {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
      fsyncSync(this.#fd);
    } catch (error) {
      throw new IoError(`${this.#path}: the manifest can't be written: ${describeIo(error)}`, {
        cause: error,
      });
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
