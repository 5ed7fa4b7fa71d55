/**
 * An index of spellings by what six of their bytes hash to under seeds of this process, in the manner of Karp and Rabin
 * (1987). A spelling of which several such windows are known need be looked for at some places only: of N windows in a row
 * each N-th place of a text meets one. Holds no byte of what it knows.
 */
import { randomBytes } from 'node:crypto';

export const WINDOW_BYTES = 6;
/**
 * Bits of the filter for each window, and its least and most bits: 1 MiB, which fits into a core's own cache. Of each
 * window three are set in one word (a blocked Bloom filter: Putze, Sanders, Singler 2007), so that of 10,000 values, 720,000
 * windows, one place in eighty passes by chance; with one bit it was one in twelve.
 */
const BITS_A_WINDOW = 32;
const LEAST_BITS = 1 << 16;
const MOST_BITS = 1 << 23;

const WORD_BYTES = 4;
const NO_WORDS = new Int32Array(0);
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** What stands at a place where a window may be. @returns whether to stop */
export type Candidate = (label: number, at: number) => boolean;

export class FormIndex {
  /** Windows of each spelling, and the distance of the places that are looked at. */
  readonly stride: number;
  readonly #seeds: Int32Array;
  /** Open addressing: hash and label of each window, label -1 where there is none. */
  readonly #hashes: Uint32Array;
  readonly #labels: Int32Array;
  readonly #filter: Int32Array;
  /** Of the memory that was searched last. */
  #words: Int32Array = NO_WORDS;
  /** From a hash to its word of the filter. */
  readonly #shift: number;

  /** @param mostWindows how many windows will be added at most */
  constructor(stride: number, mostWindows: number) {
    this.stride = stride;
    const random = randomBytes(16);
    // Multipliers must be odd.
    this.#seeds = Int32Array.from([0, 4, 8, 12], (at, i) => random.readInt32LE(at) | (i < 2 ? 1 : 0));
    const entries = powerOfTwo(Math.max(16, mostWindows * 2));
    this.#hashes = new Uint32Array(entries);
    this.#labels = new Int32Array(entries).fill(-1);
    const bits = powerOfTwo(Math.min(MOST_BITS, Math.max(LEAST_BITS, mostWindows * BITS_A_WINDOW)));
    this.#filter = new Int32Array(bits >>> 5);
    this.#shift = 32 - Math.log2(this.#filter.length);
  }

  /**
   * Adds the windows of a spelling, of which at least `stride + WINDOW_BYTES - 1` bytes are given.
   * @param label of its first window; the next ones count on
   */
  add(spelling: Uint8Array, label: number): void {
    const [m1 = 0, m2 = 0, x1 = 0, x2 = 0] = this.#seeds;
    for (let i = 0; i < this.stride; i++) {
      this.#put(mix(word(spelling, i), word(spelling, i + 2), m1, m2, x1, x2), label + i);
    }
  }

  #put(hash: number, label: number): void {
    const mask = this.#hashes.length - 1;
    let place = hash & mask;
    while (this.#labels[place] !== -1) {
      if (this.#hashes[place] === hash && this.#labels[place] === label) return;
      place = (place + 1) & mask;
    }
    this.#hashes[place] = hash;
    this.#labels[place] = label;
    const at = hash >>> this.#shift;
    this.#filter[at] = (this.#filter[at] as number) | bitsOf(hash);
  }

  /** Goes through the places of `bytes[from, to)` where a window may stand, in order, until the candidate says stop. */
  search(bytes: Uint8Array, from: number, to: number, candidate: Candidate): void {
    const filter = this.#filter;
    const shift = this.#shift;
    const { stride } = this;
    const [m1 = 0, m2 = 0, x1 = 0, x2 = 0] = this.#seeds;
    // Which places are looked at is free but for their distance: those that are whole words of memory are read at once.
    const words = stride % WORD_BYTES === 0 && IS_LITTLE_ENDIAN ? this.#wordsOf(bytes) : NO_WORDS;
    const base = bytes.byteOffset;
    const last = words.length - 1;
    const first = words === NO_WORDS ? from : from + (-(base + from) & (WORD_BYTES - 1));
    for (let at = first; at + WINDOW_BYTES <= to; at += stride) {
      const place = (base + at) >> 2;
      let start = 0;
      let end = 0;
      if (place < last) {
        start = words[place] as number;
        end = (start >>> 16) | ((words[place + 1] as number) << 16);
      } else {
        start = word(bytes, at);
        end = word(bytes, at + 2);
      }
      const hash = mix(start, end, m1, m2, x1, x2);
      const bits = bitsOf(hash);
      if (((filter[hash >>> shift] as number) & bits) !== bits) continue;
      if (this.#tell(hash, at, candidate)) return;
    }
  }

  /** The whole words of the memory that the bytes lie in. */
  #wordsOf({ buffer }: Uint8Array): Int32Array {
    if (this.#words.buffer !== buffer)
      this.#words = new Int32Array(buffer, 0, Math.floor(buffer.byteLength / WORD_BYTES));
    return this.#words;
  }

  #tell(hash: number, at: number, candidate: Candidate): boolean {
    const mask = this.#hashes.length - 1;
    let stops = false;
    for (let place = hash & mask; this.#labels[place] !== -1; place = (place + 1) & mask) {
      if (this.#hashes[place] === hash && candidate(this.#labels[place] as number, at)) stops = true;
    }
    return stops;
  }
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least));
}

/** Which bits of its word stand for a hash: by its low bits, the word by its high ones. */
function bitsOf(hash: number): number {
  return (1 << (hash & 31)) | (1 << ((hash >>> 5) & 31)) | (1 << ((hash >>> 10) & 31));
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Hash of six bytes, given as their first and their last four. */
function mix(first: number, last: number, m1: number, m2: number, x1: number, x2: number): number {
  const sum = Math.imul(first ^ x1, m1) + Math.imul(last ^ x2, m2);
  return Math.imul(sum ^ (sum >>> 15), m1) >>> 0;
}
