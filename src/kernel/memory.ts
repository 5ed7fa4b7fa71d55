/**
 * The kernel's WebAssembly instance and its linear memory, handed out from the bottom up and never given back.
 *
 * Addresses are byte offsets into the memory. Views become stale when the memory grows, so they are asked for anew
 * after an allocation; all allocation happens while patterns are compiled, none while text is searched.
 */
import { readFileSync } from 'node:fs';

const PAGE_BYTES = 65_536;
/** Each growth makes new views and wakes the collector; 2 MiB at least make it rare. */
const MIN_GROWTH_PAGES = 32;
/** Statics of the compiled module lie below. */
const FIRST_FREE = 65_536;

/** What the module exports (src/kernel/assembly/index.ts); types of WebAssembly are all numbers. */
export interface KernelExports {
  // anchors
  scanBlock(descriptor: number, start: number, end: number, list: number, room: number): number;
  scanCount(): number;
  sortCandidates(first: number, end: number): void;
  // block
  setUp(
    descriptor: number,
    list: number,
    room: number,
    groups: number,
    patterns: number,
    everyLine: number,
    everyLines: number,
  ): void;
  beginBlock(start: number, end: number, patterns: number, groups: number): void;
  nextMatch(state: number): number;
  skipLine(): void;
  skipTo(address: number): void;
  goOn(address: number): void;
  reachBack(group: number, at: number, limit: number): number;
  matchPattern(): number;
  matchLineStart(): number;
  matchLineEnd(): number;
  matchNextLine(): number;
  // bytes
  copyTwo(to: number, from: number, length: number, text: number, textLength: number): void;
  findByte(at: number, end: number, byte: number): number;
  countByte(at: number, end: number, byte: number): number;
  // search
  setKinds(address: number): void;
  beginSearch(pattern: number, begin: number, end: number, from: number, idleFrom: number): number;
  beginUnion(group: number, begin: number, end: number, from: number, idleFrom: number): number;
  restartSearch(): number;
  resumeStart(): number;
  resumeTransition(transition: number, ends: number): number;
  supplyMask(mask: number): number;
  supplyMatch(start: number, end: number): number;
  foundStart(): number;
  foundEnd(): number;
  foundMask(): number;
  foundNothingBefore(): number;
  walkFrom(): number;
  walkKind(): number;
  walkOwner(): number;
  walkRow(): number;
  walkMissing(): number;
  walkWanted(): number;
}

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)));
  return compiled;
}

export class KernelMemory {
  readonly exports: KernelExports;
  readonly #memory: WebAssembly.Memory;
  #next = FIRST_FREE;
  #bytes: Uint8Array;
  #words: Int32Array;

  constructor() {
    this.#memory = new WebAssembly.Memory({ initial: 2 });
    this.#bytes = new Uint8Array(this.#memory.buffer);
    this.#words = new Int32Array(this.#memory.buffer);
    const instance = new WebAssembly.Instance(kernelModule(), { env: { memory: this.#memory } });
    this.exports = instance.exports as unknown as KernelExports;
  }

  /** All of the memory as bytes; stale after the next allocation. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** All of the memory as 32-bit words (index = address / 4); stale after the next allocation. */
  get words(): Int32Array {
    return this.#words;
  }

  /** A Buffer on part of the memory; stale after the next allocation. */
  view(address: number, length: number): Buffer {
    return Buffer.from(this.#memory.buffer, address, length);
  }

  /** A copy of all that was allocated. */
  snapshot(): Uint8Array {
    return this.#bytes.slice(FIRST_FREE, this.#next);
  }

  /** Takes a snapshot as what was allocated first. */
  restore(snapshot: Uint8Array): void {
    if (this.#next !== FIRST_FREE) throw new Error('the memory is in use');
    // It may grow, and the view of it with it.
    const address = this.allocate(snapshot.length);
    this.#bytes.set(snapshot, address);
  }

  /** Zeroed bytes, 64-aligned. */
  allocate(length: number): number {
    const address = this.#next;
    this.reserve(length);
    this.#next = (address + length + 63) & ~63;
    return address;
  }

  /** Grows the memory now, so that allocations of `length` bytes in all don't make views stale later. */
  reserve(length: number): void {
    const missing = ((this.#next + length + 63) & ~63) - this.#memory.buffer.byteLength;
    if (missing > 0) {
      this.#memory.grow(Math.max(MIN_GROWTH_PAGES, Math.ceil(missing / PAGE_BYTES)));
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#words = new Int32Array(this.#memory.buffer);
    }
  }
}
