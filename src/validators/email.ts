import { AT, DASH, DOT, equalsIgnoringCase, isAlphanumeric, isDigit, isLetter, PERCENT } from './bytes.ts';
import { isTopLevelDomain } from './tld.ts';
import type { Validator } from './validator.ts';

/** RFC 5321, section 4.5.3.1, in octets. */
const MAX_LOCAL_BYTES = 64;
const MAX_DOMAIN_BYTES = 255;
const MAX_LABEL_BYTES = 63;

/** What RFC 5322 calls `atext`, besides letters and digits. */
const LOCAL_SYMBOLS = "!#$%&'*+/=?^_`{|}~-";
const localBytes = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  // Bytes from 0x80 are UTF-8, allowed in mailbox names by RFC 6531.
  const allowed = byte >= 0x80 || isAlphanumeric(byte) || LOCAL_SYMBOLS.includes(String.fromCharCode(byte));
  localBytes[byte] = allowed ? 1 : 0;
}

/** Bytes with no dot at either end and no two in a row. */
function isLocalPart(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > MAX_LOCAL_BYTES) return false;
  let previousDot = true;
  for (let i = start; i < end; i++) {
    const dot = bytes[i] === DOT;
    if (dot ? previousDot : localBytes[bytes[i]] === 0) return false;
    previousDot = dot;
  }
  return !previousDot;
}

/** `1.2.3` and what may follow it: the `@version` of a package, never a domain someone has mail at. */
function beginsLikeVersion(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  if (bytes[i] === 0x76) i++; // v
  for (let part = 0; part < 3; part++) {
    const first = i;
    while (i < end && isDigit(bytes[i])) i++;
    if (i === first) return false;
    if (part < 2 && bytes[i++] !== DOT) return false;
  }
  return true;
}

/** Host name labels (RFC 1123), at least two, the last one a top-level domain that exists. */
function isMailDomain(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || end - start > MAX_DOMAIN_BYTES || beginsLikeVersion(bytes, start, end)) return false;
  let labelStart = start;
  let labels = 0;
  for (let i = start; i <= end; i++) {
    if (i < end && bytes[i] !== DOT) {
      const byte = bytes[i];
      if (byte < 0x80 && !isAlphanumeric(byte) && byte !== DASH) return false;
      continue;
    }
    const length = i - labelStart;
    if (length === 0 || bytes[labelStart] === DASH || bytes[i - 1] === DASH) return false;
    if (length > MAX_LABEL_BYTES && bytes[labelStart] < 0x80) return false;
    labels++;
    if (i < end) labelStart = i + 1;
  }
  if (labels < 2 || (!isLetter(bytes[labelStart]) && bytes[labelStart] < 0x80)) return false;
  // `.java` is a delegated domain without users, and `method@Main.java` stands in many stack traces.
  if (equalsIgnoringCase(bytes, labelStart, end, 'java')) return false;
  return isTopLevelDomain(bytes, labelStart, end);
}

/**
 * An e-mail address (RFC 5321, RFC 6531; quoted local parts and address literals are left out) whose top-level domain
 * exists. The `@` may be percent-encoded as `%40`, as in a query string. Refused although they look the part:
 * `icon@2x.png`, `run@Main.java`, `pkg@1.2.3-rc.dev`, `root@db.internal`, and `git@host`, which is the account of
 * every SSH remote and no one's mailbox.
 */
export const email: Validator = (bytes, start, end) => {
  let at = -1;
  let domain = -1;
  for (let i = start; i < end; i++) {
    if (bytes[i] === AT) {
      if (at >= 0) return false;
      at = i;
      domain = i + 1;
    }
  }
  if (at < 0) {
    for (let i = end - 3; i >= start; i--) {
      if (bytes[i] === PERCENT && bytes[i + 1] === 0x34 && bytes[i + 2] === 0x30) {
        at = i;
        domain = i + 3;
        break;
      }
    }
    if (at < 0) return false;
  }
  if (!isLocalPart(bytes, start, at) || equalsIgnoringCase(bytes, start, at, 'git')) return false;
  return isMailDomain(bytes, domain, end);
};
