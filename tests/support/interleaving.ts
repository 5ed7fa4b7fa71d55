/**
 * Lets something happen between any two system calls of the code under test, or ends it there: the functions of `node:fs`
 * are wrapped while a piece of it runs. What it had open when it was killed is closed, as the system does.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The functions as they are, for whoever moves the world. */
export const real = { ...fs };

// Node keeps what it finds when this is called for the first time.
real.rmSync(real.mkdtempSync(join(tmpdir(), 'logveil-prime-')), { recursive: true });

/** The process is no more. */
class Killed extends Error {}

const CALLS = [
  'statSync',
  'openSync',
  'readdirSync',
  'readSync',
  'fstatSync',
  'realpathSync',
  'writeSync',
  'fsyncSync',
  'renameSync',
  'ftruncateSync',
  'writeFileSync',
  'readFileSync',
  'rmSync',
] as const;
type Call = (typeof CALLS)[number];

export interface Interleaving {
  /** Called before each system call. */
  readonly before: () => void;
  /** Called after one that has done something that lasts: what it was, and its first argument. */
  readonly after?: (call: Call, argument: unknown) => void;
}

export class Process {
  #isDead = false;
  /** The world moves, not the process. */
  #isOutside = false;
  readonly #open = new Set<number>();

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Runs a piece of the process. @returns false when it was killed meanwhile */
  async run(work: () => Promise<void>, { before, after }: Interleaving): Promise<boolean> {
    const originals = new Map<Call, unknown>();
    const wrap = (call: Call): void => {
      const original = fs[call] as (...args: unknown[]) => unknown;
      originals.set(call, original);
      const wrapped = (...args: unknown[]): unknown => {
        // Node's own functions call each other.
        if (this.#isOutside) return original(...args);
        if (this.#isDead) throw new Killed();
        this.#outside(before);
        if (this.#isDead) throw new Killed();
        const result = original(...args);
        if (call === 'openSync') this.#open.add(result as number);
        if (after !== undefined) this.#outside(() => after(call, args[0]));
        return result;
      };
      Object.assign(fs, { [call]: Object.assign(wrapped, original) });
    };
    const closeSync = fs.closeSync;
    for (const call of CALLS) wrap(call);
    fs.closeSync = (fd: number) => {
      if (this.#isOutside) {
        closeSync(fd);
        return;
      }
      if (this.#isDead) throw new Killed();
      this.#open.delete(fd);
      closeSync(fd);
    };
    syncBuiltinESMExports();
    try {
      await work();
    } catch (error) {
      if (!this.#isDead) throw error;
    } finally {
      for (const [call, original] of originals) Object.assign(fs, { [call]: original });
      fs.closeSync = closeSync;
      syncBuiltinESMExports();
    }
    return !this.#isDead;
  }

  #outside(work: () => void): void {
    this.#isOutside = true;
    try {
      work();
    } finally {
      this.#isOutside = false;
    }
  }

  /** From now on each of its system calls fails. */
  kill(): void {
    this.#isDead = true;
  }

  /** What the system does with its descriptors. */
  bury(): void {
    this.#isDead = true;
    for (const fd of this.#open) {
      try {
        real.closeSync(fd);
      } catch {
        // A stream has closed it.
      }
    }
    this.#open.clear();
  }
}
