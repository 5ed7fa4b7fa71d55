/** Threads that search parts, each with its own rules and engine. A thread that dies costs the part it had, not the audit. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Part, PartResult, ScanOptions } from '../../audit/scan.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { IoError } from '../../errors.ts';
import type { SharedKey } from '../../findings/fingerprint.ts';
import { packageRoot } from '../../rules/packs.ts';
import { NO_ANOMALIES } from './contentScanner.ts';
import type { Executor, Searched } from './executor.ts';
import type { KeyEntries } from './leakedKeys.ts';

/** What a thread needs to begin. */
export interface ThreadStart {
  readonly settings: Omit<RedactionSettings, 'key'>;
  readonly key: SharedKey;
  /** What the main thread looks for, where it looks for something itself. */
  readonly identity: string | undefined;
  readonly scan: ScanOptions;
  readonly baseline: readonly string[];
  /** Entity whose values are to be asked about; none without. */
  readonly keysOf?: string | undefined;
  /** Bytes read, a number for each thread. */
  readonly bytesRead: SharedArrayBuffer;
  readonly index: number;
}

export type ThreadAnswer =
  | { readonly searched: Searched; readonly keys?: KeyEntries | undefined }
  | { readonly failure: string; readonly isIo: boolean };

/** Of what JavaScript holds; the engine's memory, some 30 MB, comes to it. */
const HEAP_MB = 384;
/** Parts a thread has waiting, so that it need not wait for us. */
const PARTS_PER_THREAD = 3;

interface Task {
  readonly part: Part;
  readonly done: (searched: Searched) => void;
  readonly fail: (error: Error) => void;
}

interface Thread {
  worker: Worker;
  task: Task | undefined;
}

export class Threads implements Executor {
  readonly window: number;
  readonly workers: number;
  readonly #start: Omit<ThreadStart, 'index' | 'bytesRead'>;
  readonly #counts: BigInt64Array;
  readonly #threads: Thread[] = [];
  readonly #waiting: Task[] = [];
  readonly #onKeys: ((keys: KeyEntries) => void) | undefined;
  #isClosed = false;

  /** @param onKeys takes the values of `keysOf` that threads have met */
  constructor(
    workers: number,
    start: Omit<ThreadStart, 'index' | 'bytesRead'>,
    onKeys?: (keys: KeyEntries) => void,
  ) {
    this.#onKeys = onKeys;
    this.workers = workers;
    this.window = workers * PARTS_PER_THREAD;
    this.#start = start;
    this.#counts = new BigInt64Array(new SharedArrayBuffer(workers * BigInt64Array.BYTES_PER_ELEMENT));
    for (let index = 0; index < workers; index++) this.#threads.push(this.#open(index));
  }

  get bytesRead(): number {
    return this.#counts.reduce((sum, count) => sum + Number(count), 0);
  }

  run(part: Part): Promise<Searched> {
    return new Promise((done, fail) => {
      this.#waiting.push({ part, done, fail });
      this.#assign();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #assign(): void {
    for (const thread of this.#threads) {
      if (thread.task !== undefined) continue;
      thread.task = this.#waiting.shift();
      if (thread.task === undefined) return;
      thread.worker.postMessage(thread.task.part);
    }
  }

  #open(index: number): Thread {
    const bytesRead = this.#counts.buffer as SharedArrayBuffer;
    const workerData: ThreadStart = { ...this.#start, bytesRead, index };
    const worker = new Worker(entryPath(), {
      workerData,
      // Files of findings that wait are opened there and closed here; a thread that ends must not close what has got
      // their numbers since.
      trackUnmanagedFds: false,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    const thread: Thread = { worker, task: undefined };
    worker.on('message', (answer: ThreadAnswer) => {
      const { task } = thread;
      thread.task = undefined;
      if ('searched' in answer) {
        if (answer.keys !== undefined) this.#onKeys?.(answer.keys);
        task?.done(answer.searched);
      } else task?.fail(answer.isIo ? new IoError(answer.failure) : new Error(answer.failure));
      this.#assign();
    });
    worker.on('error', (error) => this.#replace(thread, index, error));
    return thread;
  }

  /** The part that a thread died of is a gap; the others go on with a new thread. */
  #replace(thread: Thread, index: number, error: unknown): void {
    if (this.#isClosed) return;
    const { task } = thread;
    const reason = `its search ended with ${String((error as { code?: unknown }).code ?? 'an error')}`;
    if (task === undefined) {
      // It did not even begin.
      for (const { fail } of this.#waiting.splice(0))
        fail(new IoError(`a search thread can't run: ${reason}`));
      return;
    }
    Object.assign(thread, this.#open(index));
    task.done({ result: failedResult(task.part, reason), records: { chunks: [], file: undefined } });
    this.#assign();
  }
}

/** A part that could not be searched. */
export function failedResult(part: Part, reason: string): PartResult {
  const start = part.range?.start ?? 0;
  return {
    state: 'unreadable',
    reason,
    start,
    end: part.range?.end ?? 0,
    lines: 0,
    bytesRead: 0,
    bytesSearched: 0,
    findings: 0,
    anomalies: NO_ANOMALIES,
  };
}

function entryPath(): string {
  const path = join(packageRoot(), 'dist', 'auditThread.js');
  if (!existsSync(path)) throw new IoError(`${path}: the installation is broken: it is missing`);
  return path;
}
