import {
  COLON,
  DASH,
  DOT,
  equalsIgnoringCase,
  hexValue,
  isAlphanumeric,
  isDigit,
  PERCENT,
  UNDERSCORE,
} from './bytes.ts';
import type { Validator } from './validator.ts';

const INVALID = -1;
const OCTETS = 4;
const GROUPS = 8;

/**
 * Reads dotted decimal into an unsigned 32-bit number, or INVALID.
 *
 * A leading zero is refused because readers disagree on it (some take `010` for eight), with one exception: when all
 * four octets have three digits the address was padded to a fixed width, as some appliances print it, and is decimal.
 */
function readIpv4(bytes: Uint8Array, start: number, end: number, mayBePadded: boolean): number {
  let address = 0;
  let octets = 0;
  let padded = false;
  let allWide = true;
  let i = start;
  while (octets < OCTETS) {
    const first = i;
    let octet = 0;
    while (i < end && i - first < 3 && isDigit(bytes[i])) octet = octet * 10 + (bytes[i++] - 0x30);
    const width = i - first;
    if (width === 0 || octet > 255) return INVALID;
    if (width > 1 && bytes[first] === 0x30) padded = true;
    if (width < 3) allWide = false;
    address = address * 256 + octet;
    octets++;
    if (octets < OCTETS && (i >= end || bytes[i++] !== DOT)) return INVALID;
  }
  if (i !== end || (padded && !(allWide && mayBePadded))) return INVALID;
  return address;
}

/** Eight 16-bit groups of the address read last; every read overwrites it. */
const groups = new Uint16Array(GROUPS);

/** True when `%` and a zone follow the address: RFC 4007 leaves its text open, RFC 6874 writes unreserved characters. */
function isZone(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (!isAlphanumeric(byte) && byte !== DOT && byte !== DASH && byte !== UNDERSCORE && byte !== 0x7e)
      return false;
  }
  return end > start;
}

/**
 * Reads the text forms of RFC 4291 section 2.2 into `groups`.
 * @returns how many groups were written out (an IPv4 tail counts as two), or INVALID
 */
function readIpv6(bytes: Uint8Array, start: number, end: number): number {
  let stop = end;
  for (let i = start; i < end; i++) {
    if (bytes[i] === PERCENT) {
      if (!isZone(bytes, i + 1, end)) return INVALID;
      stop = i;
      break;
    }
  }
  groups.fill(0);
  let count = 0;
  let gapAt = INVALID;
  let i = start;
  if (i < stop && bytes[i] === COLON) {
    if (i + 1 >= stop || bytes[i + 1] !== COLON) return INVALID;
    gapAt = 0;
    i += 2;
  }
  while (i < stop) {
    if (count === GROUPS) return INVALID;
    const first = i;
    let group = 0;
    while (i < stop && i - first < 4 && hexValue(bytes[i]) >= 0) group = group * 16 + hexValue(bytes[i++]);
    if (i < stop && bytes[i] === DOT) {
      const tail = readIpv4(bytes, first, stop, false);
      if (tail === INVALID || count > GROUPS - 2) return INVALID;
      groups[count++] = tail >>> 16;
      groups[count++] = tail & 0xffff;
      i = stop;
      break;
    }
    if (i === first) return INVALID;
    groups[count++] = group;
    if (i === stop) break;
    if (bytes[i++] !== COLON || i === stop) return INVALID;
    if (bytes[i] === COLON) {
      if (gapAt !== INVALID) return INVALID;
      gapAt = count;
      i++;
    }
  }
  if (gapAt === INVALID) return count === GROUPS ? count : INVALID;
  // `::` stands for at least one group.
  if (count === GROUPS) return INVALID;
  groups.copyWithin(GROUPS - (count - gapAt), gapAt, count);
  groups.fill(0, gapAt, GROUPS - (count - gapAt));
  return count;
}

