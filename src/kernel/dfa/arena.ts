/**
 * The memory all lazily built automata share for their rows, with one cap on bytes and one on states. When either is
 * reached everything is dropped at once and built anew as needed (Russ Cox, "Regular Expression Matching in the Wild":
 * a cache that is simply flushed); `epoch` tells each automaton that its states are gone.
 */
import type { KernelMemory } from '../memory.ts';

/** Low bits of a row's transitions; see assembly/automata.ts. */
export const TRANSITION = { match: 1, dead: 2, unknown: 4, idle: 8 } as const;

const ROW_ALIGN = 16;

export class RowArena {
  readonly #memory: KernelMemory;
  readonly #base: number;
  readonly #end: number;
  readonly #maxStates: number;
  #next: number;
  #states = 0;
  #epoch = 0;

  /** @param bytes for rows @param maxStates bounds what the states cost outside of the kernel's memory */
  constructor(memory: KernelMemory, bytes: number, maxStates: number) {
    this.#memory = memory;
    this.#base = memory.allocate(bytes);
    this.#end = this.#base + bytes;
    this.#maxStates = maxStates;
    this.#next = this.#base;
  }

  /** Grows by one whenever all rows were dropped. */
  get epoch(): number {
    return this.#epoch;
  }

  get states(): number {
    return this.#states;
  }

  /** A row of `entries` unknown transitions; may drop all rows of all automata first. */
  allocate(entries: number): number {
    const length = (entries * 4 + ROW_ALIGN - 1) & ~(ROW_ALIGN - 1);
    if (this.#next + length > this.#end || this.#states >= this.#maxStates) this.clear();
    const row = this.#next;
    this.#next += length;
    this.#states += 1;
    // As a 32-bit word 0x04040404: its low bits say unknown.
    this.#memory.bytes.fill(TRANSITION.unknown, row, row + length);
    return row;
  }

  clear(): void {
    this.#next = this.#base;
    this.#states = 0;
    this.#epoch += 1;
  }
}
