import { DASH, EQUALS, PLUS, SLASH, UNDERSCORE } from './bytes.ts';
import type { Validator } from './validator.ts';

/** Not a byte of base64. */
const NONE = 0xff;

/** The six bits a byte stands for in base64 or base64url (RFC 4648, tables 1 and 2), or NONE. */
const SEXTETS = new Uint8Array(256).fill(NONE);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
for (let i = 0; i < ALPHABET.length; i++) SEXTETS[ALPHABET.charCodeAt(i)] = i;
SEXTETS[PLUS] = SEXTETS[DASH] = 62;
SEXTETS[SLASH] = SEXTETS[UNDERSCORE] = 63;

/**
 * Checks base64 of either alphabet, with its padding whole or absent.
 * @returns the end of the part before the padding, or -1 when the range is not base64
 */
export function base64DataEnd(bytes: Uint8Array, start: number, end: number): number {
  let dataEnd = end;
  while (dataEnd > start && end - dataEnd < 2 && bytes[dataEnd - 1] === EQUALS) dataEnd--;
  const length = dataEnd - start;
  // Four characters carry three bytes; one character alone carries none.
  if (length === 0 || length % 4 === 1) return -1;
  if (dataEnd !== end && (end - start) % 4 !== 0) return -1;
  let standard = false;
  let url = false;
  for (let i = start; i < dataEnd; i++) {
    const byte = bytes[i];
    if (SEXTETS[byte] === NONE) return -1;
    if (byte === PLUS || byte === SLASH) standard = true;
    if (byte === DASH || byte === UNDERSCORE) url = true;
  }
  return standard && url ? -1 : dataEnd;
}

/**
 * Base64 or base64url (RFC 4648): one alphabet, at least two characters, padding complete or left out. Unused bits
 * in the last character are not looked at. Many words pass, so a rule needs context or entropy beside it.
 */
export const base64Decodable: Validator = (bytes, start, end) => base64DataEnd(bytes, start, end) >= 0;

/** Of the decoded text this share must be ASCII where it is no UTF-8: an ISO-8859-1 password has few other letters. */
const MIN_ASCII_SHARE = 0.75;

/**
 * The `user:password` of HTTP Basic (RFC 7617) in base64: it decodes to text without control characters that has a
 * colon and something beside it. The text may be UTF-8, or mostly ASCII in another charset.
 */
export const basicCredentials: Validator = (bytes, start, end) => {
  const dataEnd = base64DataEnd(bytes, start, end);
  if (dataEnd < 0) return false;
  let bits = 0;
  let bitCount = 0;
  let length = 0;
  let ascii = 0;
  let colon = false;
  let utf8 = true;
  let continuations = 0;
  for (let i = start; i < dataEnd; i++) {
    bits = ((bits << 6) | SEXTETS[bytes[i]]) & 0xffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    const byte = (bits >>> bitCount) & 0xff;
    if (byte < 0x20 || byte === 0x7f) return false;
    length++;
    if (byte === 0x3a) colon = true;
    if (continuations > 0 && (byte & 0xc0) === 0x80) {
      continuations--;
      continue;
    }
    if (continuations > 0) {
      utf8 = false;
      continuations = 0;
    }
    if (byte < 0x80) ascii++;
    else if (byte >= 0xc2 && byte <= 0xdf) continuations = 1;
    else if (byte >= 0xe0 && byte <= 0xef) continuations = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) continuations = 3;
    else utf8 = false;
  }
  if (!colon || length < 2) return false;
  return (utf8 && continuations === 0) || ascii >= length * MIN_ASCII_SHARE;
};
