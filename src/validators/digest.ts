import { DASH, isHex } from './bytes.ts';
import type { Validator } from './validator.ts';

/** Where the dashes of a UUID stand (RFC 9562, section 4), and how long it is. */
const UUID_BYTES = 36;
const UUID_GROUPS: readonly (readonly [start: number, end: number])[] = [
  [0, 8],
  [9, 13],
  [14, 18],
  [19, 23],
  [24, 36],
];

/** True for `8-4-4-4-12` hexadecimal digits of either case, whatever version and variant they name. */
export function isUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== UUID_BYTES) return false;
  for (let i = 0; i < UUID_GROUPS.length; i++) {
    const group = UUID_GROUPS[i];
    if (!isHex(bytes, start + group[0], start + group[1])) return false;
    if (group[1] < UUID_BYTES && bytes[start + group[1]] !== DASH) return false;
  }
  return true;
}

/** Anything but a UUID in its usual text form: request and trace ids are written like that in most logs. */
export const notUuid: Validator = (bytes, start, end) => !isUuid(bytes, start, end);

/** Hexadecimal digits only, of either case, at least one. */
export const hex: Validator = (bytes, start, end) => isHex(bytes, start, end);

/**
 * Anything but 32, 40, 64 or 128 hexadecimal digits, the lengths of MD5, SHA-1, SHA-256 and SHA-512, and so of trace
 * ids, commits and image digests. Some keys have these lengths too: only for rules without a keyword.
 */
export const notHexDigest: Validator = (bytes, start, end) => {
  const length = end - start;
  if (length !== 32 && length !== 40 && length !== 64 && length !== 128) return true;
  return !isHex(bytes, start, end);
};
