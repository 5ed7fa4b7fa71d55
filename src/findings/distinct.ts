/**
 * Counts distinct fingerprints in bounded memory: exactly up to a limit, by HyperLogLog beyond it (Flajolet, Fusy,
 * Gandouet, Meunier: "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", 2007).
 * Fingerprints are keyed hashes, so their bits are as uniform as the estimator needs.
 */

/** How exact a counter is, and how large it can grow. */
export interface DistinctOptions {
  /** Up to here the count is exact; some 100 bytes each. */
  readonly exactLimit: number;
  /** Of 2^n registers, n from 4 to 16: a standard error of 1.04 / sqrt(2^n), 2^n bytes. */
  readonly registerBits: number;
}

/** Some 6 MB at most, and a standard error of 0.8 %. */
const DEFAULTS: DistinctOptions = { exactLimit: 65_536, registerBits: 14 };

/** Bits of a word of a fingerprint. */
const WORD_BITS = 32;

/** A count and whether it is exact. */
export interface DistinctCount {
  readonly count: number;
  readonly exact: boolean;
}

/** What a counter holds, to go on with later: fingerprints, or registers in base64. */
export type DistinctState = readonly string[] | string;

export class DistinctCounter {
  readonly #options: DistinctOptions;
  #exact: Set<string> | undefined = new Set();
  #registers = new Uint8Array(0);

  constructor(options: DistinctOptions = DEFAULTS, state: DistinctState = []) {
    this.#options = options;
    if (typeof state !== 'string') this.#exact = new Set(state);
    else {
      this.#exact = undefined;
      this.#registers = new Uint8Array(Buffer.from(state, 'base64'));
    }
  }

  /** @param fingerprint at least 16 hex digits */
  add(fingerprint: string): void {
    if (this.#exact === undefined) {
      this.#estimate(fingerprint);
      return;
    }
    this.#exact.add(fingerprint);
    if (this.#exact.size <= this.#options.exactLimit) return;
    this.#registers = new Uint8Array(1 << this.#options.registerBits);
    for (const known of this.#exact) this.#estimate(known);
    this.#exact = undefined;
  }

  count(): DistinctCount {
    if (this.#exact !== undefined) return { count: this.#exact.size, exact: true };
    const size = this.#registers.length;
    const alpha = 0.7213 / (1 + 1.079 / size);
    let sum = 0;
    let zeros = 0;
    for (const register of this.#registers) {
      sum += 2 ** -register;
      if (register === 0) zeros++;
    }
    const raw = (alpha * size * size) / sum;
    // The paper's correction for small ranges; fingerprints are too long for the one for large ranges.
    const isSmall = raw <= 2.5 * size && zeros > 0;
    return { count: Math.round(isSmall ? size * Math.log(size / zeros) : raw), exact: false };
  }

  /** Standard error of the count as a share of it; 0 while it is exact. */
  get error(): number {
    return this.#exact === undefined ? 1.04 / Math.sqrt(this.#registers.length) : 0;
  }

  /** To be given to another counter with the same options. */
  get state(): DistinctState {
    return this.#exact === undefined ? Buffer.from(this.#registers).toString('base64') : [...this.#exact];
  }

  #estimate(fingerprint: string): void {
    const { registerBits } = this.#options;
    const high = Number.parseInt(fingerprint.slice(0, 8), 16);
    const low = Number.parseInt(fingerprint.slice(8, 16), 16);
    const register = high >>> (WORD_BITS - registerBits);
    const rest = ((high << registerBits) | (low >>> (WORD_BITS - registerBits))) >>> 0;
    const rank = Math.clz32(rest) + 1;
    if (rank > (this.#registers[register] as number)) this.#registers[register] = rank;
  }
}
