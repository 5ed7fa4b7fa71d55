/**
 * Counts distinct fingerprints in bounded memory: exactly up to a limit, by HyperLogLog beyond it (Flajolet, Fusy,
 * Gandouet, Meunier: "HyperLogLog: the analysis of a near-optimal cardinality estimation algorithm", 2007).
 * Fingerprints are keyed hashes, so their bits are as uniform as the estimator needs.
 */

/** Up to here the count is exact; some 6 MB of strings at most. */
const EXACT_LIMIT = 65_536;
/** 2^14 registers: a standard error of 1.04 / sqrt(2^14) = 0.8 %. */
const REGISTER_BITS = 14;
const REGISTERS = 1 << REGISTER_BITS;

/** A count and whether it is exact. */
export interface DistinctCount {
  readonly count: number;
  readonly exact: boolean;
}

export class DistinctCounter {
  #exact: Set<string> | undefined = new Set();
  readonly #registers = new Uint8Array(REGISTERS);

  /** @param fingerprint at least 16 hex digits */
  add(fingerprint: string): void {
    if (this.#exact !== undefined) {
      this.#exact.add(fingerprint);
      if (this.#exact.size <= EXACT_LIMIT) return;
      for (const known of this.#exact) this.#estimate(known);
      this.#exact = undefined;
      return;
    }
    this.#estimate(fingerprint);
  }

  count(): DistinctCount {
    if (this.#exact !== undefined) return { count: this.#exact.size, exact: true };
    // Beyond the exact limit the raw estimate needs none of the paper's corrections for small ranges.
    const alpha = 0.7213 / (1 + 1.079 / REGISTERS);
    let sum = 0;
    for (const register of this.#registers) sum += 2 ** -register;
    return { count: Math.round((alpha * REGISTERS * REGISTERS) / sum), exact: false };
  }

  #estimate(fingerprint: string): void {
    const high = Number.parseInt(fingerprint.slice(0, 8), 16);
    const low = Number.parseInt(fingerprint.slice(8, 16), 16);
    const register = high >>> (32 - REGISTER_BITS);
    const rest = ((high << REGISTER_BITS) | (low >>> (32 - REGISTER_BITS))) >>> 0;
    const rank = Math.clz32(rest) + 1;
    if (rank > this.#registers[register]) this.#registers[register] = rank;
  }
}
