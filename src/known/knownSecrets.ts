/**
 * A dictionary of values that must never appear, found as they are, in hex and in base64 at any of its three offsets;
 * other encodings are undone before the text comes here. The values themselves are not kept: a filter knows the first
 * bytes of each spelling by a keyed hash, and what passes it is compared by its HMAC-SHA-256 under a key that this process
 * has drawn and nobody else knows.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { ALPHABET, DIGIT } from '../encodings/base64.ts';
import { HEX } from '../json/decode.ts';
import { FormIndex, WINDOW_BYTES } from './formIndex.ts';

/** Shorter values are refused: they would be found in most texts. */
export const SHORTEST_VALUE = 6;
/** Of values that are long enough only each of so many places is looked at. */
const STRIDE = 8;
/** Spellings of one value: plain, two of hex, six of base64. */
const FORMS = 9;
/** How far one index is searched before the other. */
const PORTION_BYTES = 4096;
const KEY_BYTES = 32;
const DIGEST_BYTES = 16;
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

/** A form and how far behind its begin a window of it stands. */
interface Label {
  readonly form: Form;
  readonly shift: number;
}

export class KnownSecrets {
  readonly match: KnownMatch = { at: 0, start: 0, end: 0, value: Buffer.alloc(0) };
  readonly size: number;
  readonly #key = randomBytes(KEY_BYTES);
  readonly #digests = new Set<string>();
  readonly #labels: Label[] = [];
  /** By stride and form: its first label. */
  readonly #known = new Map<string, number>();
  /** Of short values, and of the others. */
  readonly #indexes: readonly FormIndex[];

  /** @param values of {@link SHORTEST_VALUE} bytes at least; overwritten with zeros */
  constructor(values: readonly Buffer[]) {
    const isLong = ({ length }: Buffer): boolean => length >= STRIDE + WINDOW_BYTES - 1;
    const groups = [
      { stride: 1, members: values.filter((value) => !isLong(value)) },
      { stride: STRIDE, members: values.filter(isLong) },
    ];
    this.#indexes = groups
      .filter(({ members }) => members.length > 0)
      .map(({ stride, members }) => {
        const index = new FormIndex(stride, members.length * FORMS * stride);
        for (const value of members) this.#addForms(index, value);
        return index;
      });
    for (const value of values) {
      this.#digests.add(this.#digest(value));
      value.fill(0);
    }
    this.size = this.#digests.size;
  }

  /**
   * Finds the first value in `bytes[from, to)`, the longest of those that begin at one place.
   * @returns whether there is one; `match` then holds it
   */
  find(bytes: Buffer, from: number, to: number): boolean {
    // In portions: each index is searched as far as the other has found nothing.
    for (let at = from; at < to; at += PORTION_BYTES) {
      const end = Math.min(to, at + PORTION_BYTES + WINDOW_BYTES + STRIDE);
      let isFound = false;
      for (const index of this.#indexes) {
        index.search(bytes, at, end, (label, place) => {
          const isOne = this.#isAt(label, bytes, place, from, to, isFound);
          isFound ||= isOne;
          return isOne;
        });
      }
      if (isFound) return true;
    }
    return false;
  }

  /** Whether a value stands there that begins before the match found so far, or is longer. */
  #isAt(label: number, bytes: Buffer, place: number, from: number, to: number, isFound: boolean): boolean {
    const { match } = this;
    const { form, shift } = this.#labels[label] as Label;
    const at = place - shift;
    if (at < from) return false;
    const spelling = read(form, bytes, at, to);
    if (spelling === undefined) return false;
    if (isFound && (at > match.at || (at === match.at && spelling.end <= match.end))) return false;
    if (!this.#digests.has(this.#digest(spelling.value))) return false;
    match.at = at;
    match.start = spelling.start;
    match.end = spelling.end;
    match.value = spelling.value;
    return true;
  }

  #digest(value: Buffer): string {
    return createHmac('sha256', this.#key).update(value).digest().toString('latin1', 0, DIGEST_BYTES);
  }

  #addForms(index: FormIndex, value: Buffer): void {
    const { length } = value;
    const { stride } = index;
    index.add(value, this.#labelOf({ kind: KIND.plain, offset: 0, length }, stride));
    const prefix = Buffer.alloc(stride + WINDOW_BYTES - 1);
    for (const digits of HEX_DIGITS) {
      writeDigits(prefix, value, digits, 4, 0);
      index.add(prefix, this.#labelOf({ kind: KIND.hex, offset: 0, length }, stride));
    }
    for (const [offset, first] of WHOLE_DIGIT.entries()) {
      for (const digits of BASE64_DIGITS) {
        writeDigits(prefix, value, digits, 6, first * 6 - offset * 8);
        index.add(prefix, this.#labelOf({ kind: KIND.base64, offset, length }, stride));
      }
    }
    prefix.fill(0);
  }

  /** The label of a form's first window. */
  #labelOf(form: Form, stride: number): number {
    const key = [stride, form.kind, form.offset, form.length].join();
    let label = this.#known.get(key);
    if (label === undefined) {
      label = this.#labels.length;
      this.#known.set(key, label);
      for (let shift = 0; shift < stride; shift++) this.#labels.push({ form, shift });
    }
    return label;
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
