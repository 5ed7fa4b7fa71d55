/**
 * Text in base64 (RFC 4648, both alphabets), found without a word before it: of three bytes of ASCII text the first
 * three of their four digits can be half of the alphabet or less, so that six such groups in a row are text, and not a
 * digest, an id or words, all but one time in some million.
 */
import type { DecodedString } from '../json/decode.ts';
import { composeWith } from '../json/decode.ts';

/** Groups of four digits in a row that must look like text. */
const SEED_GROUPS = 6;
const GROUP = 4;
const SEED_BYTES = SEED_GROUPS * GROUP;
const EQUALS = 0x3d;

/** By byte: value of a digit of either alphabet, -1 for every other byte. */
export const DIGIT = new Int8Array(256).fill(-1);
/** Of RFC 4648, section 4. */
export const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < 64; value++) DIGIT[ALPHABET.charCodeAt(value)] = value;
DIGIT['-'.charCodeAt(0)] = 62;
DIGIT['_'.charCodeAt(0)] = 63;

/**
 * What the digits of a group of printable ASCII can be; the last one no sign, which it seldom is and which makes the
 * pattern one that the kernel finds at no cost.
 */
const SEED_CLASSES = ['I-Za-f', 'C-HS-Xi-ny-z0-3', 'ABEFIJMNQRUVYZcdghklopstwx014589', 'A-Za-z0-9'];
/** By place in the group, then byte: 1 where the byte can be that digit. */
const SEED = SEED_CLASSES.map((source) => {
  const regex = new RegExp(`[${source}]`);
  return Uint8Array.from({ length: 256 }, (_, byte) => (regex.test(String.fromCharCode(byte)) ? 1 : 0));
});

const IS_ALPHANUMERIC = SEED[3] as Uint8Array;

/** Matches in every line in which {@link nextText} finds anything. */
export const BASE64_SIGN = `(?:${SEED_CLASSES.map((source) => `[${source}]`).join('')}){${SEED_GROUPS}}`;

/** Base64 that holds text: whole groups, the last one perhaps cut, and padding. */
export interface Base64Run {
  readonly start: number;
  /** Of the last digit that is decoded. */
  readonly textEnd: number;
  /** Of the run of digits, padding included. */
  readonly end: number;
}

/** The first text in base64 that begins at `from` or behind; linear when each search goes on behind the last one. */
export function nextText(source: Uint8Array, from: number): Base64Run | undefined {
  const seed = nextSeed(source, from);
  if (seed === -1) return undefined;
  let start = seed;
  while (start - GROUP >= from && isText(source, start - GROUP)) start -= GROUP;
  let textEnd = seed + SEED_BYTES;
  while (isText(source, textEnd)) textEnd += GROUP;
  let end = textEnd;
  while (end < source.length && (DIGIT[source[end] as number] as number) >= 0) end++;
  // A last group of two or three digits.
  if (end - textEnd < GROUP && end - textEnd > 1) textEnd = end;
  for (let padding = 0; padding < 2 && source[end] === EQUALS; padding++) end++;
  return { start, textEnd, end };
}

/** Decodes a run; each byte of the text comes from all of it, because it is redacted as one. */
export function decodeBase64(
  source: Uint8Array,
  run: Base64Run,
  out: DecodedString,
  parent: DecodedString | null,
): void {
  const { start, textEnd, end } = run;
  out.reserve(textEnd - start);
  const { bytes, rawStart, rawEnd } = out;
  let length = 0;
  let bits = 0;
  let count = 0;
  for (let i = start; i < textEnd; i++) {
    bits = (bits << 6) | (DIGIT[source[i] as number] as number);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[length++] = (bits >> count) & 0xff;
    bits &= (1 << count) - 1;
  }
  rawStart.fill(start, 0, length);
  rawEnd.fill(end, 0, length);
  out.length = length;
  if (parent !== null) composeWith(out, parent);
}

/**
 * Where the first {@link SEED_GROUPS} groups begin that look like text, -1 for none. They are a run of letters and digits,
 * so of most text only each {@link SEED_BYTES}th byte is looked at.
 */
function nextSeed(source: Uint8Array, from: number): number {
  for (let at = from; at + SEED_BYTES <= source.length; ) {
    let first = at + SEED_BYTES;
    while (first > at && IS_ALPHANUMERIC[source[first - 1] as number] === 1) first--;
    if (first > at) {
      at = first;
      continue;
    }
    let end = at + SEED_BYTES;
    while (end < source.length && IS_ALPHANUMERIC[source[end] as number] === 1) end++;
    const seed = seedInRun(source, at, end);
    if (seed !== -1) return seed;
    at = end + 1;
  }
  return -1;
}

/** The same in a run of letters and digits. */
function seedInRun(source: Uint8Array, start: number, end: number): number {
  const [first, second, third] = SEED as [Uint8Array, Uint8Array, Uint8Array];
  // By place modulo four: how many groups in a row end here.
  const rows = [0, 0, 0, 0];
  for (let i = start; i + GROUP <= end; i++) {
    const isOne =
      first[source[i] as number] === 1 &&
      second[source[i + 1] as number] === 1 &&
      third[source[i + 2] as number] === 1;
    const row = isOne ? (rows[i & 3] as number) + 1 : 0;
    if (row === SEED_GROUPS) return i - (SEED_GROUPS - 1) * GROUP;
    rows[i & 3] = row;
  }
  return -1;
}

/** Whether the four digits at `at` are three bytes of text: printable ASCII, white space, or of a longer character. */
function isText(source: Uint8Array, at: number): boolean {
  if (at + GROUP > source.length) return false;
  let bits = 0;
  for (let i = 0; i < GROUP; i++) {
    const digit = DIGIT[source[at + i] as number] as number;
    if (digit < 0) return false;
    bits = (bits << 6) | digit;
  }
  return isTextByte(bits >> 16) && isTextByte((bits >> 8) & 0xff) && isTextByte(bits & 0xff);
}

function isTextByte(byte: number): boolean {
  return (byte >= 0x20 && byte !== 0x7f) || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
