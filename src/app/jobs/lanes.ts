/** Threads that redact blocks, each with its own rules and engine and one block at a time. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { IoError } from '../../errors.ts';
import { packageRoot } from '../../rules/packs.ts';
import type { Redaction } from '../redaction.ts';
import type { Block, BlockDone, ThreadReady, ThreadStart } from './messages.ts';

/** A thread died with a block: what it had of it is lost, the block itself is not. */
export class LaneLost extends Error {}

/** One thread. */
export class Lane {
  /** Whether its last block left something open, so that it must not be given anything but what follows. */
  #isOpen = false;
  /** Whether what the block in work leaves open is of no use. */
  #isAbandoned = false;
  readonly #worker: Worker;
  #waiting: { resolve(done: BlockDone): void; reject(error: Error): void } | undefined;
  #isReady = false;
  #isLost = false;

  constructor(start: ThreadStart, identity: string) {
    this.#worker = new Worker(entryPath(), { workerData: start });
    // A run that is done need not wait for a thread that is not.
    this.#worker.unref();
    this.#worker.once('message', (ready: ThreadReady) => {
      // Files may have changed between their two readings, and pipes give theirs once: such a thread would redact otherwise.
      if (ready.identity === identity) this.#isReady = true;
      else this.#lose();
      this.#worker.on('message', (done: BlockDone) => {
        this.#isOpen = !done.isAtRest && !this.#isAbandoned;
        this.#isAbandoned = false;
        this.#settle()?.resolve(done);
      });
    });
    this.#worker.on('error', () => this.#lose());
    this.#worker.on('exit', () => this.#lose());
  }

  /** Whether a block may be given to it that goes on with nothing. */
  get isFree(): boolean {
    return this.#isReady && !this.#isLost && !this.#isOpen && this.#waiting === undefined;
  }

  /** What it has left open, or will, is of no use. */
  abandon(): void {
    this.#isOpen = false;
    this.#isAbandoned = this.#waiting !== undefined;
  }

  /**
   * @param block copied to the thread; the lane must have answered the one before
   * @throws LaneLost
   */
  redact({ bytes, source, place, continues, isLast }: Block): Promise<BlockDone> {
    // Of a view all that lies under it would be sent.
    const block: Block = { bytes: new Uint8Array(bytes), source, place, continues, isLast };
    if (this.#isLost) return Promise.reject(new LaneLost());
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker.ref();
      this.#worker.postMessage(block, [block.bytes.buffer as ArrayBuffer]);
    });
  }

  async close(): Promise<void> {
    this.#isLost = true;
    await this.#worker.terminate();
  }

  #settle(): { resolve(done: BlockDone): void; reject(error: Error): void } | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#worker.unref();
    return waiting;
  }

  #lose(): void {
    this.#isLost = true;
    this.#settle()?.reject(new LaneLost());
  }
}

/** The threads of one set of rules. */
export class Lanes {
  readonly redaction: Redaction;
  readonly #lanes: Lane[];

  constructor(redaction: Redaction, jobs: number, wants: Pick<ThreadStart, 'wantsFindings' | 'isCounted'>) {
    this.redaction = redaction;
    const { key, ...settings } = redaction.settings;
    const start: ThreadStart = { settings, key: key.share(), ...wants };
    this.#lanes = Array.from({ length: jobs }, () => new Lane(start, redaction.identity));
  }

  /** A lane that waits for a block. */
  get free(): Lane | undefined {
    return this.#lanes.find(({ isFree }) => isFree);
  }

  async close(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }
}

function entryPath(): string {
  const path = join(packageRoot(), 'dist', 'redactThread.js');
  if (!existsSync(path)) throw new IoError(`${path}: the installation is broken: it is missing`);
  return path;
}
