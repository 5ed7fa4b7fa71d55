import {
  AT,
  COLON,
  EQUALS,
  isDigit,
  isHex,
  isLetter,
  isLower,
  isUpper,
  PLUS,
  SLASH,
  toLower,
  UNDERSCORE,
} from './bytes.ts';
import { isUuid } from './digest.ts';
import { distinctBytes, shannonEntropy } from './entropy.ts';
import { isPlaceholder } from './placeholder.ts';
import type { Validator } from './validator.ts';

/**
 * Which letters commonly follow which, as `first:followers`. Counted over 3,700 different words of English technical
 * prose (identifiers split at their humps); the 235 of 676 pairs listed make up 95 % of all pairs in those words.
 * A random pair of letters is listed with a chance of 35 %, so a few letters tell a word from a random string.
 */
const COMMON_PAIRS =
  'a:bcdgiklmnprstuvy b:aeilorsu c:acehiklortu d:adeilosu e:acdefglmnpqrstvwx f:aefiloru g:aehinrsu ' +
  'h:aeiort i:abcdefglmnoprstvxz j:e k:eis l:adeilostuy m:aeimops n:acdefgiknostuv ' +
  'o:abcdfgiklmnoprstuvw p:aehiloprstu q:u r:acdegiklmnorstuy s:acehilopstuy t:acehilorstuy ' +
  'u:abcegilmnprst v:aei w:aehinor x:eipt y:p z:e';

const LETTERS = 26;
const commonPairs = new Uint8Array(LETTERS * LETTERS);
for (const row of COMMON_PAIRS.split(' ')) {
  const first = row.charCodeAt(0) - 0x61;
  for (let i = 2; i < row.length; i++) commonPairs[first * LETTERS + row.charCodeAt(i) - 0x61] = 1;
}

/** True when two ASCII letters often stand side by side in words; case does not matter. */
function isCommonPair(a: number, b: number): boolean {
  return commonPairs[(toLower(a) - 0x61) * LETTERS + toLower(b) - 0x61] === 1;
}

/** Shorter values are words, numbers and codes as often as secrets; no issuer of keys goes below. */
const MIN_BYTES = 8;

/** A date such as `2026-11-22T14:20:48Z` has two. */
const MIN_LETTERS = 3;

/**
 * Least entropy in bits a byte, by length: entropy can not exceed log2 of the length, so one threshold for all
 * lengths is wrong for short values. Known tools use 3.5 for all (gitleaks) or 3.0 for hexadecimal and 4.5 for
 * base64 (detect-secrets). Over 541 secrets from the tests of such tools 3.5 loses 3 %, 3.0 and 4.5 lose 35 %, and
 * these lose half a percent. They can be this low because surprise, below, tells the words apart.
 */
function minEntropy(length: number): number {
  if (length < 12) return 2.5;
  return length < 20 ? 2.75 : 3;
}

/** Least total surprise: below it a number at the end of a name, or one acronym in it, would be enough. */
const MIN_SURPRISE = 3;

/**
 * Least surprise a pair. Random base62, base36, hexadecimal and base64 have 0.5 to 0.8, words and paths below 0.15.
 * Values without a digit must show more, because names with abbreviations come close.
 */
const MIN_RATE_WITH_DIGITS = 0.2;
const MIN_RATE_MIXED_CASE = 0.3;
const MIN_RATE_ONE_CASE = 0.4;

/** A memory address: `0x` and at most 16 hexadecimal digits. */
function isPointer(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start <= 18 &&
    bytes[start] === 0x30 &&
    (bytes[start + 1] | 0x20) === 0x78 &&
    isHex(bytes, start + 2, end)
  );
}

/** True when four letters in a row could come from a word. */
function hasWord(bytes: Uint8Array, start: number, end: number): boolean {
  let run = 1;
  for (let i = start + 1; i < end; i++) {
    run = isLetter(bytes[i - 1]) && isLower(bytes[i]) && isCommonPair(bytes[i - 1], bytes[i]) ? run + 1 : 1;
    if (run === 4) return true;
  }
  return false;
}

