import { isAlphanumeric, isDigit, isUpper, startsWith, UNDERSCORE } from './bytes.ts';
import type { Validator } from './validator.ts';

/** `gh?_`, thirty random characters, six of checksum. */
const PREFIX_BYTES = 4;
const RANDOM_BYTES = 30;
const CHECKSUM_BYTES = 6;
const CLASSIC_BYTES = PREFIX_BYTES + RANDOM_BYTES + CHECKSUM_BYTES;

/** Reversed polynomial of CRC-32 as zlib and Ethernet use it (IEEE 802.3). */
const POLYNOMIAL = 0xedb88320;
const crcTable = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  crcTable[byte] = crc;
}

/** CRC-32 of `[start, end)`, unsigned. */
function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) crc = (crc >>> 8) ^ crcTable[(crc ^ bytes[i]) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

/** Value of a base62 digit in the order `0-9A-Za-z`, the one in which GitHub's published sample token checks out. */
function base62Value(byte: number): number {
  if (isDigit(byte)) return byte - 0x30;
  return isUpper(byte) ? byte - 0x41 + 10 : byte - 0x61 + 36;
}

/** `ghp_`, `gho_`, `ghu_`, `ghs_` or `ghr_`. */
function hasClassicPrefix(bytes: Uint8Array, start: number, end: number): boolean {
  if (!startsWith(bytes, start, end, 'gh') || end - start < PREFIX_BYTES || bytes[start + 3] !== UNDERSCORE)
    return false;
  const kind = bytes[start + 2];
  return kind === 0x70 || kind === 0x6f || kind === 0x75 || kind === 0x73 || kind === 0x72;
}

/**
 * A GitHub token. A classic one (36 letters and digits after `ghp_`, `gho_`, `ghu_`, `ghs_` or `ghr_`) ends in the
 * CRC-32 of the thirty characters between, as six base62 digits with zeros in front:
 * https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/. Chance passes one in four
 * thousand million. Other lengths (`ghs_<app>_<jwt>` since 2026, `github_pat_`) are accepted by their prefix: how
 * they are checked is not published.
 */
export const githubToken: Validator = (bytes, start, end) => {
  if (startsWith(bytes, start, end, 'github_pat_')) return true;
  if (!hasClassicPrefix(bytes, start, end)) return false;
  if (end - start !== CLASSIC_BYTES) return true;
  for (let i = start + PREFIX_BYTES; i < end; i++) if (!isAlphanumeric(bytes[i])) return true;
  const checksumStart = start + PREFIX_BYTES + RANDOM_BYTES;
  let checksum = 0;
  for (let i = checksumStart; i < end; i++) checksum = checksum * 62 + base62Value(bytes[i]);
  return checksum === crc32(bytes, start + PREFIX_BYTES, checksumStart);
};
