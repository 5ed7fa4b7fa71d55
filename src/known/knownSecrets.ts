/**
 * A dictionary of values that must never appear, found as they are, in hex and in base64 at any of its three offsets;
 * other encodings are undone before the text comes here. The values themselves are not kept: a filter knows the first
 * bytes of each spelling by a keyed hash, and what passes it is compared by its HMAC-SHA-256 under a key that this process
 * has drawn and nobody else knows.
 *
 * Each byte of a text costs one look into the filter, whatever the number of values.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { ALPHABET, DIGIT } from '../encodings/base64.ts';
import { HEX } from '../json/decode.ts';

/** Shorter values are refused: they would be found in most texts. */
export const SHORTEST_VALUE = 6;
/** The filter looks at this many bytes, as many as the shortest spelling has. */
const PREFIX_BYTES = 6;
const KEY_BYTES = 32;
const DIGEST_BYTES = 16;
/** Bits of the filter for each spelling, so that some 2 % of all places pass it, and its least and most bits. */
const BITS_A_FORM = 64;
const LEAST_BITS = 1 << 16;
const MOST_BITS = 1 << 23;
const EQUALS = 0x3d;

const KIND = { plain: 0, hex: 1, base64: 2 } as const;

/** How a value may be spelt, apart from which one it is. */
interface Form {
  readonly kind: (typeof KIND)[keyof typeof KIND];
  /** Bytes before the value in its group of three; base64 only. */
  readonly offset: number;
  /** Of the value. */
  readonly length: number;
}

/** Of base64 by offset: digits before the first that depends on the value only, and on it at all. */
const WHOLE_DIGIT = [0, 2, 3] as const;
const FIRST_DIGIT = [0, 1, 2] as const;

const HEX_DIGITS = ['0123456789abcdef', '0123456789ABCDEF'];
const BASE64_DIGITS = [ALPHABET, ALPHABET.replace('+/', '-_')];

/** Where a value stands. One object, overwritten by each search. */
export interface KnownMatch {
  /** Where the search came upon it; the next one begins behind. */
  at: number;
  start: number;
  end: number;
  /** What stands there, decoded. */
  value: Buffer;
}

type Spelling = Omit<KnownMatch, 'at'>;

export class KnownSecrets {
  readonly match: KnownMatch = { at: 0, start: 0, end: 0, value: Buffer.alloc(0) };
  readonly size: number;
  readonly #key = randomBytes(KEY_BYTES);
  readonly #seeds: Int32Array;
  readonly #digests = new Set<string>();
  /** By hash of the first bytes. */
  readonly #forms = new Map<number, Form[]>();
  readonly #filter: Int32Array;
  readonly #shift: number;

