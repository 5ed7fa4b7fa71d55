/** Runs a tail until it is told to stop: waits for changes, wakes the watchdog, and ends in good order. */
import { type FSWatcher, watch } from 'node:fs';
import { BrokenPipe } from '../sinks/fileWriter.ts';
import { Stopped } from '../sinks/output.ts';
import type { Tail } from './tail.ts';

export interface RunOptions {
  readonly tail: Tail;
  readonly folders: readonly string[];
  readonly pollMs: number;
  readonly stop: AbortSignal;
  /** Time to end in good order, in milliseconds. */
  readonly stopWithinMs: number;
  readonly isOnce: boolean;
  /** Called a few times a second while all is well. */
  readonly onAlive: () => void;
}

/**
 * @returns `closed` when the reader of standard output has gone
 * @throws IoError when the output takes nothing any more
 */
export async function runUntilStopped(options: RunOptions): Promise<'done' | 'closed'> {
  const { tail, stop, stopWithinMs, isOnce } = options;
  const waker = new Waker(options.folders, stop);
  try {
    if (isOnce) await tail.drain(stop);
    else await follow(options, waker);
    await tail.finish(AbortSignal.timeout(stopWithinMs));
    return 'done';
  } catch (error) {
    if (error instanceof Stopped) {
      await tail.leave(AbortSignal.timeout(stopWithinMs));
      return 'done';
    }
    if (!(error instanceof BrokenPipe)) throw error;
    // What the reader had taken is accepted, and need not come again.
    tail.save();
    return 'closed';
  } finally {
    tail.close();
    waker.close();
  }
}

/** Signals and timers get their turn after so long. */
const TURN_MS = 10;

async function follow({ tail, pollMs, stop, onAlive }: RunOptions, waker: Waker): Promise<void> {
  let turnAt = performance.now();
  while (!stop.aborted) {
    const isBusy = await tail.step(waker.take());
    const now = performance.now();
    if (isBusy && now - turnAt < TURN_MS) continue;
    turnAt = now;
    onAlive();
    if (isBusy) await new Promise((resolve) => setImmediate(resolve));
    else await waker.wait(pollMs);
  }
}

/** Ends waiting as soon as the system tells of a change; where it can't, polling does. */
class Waker {
  readonly #watchers: FSWatcher[] = [];
  #wake = (): void => {};
  /** A name has come or gone. */
  #isNamed = false;
  #isWoken = false;

  constructor(folders: readonly string[], stop: AbortSignal) {
    for (const folder of folders) {
      try {
        const watcher = watch(folder, { persistent: false }, (event) => this.#changed(event === 'rename'));
        watcher.on('error', () => watcher.close());
        this.#watchers.push(watcher);
      } catch {
        // It does not exist yet, or its file system tells nothing.
      }
    }
    stop.addEventListener('abort', () => this.#changed(false));
  }

  /** Whether names have changed since the last call. */
  take(): boolean {
    const isNamed = this.#isNamed;
    this.#isNamed = false;
    return isNamed;
  }

  async wait(ms: number): Promise<void> {
    if (!this.#isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isWoken = false;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }

  #changed(isNamed: boolean): void {
    this.#isNamed ||= isNamed;
    this.#isWoken = true;
    this.#wake();
  }
}
