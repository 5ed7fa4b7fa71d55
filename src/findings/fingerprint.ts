/**
 * Keyed identity of a value: equal values get equal fingerprints under one key, and without the key nobody can test a
 * guess. HMAC-SHA-256 (RFC 2104, FIPS 180-4) over entity, a zero byte, and the value.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { UsageError } from '../errors.ts';

/** Hex digits of a fingerprint: 128 bits. */
const FINGERPRINT_DIGITS = 32;
const KEY_BYTES = 32;
/** Logs repeat their values; a cached fingerprint costs a look-up in place of some 3 us of hashing. */
const CACHE_ENTRIES = 8192;
/** Longer values are rare and would make the cache large. */
const CACHED_VALUE_BYTES = 256;

/** Where the key came from; a random key's fingerprints can't be compared with those of another run. */
export type KeySource = 'LOGVEIL_KEY' | 'key-file' | 'option' | 'random';

/** A key on its way between threads. */
export interface SharedKey {
  readonly secret: Uint8Array;
  readonly source: KeySource;
}

export class FingerprintKey {
  /** Names the key without telling it: 8 hex digits of a hash under it. */
  readonly id: string;
  readonly source: KeySource;
  readonly #secret: Buffer;
  readonly #cache = new Map<string, string>();

  private constructor(secret: Buffer, source: KeySource) {
    this.#secret = secret;
    this.source = source;
    this.id = `k${createHmac('sha256', secret).update('logveil key id').digest('hex').slice(0, 8)}`;
  }

  /**
   * @param hex 64 hex digits, surrounding white space ignored
   * @param where how errors name what should be the key
   * @throws UsageError that tells the form, never the text
   */
  static fromHex(hex: string, source: KeySource, where: string = source): FingerprintKey {
    const digits = hex.trim();
    if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
      throw new UsageError(
        `${where}: expected a key of 64 hex digits, got ${digits.length} characters; \`openssl rand -hex 32\` makes one`,
      );
    }
    return new FingerprintKey(Buffer.from(digits, 'hex'), source);
  }

  /** The key for another thread of this process; it goes nowhere else. */
  share(): SharedKey {
    return { secret: new Uint8Array(this.#secret), source: this.source };
  }

  static fromShared({ secret, source }: SharedKey): FingerprintKey {
    return new FingerprintKey(Buffer.from(secret), source);
  }

  /** A key for this run only. */
  static random(): FingerprintKey {
    return new FingerprintKey(randomBytes(KEY_BYTES), 'random');
  }

  /**
   * @param value decoded bytes; not kept beyond a bounded cache in memory
   * @returns 32 hex digits
   */
  fingerprint(entity: string, value: Uint8Array): string {
    if (value.length > CACHED_VALUE_BYTES) return this.#hash(entity, value);
    const cacheKey = `${entity}\0${Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1')}`;
    const known = this.#cache.get(cacheKey);
    if (known !== undefined) return known;
    if (this.#cache.size >= CACHE_ENTRIES) this.#cache.clear();
    const fingerprint = this.#hash(entity, value);
    this.#cache.set(cacheKey, fingerprint);
    return fingerprint;
  }

  #hash(entity: string, value: Uint8Array): string {
    const hmac = createHmac('sha256', this.#secret).update(entity).update('\0').update(value);
    return hmac.digest('hex').slice(0, FINGERPRINT_DIGITS);
  }
}