  /** @param values of {@link SHORTEST_VALUE} bytes at least; overwritten with zeros */
  constructor(values: readonly Buffer[]) {
    const random = randomBytes(16);
    // Multipliers must be odd.
    this.#seeds = Int32Array.from([0, 4, 8, 12], (at, i) => random.readInt32LE(at) | (i < 2 ? 1 : 0));
    for (const value of values) {
      this.#digests.add(this.#digest(value));
      this.#addForms(value);
      value.fill(0);
    }
    this.size = this.#digests.size;
    const wanted = Math.min(MOST_BITS, Math.max(LEAST_BITS, this.#forms.size * BITS_A_FORM));
    const bits = 2 ** Math.ceil(Math.log2(wanted));
    this.#shift = 32 - Math.log2(bits);
    this.#filter = new Int32Array(bits >>> 5);
    for (const hash of this.#forms.keys()) {
      const bit = hash >>> this.#shift;
      this.#filter[bit >>> 5] = (this.#filter[bit >>> 5] as number) | (1 << (bit & 31));
    }
  }

  /**
   * Finds the first value in `bytes[from, to)`, the longest of those that begin at one place.
   * @returns whether there is one; `match` then holds it
   */
  find(bytes: Buffer, from: number, to: number): boolean {
    const filter = this.#filter;
    const shift = this.#shift;
    const [m1 = 0, m2 = 0, x1 = 0, x2 = 0] = this.#seeds;
    let at = from;
    if (to - at < PREFIX_BYTES) return false;
    // Four bytes each, from `at`, one behind and two behind.
    let a = word(bytes, at);
    let b = word(bytes, at + 1);
    for (; at + PREFIX_BYTES <= to; at++) {
      const c = (b >>> 8) | ((bytes[at + 5] as number) << 24);
      const hash = mix(a, c, m1, m2, x1, x2);
      const bit = hash >>> shift;
      if ((((filter[bit >>> 5] as number) >>> (bit & 31)) & 1) !== 0 && this.#isAt(hash, bytes, at, to))
        return true;
      a = b;
      b = c;
    }
    return false;
  }

  #isAt(hash: number, bytes: Buffer, at: number, to: number): boolean {
    const { match } = this;
    let length = 0;
    for (const form of this.#forms.get(hash) ?? []) {
      const spelling = read(form, bytes, at, to);
      if (spelling === undefined || spelling.end - spelling.start <= length) continue;
      if (!this.#digests.has(this.#digest(spelling.value))) continue;
      match.at = at;
      match.start = spelling.start;
      match.end = spelling.end;
      match.value = spelling.value;
      length = spelling.end - spelling.start;
    }
    return length > 0;
  }

  #digest(value: Buffer): string {
    return createHmac('sha256', this.#key).update(value).digest().toString('latin1', 0, DIGEST_BYTES);
  }

  #addForms(value: Buffer): void {
    const { length } = value;
    this.#addForm(value, { kind: KIND.plain, offset: 0, length });
    // The filter's bytes depend on the value's first ones only.
    const prefix = Buffer.alloc(PREFIX_BYTES);
    for (const digits of HEX_DIGITS) {
      writeDigits(prefix, value, digits, 4, 0);
      this.#addForm(prefix, { kind: KIND.hex, offset: 0, length });
    }
    for (const [offset, first] of WHOLE_DIGIT.entries()) {
      for (const digits of BASE64_DIGITS) {
        writeDigits(prefix, value, digits, 6, first * 6 - offset * 8);
        this.#addForm(prefix, { kind: KIND.base64, offset, length });
      }
    }
    prefix.fill(0);
  }

  #addForm(spelling: Buffer, form: Form): void {
    const [m1 = 0, m2 = 0, x1 = 0, x2 = 0] = this.#seeds;
    const hash = mix(word(spelling, 0), word(spelling, 2), m1, m2, x1, x2);
    const forms = this.#forms.get(hash);
    const isSame = (other: Form): boolean =>
      other.kind === form.kind && other.offset === form.offset && other.length === form.length;
    if (forms === undefined) this.#forms.set(hash, [form]);
    else if (!forms.some(isSame)) forms.push(form);
  }
}

/**
 * Writes the value's bits as digits.
 * @param bits of a digit, at most 8
 * @param from the first bit of the value that is written
 */
function writeDigits(to: Buffer, value: Buffer, digits: string, bits: number, from: number): void {
  for (let i = 0; i < to.length; i++) {
    const bit = from + i * bits;
    const at = bit >> 3;
    const pair = ((value[at] as number) << 8) | (value[at + 1] ?? 0);
    to[i] = digits.charCodeAt((pair >> (16 - bits - (bit & 7))) & ((1 << bits) - 1));
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** Hash of six bytes, given as their first and their last four; its upper bits depend on all of them. */
function mix(first: number, last: number, m1: number, m2: number, x1: number, x2: number): number {
  const sum = Math.imul(first ^ x1, m1) + Math.imul(last ^ x2, m2);
  return Math.imul(sum ^ (sum >>> 15), m1) >>> 0;
}

/** What stands in `bytes` before `to` when it is read as such a spelling that begins at `at`, undefined when it is none. */
function read(form: Form, bytes: Buffer, at: number, to: number): Spelling | undefined {
  const { length, offset } = form;
  if (form.kind === KIND.plain) {
    return at + length > to
      ? undefined
      : { start: at, end: at + length, value: bytes.subarray(at, at + length) };
  }
  if (form.kind === KIND.hex) {
    const end = at + 2 * length;
    const value = end > to ? undefined : readHex(bytes, at, length);
    return value && { start: at, end, value };
  }
  const group = at - (WHOLE_DIGIT[offset] as number);
  let end = group + Math.ceil(((offset + length) * 4) / 3);
  // A digit before the first whole one holds bits of the value: it must be there.
  const start = group + (FIRST_DIGIT[offset] as number);
  if (start < 0 || end > to) return undefined;
  const value = readBase64(bytes, start, end, offset, length);
  if (value === undefined) return undefined;
  for (let padding = 0; padding < 2 && end < to && bytes[end] === EQUALS; padding++) end++;
  return { start, end, value };
}

function readHex(bytes: Buffer, at: number, length: number): Buffer | undefined {
  const value = Buffer.alloc(length);
  for (let i = 0; i < length; i++) {
    const high = HEX[bytes[at + 2 * i] as number] as number;
    const low = HEX[bytes[at + 2 * i + 1] as number] as number;
    if ((high | low) < 0) return undefined;
    value[i] = (high << 4) | low;
  }
  return value;
}

/** Decodes the digits `[start, end)` and leaves out the bits of what stands before and behind the value. */
function readBase64(
  bytes: Buffer,
  start: number,
  end: number,
  offset: number,
  length: number,
): Buffer | undefined {
  const value = Buffer.alloc(length);
  let filled = 0;
  let bits = 0;
  // Of the first digit, those that belong to what stands before.
  let count = -((offset * 8) % 6);
  for (let i = start; i < end && filled < length; i++) {
    const digit = DIGIT[bytes[i] as number] as number;
    if (digit < 0) return undefined;
    bits = ((bits << 6) | digit) & 0x3fff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    value[filled++] = (bits >> count) & 0xff;
  }
  return filled === length ? value : undefined;
}
