/**
 * Events that a sink has not taken, on disk: redacted bytes only, readable by the owner only, bounded. A batch is a file,
 * made durable before it counts as accepted, and removed when the sink has taken it; one that was sent right before a
 * crash is sent again.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describeIo, IoError } from '../errors.ts';
import { OWNER_ONLY } from './ownerOnly.ts';
import type { SinkEvent } from './transport.ts';

const OWNER_ONLY_FOLDER = 0o700;
const NAME = /^(\d{12})-(\d+)\.spool$/;

interface SpoolFile {
  readonly path: string;
  readonly bytes: number;
  readonly events: number;
}

export class Spool {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #policy: 'block' | 'drop-oldest';
  readonly #files: SpoolFile[] = [];
  #bytes = 0;
  #next = 0;
  /** Events that were removed unsent, by the policy `drop-oldest`. */
  dropped = 0;

  /** @throws IoError */
  constructor(folder: string, maxBytes: number, policy: 'block' | 'drop-oldest') {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#policy = policy;
    try {
      mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
      for (const name of readdirSync(folder).sort()) {
        const [, number, events] = NAME.exec(name) ?? [];
        if (number === undefined) continue;
        const path = join(folder, name);
        const bytes = statSync(path).size;
        this.#files.push({ path, bytes, events: Number(events) });
        this.#bytes += bytes;
        this.#next = Number(number) + 1;
      }
    } catch (error) {
      throw new IoError(`${folder}: the spool can't be opened: ${describeIo(error)}`, { cause: error });
    }
  }

  get isEmpty(): boolean {
    return this.#files.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps a batch.
   * @returns false when it is full, and the policy is to wait
   * @throws IoError when the disk does not take it
   */
  add(events: readonly SinkEvent[]): boolean {
    const body = Buffer.from(
      JSON.stringify(events.map(({ bytes, source }) => [source, bytes.toString('base64')])),
    );
    while (this.#bytes + body.length > this.#maxBytes) {
      if (this.#policy === 'block' || this.#files.length === 0)
        return this.#policy !== 'block' && this.#drop(events);
      this.dropped += this.#files[0]?.events ?? 0;
      this.remove();
    }
    const name = `${String(this.#next++).padStart(12, '0')}-${events.length}.spool`;
    const path = join(this.#folder, name);
    try {
      writeFileSync(`${path}.tmp`, body, { mode: OWNER_ONLY, flush: true });
      renameSync(`${path}.tmp`, path);
      syncFolder(this.#folder);
    } catch (error) {
      rmSync(`${path}.tmp`, { force: true });
      throw new IoError(`${path}: the spool can't be written: ${describeIo(error)}`, { cause: error });
    }
    this.#files.push({ path, bytes: body.length, events: events.length });
    this.#bytes += body.length;
    return true;
  }

  /** The oldest batch. */
  first(): SinkEvent[] | undefined {
    const file = this.#files[0];
    if (file === undefined) return undefined;
    const rows = JSON.parse(readFileSync(file.path, 'utf8')) as [string, string][];
    return rows.map(([source, bytes]) => ({ source, bytes: Buffer.from(bytes, 'base64') }));
  }

  /** The oldest batch was taken. */
  remove(): void {
    const file = this.#files.shift();
    if (file === undefined) return;
    this.#bytes -= file.bytes;
    rmSync(file.path, { force: true });
  }

  /** One batch that is larger than the spool. */
  #drop(events: readonly SinkEvent[]): true {
    this.dropped += events.length;
    return true;
  }
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