/**
 * False for what the default policy keeps because it names no one outside the network it stands in: 0.0.0.0/8
 * (unspecified, RFC 1122), 10/8, 172.16/12 and 192.168/16 (private, RFC 1918), 127/8 (loopback, RFC 1122),
 * 169.254/16 (link-local, RFC 3927); and for netmasks such as 255.255.255.0, which are no addresses at all.
 *
 * Everything else counts as public: documentation ranges, multicast and broadcast, because the policy does not name
 * them, and the shared space 100.64/10 (RFC 6598), because behind a carrier's NAT or in a mesh VPN such an address
 * stands for one subscriber or device.
 */
function isPublicIpv4(address: number): boolean {
  const a = address >>> 24;
  const b = (address >>> 16) & 0xff;
  if (a === 0 || a === 10 || a === 127) return false;
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return b !== 168;
  if (a === 169) return b !== 254;
  if (a === 255) {
    // In a mask the bits after the last one are all zero; broadcast has no such bits.
    const host = ~address >>> 0;
    return host === 0 || (host & (host + 1)) !== 0;
  }
  return true;
}

/**
 * False for `::` and `::1` (RFC 4291), fe80::/10 (link-local), fc00::/7 (unique local, RFC 4193) and an IPv4-mapped
 * address whose IPv4 address is kept. All else counts as public: documentation and multicast, the deprecated
 * site-local fec0::/10 included, since RFC 3879 has programs treat it like any global address.
 */
function isPublicIpv6(): boolean {
  const first = groups[0];
  if (first >= 0xfe80 && first <= 0xfebf) return false;
  if (first >= 0xfc00 && first <= 0xfdff) return false;
  if (first === 0 && groups[1] === 0 && groups[2] === 0 && groups[3] === 0 && groups[4] === 0) {
    const low = groups[6] * 65_536 + groups[7];
    if (groups[5] === 0xffff) return isPublicIpv4(low);
    if (groups[5] === 0) return low > 1;
  }
  return true;
}

/** True when a decimal digit stands in the range. */
function hasDigit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (isDigit(bytes[i])) return true;
  return false;
}

/** Words that say what follows is a version; Mozilla's user agents say `rv:`. */
const VERSION_WORDS: readonly string[] = ['version', 'rv', 'ver', 'build', 'release'];
/** What stands between a word and its value: blank, colon, equals sign, double quote. */
const VERSION_MARKS: readonly number[] = [0x20, COLON, 0x3d, 0x22];

/**
 * Whether a version's name stands directly before, as in `version 1.2.3.4` and `rv:1.8.1.4`. The one look at what is not
 * part of the value: nothing ever replaces these words, so a second run sees them too.
 */
function isVersion(bytes: Uint8Array, start: number): boolean {
  let at = start;
  while (at > 0 && start - at < 3 && VERSION_MARKS.includes(bytes[at - 1])) at--;
  if (at === start) return false;
  return VERSION_WORDS.some((word) => {
    const from = at - word.length;
    return (
      from >= 0 && equalsIgnoringCase(bytes, from, at, word) && !(from > 0 && isAlphanumeric(bytes[from - 1]))
    );
  });
}

/** Four decimal octets from 0 to 255, without leading zeros unless every octet is padded to three digits. */
export const ipv4: Validator = (bytes, start, end) =>
  readIpv4(bytes, start, end, true) !== INVALID && !isVersion(bytes, start);

/** An `ipv4` that can point at a person or host outside the local network; see the list at `isPublicIpv4`. */
export const ipv4Public: Validator = (bytes, start, end) => {
  const address = readIpv4(bytes, start, end, true);
  return address !== INVALID && isPublicIpv4(address) && !isVersion(bytes, start);
};

/** Any text form of RFC 4291 section 2.2: eight groups or one `::`, an IPv4 tail, and a zone (RFC 4007). */
export const ipv6: Validator = (bytes, start, end) => readIpv6(bytes, start, end) !== INVALID;

/**
 * An `ipv6` that is not kept by default; see `isPublicIpv6`. Forms such as `Fade::Add` or `::abc` are refused: one or
 * two groups of letters around `::` are a scoped name in source code, and no address of that form is assigned.
 */
export const ipv6Public: Validator = (bytes, start, end) => {
  const written = readIpv6(bytes, start, end);
  if (written === INVALID || !isPublicIpv6()) return false;
  return written > 2 || hasDigit(bytes, start, end);
};
