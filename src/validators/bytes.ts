/**
 * Byte classes that the validators share. Everything here looks at one byte or walks `[start, end)` once; nothing
 * allocates after the module has loaded.
 */

export const SPACE = 0x20;
export const DOLLAR = 0x24;
export const PERCENT = 0x25;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const COLON = 0x3a;
export const EQUALS = 0x3d;
export const AT = 0x40;
export const UNDERSCORE = 0x5f;

const ZERO = 0x30;

/** `0`-`9`. */
export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** `A`-`Z`. */
export function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** `a`-`z`. */
export function isLower(byte: number): boolean {
  return byte >= 0x61 && byte <= 0x7a;
}

/** An ASCII letter. */
export function isLetter(byte: number): boolean {
  return isLower(byte | 0x20) && byte < 0x80;
}

/** An ASCII letter or digit. */
export function isAlphanumeric(byte: number): boolean {
  return isLetter(byte) || isDigit(byte);
}

/** ASCII upper case becomes lower case; every other byte stays. */
export function toLower(byte: number): number {
  return isUpper(byte) ? byte | 0x20 : byte;
}

/** The value of a hexadecimal digit, or -1. */
export function hexValue(byte: number): number {
  if (isDigit(byte)) return byte - ZERO;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 && byte < 0x80 ? lower - 0x57 : -1;
}

/** True when every byte of a range that is not empty is a hexadecimal digit. */
export function isHex(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (hexValue(bytes[i]) < 0) return false;
  return end > start;
}

/** What people put between the groups of a card or account number: a space or a dash. */
export function isGroupSeparator(byte: number): boolean {
  return byte === SPACE || byte === DASH;
}

/**
 * True when the range is `word`, ASCII case ignored.
 * @param word lower case, ASCII
 */
export function equalsIgnoringCase(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (toLower(bytes[start + i]) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** True when the range begins with the ASCII text `prefix`, upper and lower case told apart. */
export function startsWith(bytes: Uint8Array, start: number, end: number, prefix: string): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[start + i] !== prefix.charCodeAt(i)) return false;
  return true;
}

/** The range as a string, for the few libraries that take nothing else; copies, so it stays off the common path. */
export function textOf(bytes: Uint8Array, start: number, end: number, encoding: 'latin1' | 'utf8'): string {
  const view = bytes.subarray(start, end);
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString(encoding);
}
