/**
 * What the JSON lexer found in one line (or one window of a very long line): tokens and fragments in growable typed
 * arrays that are cleared and reused, and the names of the object keys that govern the tokens.
 *
 * Invariants:
 * - Tokens stand in order of position and never overlap; neither do fragments.
 * - Offsets are half-open and count in bytes of the buffer given to the lexer. Everything here, key names included,
 *   is valid until the lexer's next call or until the caller overwrites that buffer, whichever comes first.
 * - Arrays are replaced when they grow: read the properties again after every lexer call.
 * - A key reference is a token index (>= 0), {@link NO_KEY}, or a carried key (< NO_KEY): a key of an earlier window
 *   of which only the decoded name is left. All three may be given to {@link JsonTokens.parentKey} and
 *   {@link JsonTokens.readKeyName}.
 *
 * Limits: a key's name is known up to its first {@link MAX_KEY_NAME_BYTES}; of the keys open at the start of a
 * window the innermost {@link MAX_CARRIED_KEYS} are known. A window of n bytes costs at most 7n bytes of arrays for
 * tokens (14 bytes a token, a token needs two bytes) and 4.5n for fragments, twice that while they grow.
 */

import { DecodedString, decodeString } from './decode.ts';

export const TokenKind = { Key: 0, String: 1, Number: 2, Literal: 3, Quoted: 4 } as const;
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind];

/** Bits of {@link JsonTokens.flags}. */
export const TokenFlag = {
  /** At least one backslash stands in the string (in the part that lies in this window). */
  Escaped: 1,
  /** Part of valid JSON, as far as the range shows. Never set for Quoted. */
  Structural: 2,
  /**
   * Not complete: the range ends, or an error comes, or for Quoted JSON begins. Only at the range's end is an open
   * token also structural.
   */
  Open: 4,
  /**
   * Began in an earlier window: `start` is the window's start, and no opening quote stands there. What is left of it
   * may be empty.
   */
  Continued: 8,
} as const;

/** Bits of {@link JsonTokens.fragmentFlags}; same values and meaning as for tokens. */
export const FragmentFlag = { Open: TokenFlag.Open, Continued: TokenFlag.Continued } as const;

/** The key reference of a token that no key governs. */
export const NO_KEY = -1;

/** Rules name keys; no name of a rule comes near this, and it bounds what a hostile key can make us copy. */
export const MAX_KEY_NAME_BYTES = 256;
/** With the name limit this bounds what is kept of a line between its windows to 16 KiB of names. */
export const MAX_CARRIED_KEYS = 64;

/** An escape takes at most 6 source bytes a decoded byte; the slack keeps a cut surrogate pair out of the name. */
const MAX_KEY_RAW_BYTES = MAX_KEY_NAME_BYTES * 6 + 12;

const NO_BYTES = new Uint8Array(0);

/** Reference of entry `index` of the carried keys; the same formula turns it back. */
const carriedReference = (index: number): number => NO_KEY - 1 - index;

/** Decoded names of the keys that were open at the start of a window; written once, by the lexer's snapshot. */
export class CarriedKeys {
  /** Entries in use, the innermost key first. */
  count = 0;
  /** Beginning of the name of a key that the window's edge cuts. */
  partial: Uint8Array = NO_BYTES;
  /** Reference of the key above each entry: {@link NO_KEY} or a carried one. */
  private readonly parents: Int32Array;
  private readonly lengths: Uint16Array;
  /** Entry `i` begins at `i * MAX_KEY_NAME_BYTES`. */
  private readonly names: Uint8Array;

  /** @param capacity how many keys are open at most; more than {@link MAX_CARRIED_KEYS} are not kept */
  constructor(capacity: number) {
    const entries = Math.min(capacity, MAX_CARRIED_KEYS);
    this.parents = new Int32Array(entries);
    this.lengths = new Uint16Array(entries);
    this.names = new Uint8Array(entries * MAX_KEY_NAME_BYTES);
  }

  /** Adds the next key outwards and returns its reference, {@link NO_KEY} when there is no room for it. */
  add(name: Uint8Array): number {
    if (this.count === this.parents.length) return NO_KEY;
    const entry = this.count++;
    this.names.set(name, entry * MAX_KEY_NAME_BYTES);
    this.lengths[entry] = name.length;
    this.parents[entry] = NO_KEY;
    return carriedReference(entry);
  }

  parentOf(reference: number): number {
    return this.parents[carriedReference(reference)];
  }

  setParent(reference: number, parent: number): void {
    this.parents[carriedReference(reference)] = parent;
  }

  nameOf(reference: number): Uint8Array {
    const entry = carriedReference(reference);
    const start = entry * MAX_KEY_NAME_BYTES;
    return this.names.subarray(start, start + this.lengths[entry]);
  }
}

/** Shared by all that carry nothing; with no room for an entry it stays empty. */
const NO_CARRIED_KEYS = new CarriedKeys(0);

export class JsonTokens {
  /** Number of tokens; entries of the token arrays are valid below it. */
  count = 0;
  /** A {@link TokenKind} each. */
  kinds = new Uint8Array(64);
  /** {@link TokenFlag} bits each. */
  flags = new Uint8Array(64);
  /** First byte; for strings the opening quote, unless continued. */
  starts = new Int32Array(64);
  /** End (exclusive); for strings after the closing quote, unless open. */
  ends = new Int32Array(64);
  /**
   * Reference of the key that governs each token: for a value in an object its key, for a value in an array the key
   * that governs the array, for a key the one that governs the object it stands in.
   */
  keys = new Int32Array(64);

