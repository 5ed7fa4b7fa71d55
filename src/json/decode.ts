/**
 * Decodes the escapes of string literals to UTF-8 bytes and remembers, for every decoded byte, which source bytes
 * it came from, so that a match found in the decoded text can be redacted in the original.
 *
 * Invariants:
 * - The decoded text is never longer than its source, so one reservation per call is enough.
 * - Nothing is refused: what is not a known escape stays as it is, byte by byte.
 * - Decoded byte `i` came from the source bytes [rawStart[i], rawEnd[i]): the byte itself, or the whole escape unit
 *   (all bytes of one character share the unit; a surrogate pair is one unit of 12 bytes). Both maps never decrease.
 */

const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const LOWER_X = 0x78;

/** What `\` followed by the index byte stands for, 0 for none; no simple escape stands for NUL. */
const SIMPLE_ESCAPES = new Uint8Array(256);
for (const [letter, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  SIMPLE_ESCAPES[(letter as string).charCodeAt(0)] = (meaning as string).charCodeAt(0);
}

/** Value of a hex digit, -1 for every other byte. */
export const HEX = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  HEX[value.toString(16).charCodeAt(0)] = value;
  HEX[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

/**
 * Decoded bytes with their way back to the source. Caller-owned scratch: reuse one per nesting level, each call of
 * {@link decodeString} overwrites it. The arrays are replaced when they grow, so read them again after each call.
 */
export class DecodedString {
  /** Valid in [0, length). */
  bytes: Uint8Array;
  /** First source byte of the unit behind each decoded byte. */
  rawStart: Int32Array;
  /** End (exclusive) of that unit. */
  rawEnd: Int32Array;
  length = 0;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
    this.rawStart = new Int32Array(capacity);
    this.rawEnd = new Int32Array(capacity);
  }

  /** Makes room for `capacity` bytes; the content is lost when the arrays have to grow. */
  reserve(capacity: number): void {
    if (capacity <= this.bytes.length) return;
    const size = Math.max(capacity, this.bytes.length * 2);
    this.bytes = new Uint8Array(size);
    this.rawStart = new Int32Array(size);
    this.rawEnd = new Int32Array(size);
  }
}

/** The four hex digits at `i` as a number, -1 when there are not four of them before `end`. */
function hex4(source: Uint8Array, i: number, end: number): number {
  if (i + 4 > end) return -1;
  const a = HEX[source[i]];
  const b = HEX[source[i + 1]];
  const c = HEX[source[i + 2]];
  const d = HEX[source[i + 3]];
  // A -1 among them makes the union negative.
  return (a | b | c | d) < 0 ? -1 : (a << 12) | (b << 8) | (c << 4) | d;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** The low surrogate written as `\uXXXX` at `i`, -1 when something else stands there. */
function lowSurrogateAt(source: Uint8Array, i: number, end: number): number {
  if (i + 6 > end || source[i] !== BACKSLASH || source[i + 1] !== LOWER_U) return -1;
  const unit = hex4(source, i + 2, end);
  return isLowSurrogate(unit) ? unit : -1;
}

/**
 * Bytes that must stay together from the backslash at `i` on: 2 for a simple or unknown escape, 4 for `\xHH`, 6 for
 * `\uXXXX`, 12 for a surrogate pair. Where `end` hides the rest of what may be such a unit, its full length is
 * returned, so `i + length > end` tells that the unit is not known to be complete.
 */
export function escapeUnitLength(source: Uint8Array, i: number, end: number): number {
  if (i + 1 >= end) return 2;
  const letter = source[i + 1];
  if (letter === LOWER_X) return hexUpTo(source, i + 2, 2, end) === 2 ? 4 : 2;
  if (letter !== LOWER_U || hexUpTo(source, i + 2, 4, end) !== 4) return 2;
  const unit = hex4(source, i + 2, end);
  if (unit < 0) return 6;
  if (!isHighSurrogate(unit)) return 6;
  if (i + 12 > end) {
    const mayPair =
      (i + 6 >= end || source[i + 6] === BACKSLASH) && (i + 7 >= end || source[i + 7] === LOWER_U);
    return mayPair ? 12 : 6;
  }
  return lowSurrogateAt(source, i + 6, end) < 0 ? 6 : 12;
}

/** How many of the `count` bytes at `i` are hex digits, up to the first that is not; bytes hidden by `end` count. */
function hexUpTo(source: Uint8Array, i: number, count: number, end: number): number {
  for (let k = 0; k < count; k++) {
    if (i + k < end && HEX[source[i + k]] < 0) return k;
  }
  return count;
}

/**
 * Decodes the interior of a string literal, source[start, end) without its quotes, into `out`.
 *
 * Decoded are `\" \\ \/ \b \f \n \r \t`, `\uXXXX` and surrogate pairs; a lone surrogate becomes U+FFFD. With
 * `quoted` also `\xHH`, as the byte HH. Every other escape, one cut off by `end` included, stays literally: the
 * backslash and the bytes after it map to themselves. Raw bytes are copied as they are, invalid UTF-8 too.
 *
 * For a string inside a decoded string pass the decoded outer one as `parent` and `parent.bytes` as `source`
 * (`start` and `end` then are offsets in the decoded bytes): the maps of the result point to where the maps of the
 * parent point, so whatever the depth they lead to the outermost bytes.
 *
 * @param out overwritten; must not be `parent`
 */
export function decodeString(
  source: Uint8Array,
  start: number,
  end: number,
  out: DecodedString,
  quoted = false,
  parent: DecodedString | null = null,
): void {
  out.reserve(end - start);
  const { bytes, rawStart, rawEnd } = out;
  let length = 0;
  let i = start;
  while (i < end) {
    const byte = source[i];
    if (byte !== BACKSLASH) {
      bytes[length] = byte;
      rawStart[length] = i;
      rawEnd[length++] = ++i;
      continue;
    }
    const unitStart = i;
    const first = length;
    const letter = i + 1 < end ? source[i + 1] : 0;
    const simple = SIMPLE_ESCAPES[letter];
    if (simple !== 0) {
      bytes[length++] = simple;
      i += 2;
    } else if (letter === LOWER_U && hex4(source, i + 2, end) >= 0) {
      let code = hex4(source, i + 2, end);
      i += 6;
      if (isHighSurrogate(code)) {
        const low = lowSurrogateAt(source, i, end);
        if (low >= 0) {
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          i += 6;
        } else {
          code = 0xfffd;
        }
      } else if (isLowSurrogate(code)) {
        code = 0xfffd;
      }
      if (code < 0x80) {
        bytes[length++] = code;
      } else {
        if (code < 0x800) {
          bytes[length++] = 0xc0 | (code >> 6);
        } else {
          if (code < 0x10000) {
            bytes[length++] = 0xe0 | (code >> 12);
          } else {
            bytes[length++] = 0xf0 | (code >> 18);
            bytes[length++] = 0x80 | ((code >> 12) & 0x3f);
          }
          bytes[length++] = 0x80 | ((code >> 6) & 0x3f);
        }
        bytes[length++] = 0x80 | (code & 0x3f);
      }
    } else if (
      quoted &&
      letter === LOWER_X &&
      i + 4 <= end &&
      (HEX[source[i + 2]] | HEX[source[i + 3]]) >= 0
    ) {
      bytes[length++] = (HEX[source[i + 2]] << 4) | HEX[source[i + 3]];
      i += 4;
    } else {
      bytes[length++] = BACKSLASH;
      i++;
    }
    for (let k = first; k < length; k++) {
      rawStart[k] = unitStart;
      rawEnd[k] = i;
    }
  }
  out.length = length;
  if (parent !== null) composeWith(out, parent);
}

/** Replaces offsets into the parent's decoded bytes by what the parent's maps say about them. */
export function composeWith(child: DecodedString, parent: DecodedString): void {
  const { rawStart, rawEnd, length } = child;
  for (let k = 0; k < length; k++) {
    rawStart[k] = parent.rawStart[rawStart[k]];
    rawEnd[k] = parent.rawEnd[rawEnd[k] - 1];
  }
}
