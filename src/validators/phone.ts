import { DASH, DOT, isDigit, PLUS, SLASH, SPACE, textOf } from './bytes.ts';
import { phones } from './lazy.ts';
import type { Validator } from './validator.ts';

/** ITU-T E.164: at most 15 digits, country code included; no numbering plan in use is shorter than 7. */
const MIN_DIGITS = 7;
const MAX_DIGITS = 15;

/** Longest text tried: 15 digits, each with the two separators a rule allows between digits, and the plus sign. */
const MAX_BYTES = 48;

/** True for what stands between the digits of a written number (RFC 3966 visual separators, space and slash). */
function isVisualSeparator(byte: number): boolean {
  return byte === SPACE || byte === DASH || byte === DOT || byte === SLASH || byte === 0x28 || byte === 0x29;
}

/**
 * A phone number in international form: a plus sign, then digits with or without spaces, dots, dashes, slashes and
 * parentheses, that libphonenumber holds for assigned (its full metadata knows each country's number ranges).
 */
export const phoneE164: Validator = (bytes, start, end) => {
  if (end - start > MAX_BYTES || bytes[start] !== PLUS) return false;
  let digits = 0;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i];
    if (isDigit(byte)) digits++;
    else if (!isVisualSeparator(byte)) return false;
  }
  // One digit more than E.164 allows: the national prefix in `+49 (0)151 ...` is not dialled.
  if (digits < MIN_DIGITS || digits > MAX_DIGITS + 1) return false;
  const text = textOf(bytes, start, end, 'latin1');
  return phones().isValidPhoneNumber(text);
};