  /** Number of fragments: outermost JSON objects and arrays, complete or cut by the end of the range. */
  fragmentCount = 0;
  fragmentStarts = new Int32Array(16);
  fragmentEnds = new Int32Array(16);
  /** {@link FragmentFlag} bits each. */
  fragmentFlags = new Uint8Array(16);

  /** The buffer the offsets point into. */
  bytes: Uint8Array = NO_BYTES;

  private carried = NO_CARRIED_KEYS;

  isEscaped(token: number): boolean {
    return (this.flags[token] & TokenFlag.Escaped) !== 0;
  }

  isStructural(token: number): boolean {
    return (this.flags[token] & TokenFlag.Structural) !== 0;
  }

  isOpen(token: number): boolean {
    return (this.flags[token] & TokenFlag.Open) !== 0;
  }

  isContinued(token: number): boolean {
    return (this.flags[token] & TokenFlag.Continued) !== 0;
  }

  /** Start of a string token's content, after the opening quote if it stands in this window. */
  interiorStart(token: number): number {
    return this.starts[token] + (this.isContinued(token) ? 0 : 1);
  }

  /** End (exclusive) of a string token's content, before the closing quote if there is one. */
  interiorEnd(token: number): number {
    return this.ends[token] - (this.isOpen(token) ? 0 : 1);
  }

  /** The next key on the way up the JSON path from the key `reference`; {@link NO_KEY} at the top. */
  parentKey(reference: number): number {
    if (reference >= 0) return this.keys[reference];
    return reference === NO_KEY ? NO_KEY : this.carried.parentOf(reference);
  }

  /**
   * The decoded name of a key, cut to {@link MAX_KEY_NAME_BYTES}: a view of the line's bytes where it can be, so not to
   * be written to, and only valid as long as they are.
   *
   * @param reference a key token or a carried key; {@link NO_KEY} has an empty name
   */
  keyName(reference: number): Uint8Array {
    if (reference === NO_KEY) return NO_BYTES;
    if (reference < NO_KEY) return this.carried.nameOf(reference);
    const start = this.interiorStart(reference);
    const end = this.interiorEnd(reference);
    return this.namePiece(start, end, this.isEscaped(reference), this.isContinued(reference));
  }

  /** For the lexer: forgets all tokens and fragments; offsets from now on point into `bytes`. */
  reset(bytes: Uint8Array, carried: CarriedKeys): void {
    this.bytes = bytes;
    this.count = 0;
    this.fragmentCount = 0;
    this.carried = carried;
  }

  /** For the lexer. Returns the token's index. */
  push(kind: TokenKind, flags: number, start: number, end: number, key: number): number {
    const index = this.count;
    if (index === this.starts.length) this.growTokens();
    this.kinds[index] = kind;
    this.flags[index] = flags;
    this.starts[index] = start;
    this.ends[index] = end;
    this.keys[index] = key;
    this.count = index + 1;
    return index;
  }

  /** For the lexer. */
  pushFragment(start: number, end: number, flags: number): void {
    const index = this.fragmentCount;
    if (index === this.fragmentStarts.length) this.growFragments();
    this.fragmentStarts[index] = start;
    this.fragmentEnds[index] = end;
    this.fragmentFlags[index] = flags;
    this.fragmentCount = index + 1;
  }

  /** For the lexer: name of the key with this interior, whose beginning stood in the last window if `continued`. */
  namePiece(start: number, end: number, escaped: boolean, continued: boolean): Uint8Array {
    const rawEnd = Math.min(end, start + MAX_KEY_RAW_BYTES);
    let piece = this.bytes.subarray(start, rawEnd);
    if (escaped) {
      const decoded = new DecodedString(rawEnd - start);
      decodeString(this.bytes, start, rawEnd, decoded);
      piece = decoded.bytes.subarray(0, decoded.length);
    }
    const before = continued ? this.carried.partial : NO_BYTES;
    if (before.length > 0) {
      const joined = new Uint8Array(before.length + piece.length);
      joined.set(before);
      joined.set(piece, before.length);
      piece = joined;
    }
    return piece.subarray(0, MAX_KEY_NAME_BYTES);
  }

  private growTokens(): void {
    const size = this.starts.length * 2;
    this.kinds = grown(this.kinds, new Uint8Array(size));
    this.flags = grown(this.flags, new Uint8Array(size));
    this.starts = grown(this.starts, new Int32Array(size));
    this.ends = grown(this.ends, new Int32Array(size));
    this.keys = grown(this.keys, new Int32Array(size));
  }

  private growFragments(): void {
    const size = this.fragmentStarts.length * 2;
    this.fragmentStarts = grown(this.fragmentStarts, new Int32Array(size));
    this.fragmentEnds = grown(this.fragmentEnds, new Int32Array(size));
    this.fragmentFlags = grown(this.fragmentFlags, new Uint8Array(size));
  }
}

/** `larger`, which begins with the content of `old`. */
function grown<T extends Uint8Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