/** `/a`, `./a`, `../a`, `~/a` or `scheme://`, with a word in it: base64 can begin with a slash but has no words. */
function isPath(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && i - start < 2 && (bytes[i] === 0x2e || bytes[i] === 0x7e)) i++;
  let rooted = bytes[i] === SLASH;
  for (i = start; !rooted && i + 2 < end; i++) {
    rooted = bytes[i] === 0x3a && bytes[i + 1] === SLASH && bytes[i + 2] === SLASH;
  }
  return rooted && hasWord(bytes, start, end);
}

/** What the two neighbours of a value say about it, see `tokenLike`. */
interface Traits {
  readonly letters: number;
  readonly digits: number;
  readonly upper: number;
  /** Neighbours that are both letters or digits. */
  readonly pairs: number;
  /** How many of those a word would hardly have. */
  readonly surprise: number;
  /** Neighbours that follow each other in the alphabet or count up by one. */
  readonly ascending: number;
}

function traitsOf(bytes: Uint8Array, start: number, end: number): Traits {
  let letters = 0;
  let digits = 0;
  let upper = 0;
  let pairs = 0;
  let surprise = 0;
  let ascending = 0;
  let previous = 0;
  let beforePrevious = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    const letter = isLetter(byte);
    const digit = isDigit(byte);
    if (letter) letters++;
    if (digit) digits++;
    if (isUpper(byte)) upper++;
    const previousLetter = isLetter(previous);
    if ((letter || digit) && (previousLetter || isDigit(previous))) {
      pairs++;
      if (byte === previous + 1) ascending++;
      if (letter !== previousLetter) surprise += 1;
      else if (letter) {
        const hump = isLower(previous) && isUpper(byte);
        const acronymEnd = isUpper(previous) && isLower(byte) && isUpper(beforePrevious);
        if (hump || acronymEnd) surprise += 0.5;
        else if (!isCommonPair(previous, byte)) surprise += 1;
      }
    }
    beforePrevious = previous;
    previous = byte;
  }
  return { letters, digits, upper, pairs, surprise, ascending };
}

/**
 * A value that looks made by a random generator rather than by a person or a program that names things. Meant for
 * rules such as `api_key=...`, whose keyword says that a secret is due; alone it also accepts request ids, commits
 * and digests, which are just as random.
 *
 * Each two neighbours that are letters or digits are compared. A step between letter and digit, or a pair of letters
 * that words seldom have, counts 1; a hump (`aB`) or the end of an acronym (`ABc`) counts a half, as random letters
 * have more of them than names do. Refused are values shorter than 8 bytes, with fewer than three letters (numbers,
 * dates, versions, IPv4), with too little entropy or surprise (words, identifiers, host names), and placeholders,
 * UUIDs, memory addresses and paths.
 *
 * Measured when this was written: of 528 keys and tokens from the tests of gitleaks, secretlint and detect-secrets
 * 94 % pass (the rest are digits only or spelt out in words, mostly with a prefix that has its own rule); of 9,183
 * different words, names and paths without digits in 84 real logs 3 % pass.
 */
export const tokenLike: Validator = (bytes, start, end) => {
  const length = end - start;
  if (length < MIN_BYTES) return false;
  const { letters, digits, upper, pairs, surprise } = traitsOf(bytes, start, end);
  if (letters < MIN_LETTERS || surprise < MIN_SURPRISE) return false;
  const mixedCase = upper > 0 && upper < letters;
  const minRate = digits > 0 ? MIN_RATE_WITH_DIGITS : mixedCase ? MIN_RATE_MIXED_CASE : MIN_RATE_ONE_CASE;
  if (surprise < pairs * minRate) return false;
  if (shannonEntropy(bytes, start, end) < minEntropy(length)) return false;
  if (isUuid(bytes, start, end) || isPointer(bytes, start, end) || isPath(bytes, start, end)) return false;
  return !isPlaceholder(bytes, start, end);
};

/** A UUID that is no placeholder (all digits alike, or counting up), or what `token-like` accepts. */
export const tokenOrUuid: Validator = (bytes, start, end) =>
  isUuid(bytes, start, end)
    ? distinctBytes(bytes, start, end) >= MIN_UUID_DISTINCT && !isSequence(bytes, start, end)
    : tokenLike(bytes, start, end) && !isSequence(bytes, start, end);

/** Shorter numbers are counters, times and versions of keys. In digits. */
const MIN_NUMBER_DIGITS = 16;
/** Fewer different bytes are made up: `00000000-0000-...`. */
const MIN_NUMBER_DISTINCT = 6;

