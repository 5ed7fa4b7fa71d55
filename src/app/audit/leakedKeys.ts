/**
 * Values of one entity as an audit meets them, to be asked about: the only place where an audit keeps a value, and in
 * memory only. They go from a thread to the one that asks, never to a file, a queue or an output.
 */

/** Distinct values kept; who has leaked more has other troubles. */
const MOST_KEPT = 10_000;
/** Longer is no key. */
const MOST_BYTES = 512;

/** By fingerprint. */
export type KeyEntries = readonly (readonly [fingerprint: string, key: string])[];

export class LeakedKeys {
  readonly entity: string;
  #keys = new Map<string, string>();

  constructor(entity: string) {
    this.entity = entity;
  }

  /** @param value valid during the call only */
  readonly take = (entity: string, fingerprint: string, value: Buffer): void => {
    if (entity !== this.entity || value.length > MOST_BYTES) return;
    if (this.#keys.size < MOST_KEPT && !this.#keys.has(fingerprint))
      this.#keys.set(fingerprint, value.toString('latin1'));
  };

  readonly addAll = (entries: KeyEntries): void => {
    for (const [fingerprint, key] of entries)
      if (this.#keys.size < MOST_KEPT) this.#keys.set(fingerprint, key);
  };

  /** Hands over what was met since the last time. */
  drain(): KeyEntries {
    const entries = [...this.#keys];
    this.#keys = new Map();
    return entries;
  }

  get(fingerprint: string): string | undefined {
    return this.#keys.get(fingerprint);
  }
}