/**
 * Under a name that ends in a word for credentials: `token-like`, also behind an address (`user@host:token`), whose
 * words would outweigh it; a UUID that is no placeholder, or a long number.
 */
export const keyedToken: Validator = (bytes, start, end) => {
  const isVaried = distinctBytes(bytes, start, end) >= MIN_NUMBER_DISTINCT;
  if (isUuid(bytes, start, end)) return isVaried;
  for (let i = start; i < end; i++) {
    if (isDigit(bytes[i])) continue;
    return tokenLike(bytes, start, end) || tokenLike(bytes, behindAddress(bytes, start, end), end);
  }
  return isVaried && end - start >= MIN_NUMBER_DIGITS;
};

/** Where a value goes on behind `user@host:` or `user@host/`; its end where it does not. */
function behindAddress(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== AT) at++;
  while (at < end && bytes[at] !== COLON && bytes[at] !== SLASH) at++;
  return Math.min(at + 1, end);
}

/** Of 300,000 random UUIDs, with 15 of the 17 possible bytes on average, none had fewer. */
const MIN_UUID_DISTINCT = 9;

/** Mostly letters or digits in their order, as in `abcdefgh12345678`: typed, not generated. */
function isSequence(bytes: Uint8Array, start: number, end: number): boolean {
  const { pairs, ascending } = traitsOf(bytes, start, end);
  return ascending * 4 >= pairs * 3;
}

/** Values without a name that means a secret have to be as long as most issuers make them. */
const MIN_STRONG_BYTES = 16;
/** Of random base62 strings of 20 bytes 3 % have none; asking for two would lose 14 %. */
const MIN_STRONG_DIGITS = 1;
const MIN_STRONG_LETTERS = 5;
const MIN_STRONG_RATE = 0.35;
/** One in so many bytes may be no letter and no digit; in base64 with its padding, of which every 32nd is `+` or `/`, more. */
const MAX_STRONG_MARKS = 8;
const MAX_PADDED_MARKS = 4;

/** Ends in `=`, at a place where base64 can, and holds nothing else than its digits (RFC 4648, section 4). */
function isPaddedBase64(bytes: Uint8Array, start: number, end: number): boolean {
  if ((end - start) % 4 !== 0 || bytes[end - 1] !== EQUALS) return false;
  let last = end - 1;
  if (bytes[last - 1] === EQUALS) last--;
  for (let i = start; i < last; i++) {
    if (!isLetter(bytes[i]) && !isDigit(bytes[i]) && bytes[i] !== PLUS && bytes[i] !== SLASH) return false;
  }
  return true;
}

function isStrong(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < MIN_STRONG_BYTES || !tokenLike(bytes, start, end)) return false;
  const { letters, digits, pairs, surprise, ascending } = traitsOf(bytes, start, end);
  if (digits < MIN_STRONG_DIGITS || letters < MIN_STRONG_LETTERS) return false;
  const marks = end - start - letters - digits;
  if (isPaddedBase64(bytes, start, end)) {
    if (marks * MAX_PADDED_MARKS > end - start) return false;
  } else if (marks * MAX_STRONG_MARKS > end - start || (marks > 0 && hasWord(bytes, start, end))) {
    // Names of pods and hosts are words and a random end, joined by dashes.
    return false;
  }
  return surprise >= pairs * MIN_STRONG_RATE && ascending * 4 < pairs * 3;
}

/** Longest mark that issuers put before a token (`live_`, `prod_`), in bytes, and the least that must follow it. */
const MAX_PREFIX_BYTES = 8;
const MIN_BEHIND_PREFIX = 20;

/** Where the token begins behind a word in lower case and an underscore; `start` where there is none. */
function behindPrefix(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < MAX_PREFIX_BYTES && isLower(bytes[at])) at++;
  return at - start >= 2 && bytes[at] === UNDERSCORE && end - at > MIN_BEHIND_PREFIX ? at + 1 : start;
}

/**
 * What `token-like` accepts, and more: long, in one piece, and hardly like words, so that it may stand under a name that
 * says little (`key`). More than a few bytes that are neither letter nor digit make it a path, an address or a list.
 */
export const strongToken: Validator = (bytes, start, end) =>
  isStrong(bytes, behindPrefix(bytes, start, end), end);
