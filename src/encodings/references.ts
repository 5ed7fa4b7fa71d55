/**
 * Percent-encoding (RFC 3986, 2.1) and HTML character references (WHATWG HTML, 13.5) in text. Both are undone in one
 * pass: a query string in an HTML attribute has both. Nothing is refused: what is no complete escape stays as it is.
 */
import { composeWith, type DecodedString, HEX } from '../json/decode.ts';

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const HASH = 0x23;
const SEMICOLON = 0x3b;
const AT = 0x40;
/** Of `&#1114111;` and `&#x10FFFF;`. */
const MOST_DIGITS = 7;
const HIGHEST_CODE_POINT = 0x10ffff;

/** The named references that stand for characters values or their surroundings are made of. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
  ['lt', '<'],
  ['gt', '>'],
  ['nbsp', '\u00a0'],
  ['commat', '@'],
  ['colon', ':'],
  ['equals', '='],
  ['period', '.'],
  ['plus', '+'],
  ['sol', '/'],
  ['lowbar', '_'],
  ['lbrace', '{'],
  ['rbrace', '}'],
]);
const LONGEST_NAME = Math.max(...[...NAMED.keys()].map((name) => name.length));

/**
 * Patterns of lines that may hold something encoded, for an engine that looks at many lines at once; what
 * {@link firstReference} finds holds a match of one of them. An escaped byte that is no ASCII counts only in an
 * address: such letters are common in URLs, and what rules look for is otherwise the same without them.
 */
export const REFERENCE_SIGNS: readonly string[] = [
  '%[0-7][0-9A-Fa-f]',
  '%[89A-Fa-f][0-9A-Fa-f][A-Za-z0-9._+-]{0,64}@',
  '&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});',
  `&(?:${[...NAMED.keys()].join('|')});`,
];
const LONGEST_LOCAL_PART = 64;

/** The first place in `[start, end)` that one of {@link REFERENCE_SIGNS} matches at, -1 for none. */
export function firstReference(source: Buffer, start: number, end: number): number {
  const percent = nextOf(source, PERCENT, start, end, isTellingPercent);
  const last = percent === -1 ? end : percent;
  const html = nextOf(source, AMPERSAND, start, last, (bytes, at) => readHtml(bytes, at, end).length > 0);
  return html === -1 ? percent : html;
}

/** Whether `[start, end)` holds an HTML reference. */
export function hasHtmlReference(source: Buffer, start: number, end: number): boolean {
  return nextOf(source, AMPERSAND, start, end, (bytes, at) => readHtml(bytes, at, end).length > 0) !== -1;
}

/**
 * Undoes the references in `source[start, end)`; see `decodeString` for what the maps mean.
 * @param out overwritten; must not be `parent`
 * @param parent given when `source` is decoded itself: the maps then lead to where its maps lead
 */
export function decodeReferences(
  source: Uint8Array,
  start: number,
  end: number,
  out: DecodedString,
  parent: DecodedString | null,
): void {
  out.reserve(end - start);
  const { bytes, rawStart, rawEnd } = out;
  let length = 0;
  for (let i = start; i < end; ) {
    const byte = source[i] as number;
    const first = length;
    let unit = 1;
    if (byte === PERCENT && isEscapedByte(source, i, end)) {
      bytes[length++] =
        ((HEX[source[i + 1] as number] as number) << 4) | (HEX[source[i + 2] as number] as number);
      unit = 3;
    } else if (byte === AMPERSAND) {
      const reference = readHtml(source, i, end);
      if (reference.length > 0) {
        bytes.set(reference.text, length);
        length += reference.text.length;
        unit = reference.length;
      } else bytes[length++] = byte;
    } else bytes[length++] = byte;
    for (let k = first; k < length; k++) {
      rawStart[k] = i;
      rawEnd[k] = i + unit;
    }
    i += unit;
  }
  out.length = length;
  if (parent !== null) composeWith(out, parent);
}

function nextOf(
  source: Buffer,
  byte: number,
  start: number,
  end: number,
  isOne: (source: Buffer, at: number, end: number) => boolean,
): number {
  // Of the part only: searched in all that follows for each part, that could take quadratic time.
  const part = source.subarray(start, end);
  for (let at = part.indexOf(byte); at !== -1; at = part.indexOf(byte, at + 1)) {
    if (isOne(source, start + at, end)) return start + at;
  }
  return -1;
}

function isEscapedByte(source: Uint8Array, at: number, end: number): boolean {
  if (at + 3 > end) return false;
  return ((HEX[source[at + 1] as number] as number) | (HEX[source[at + 2] as number] as number)) >= 0;
}

function isTellingPercent(source: Buffer, at: number, end: number): boolean {
  if (!isEscapedByte(source, at, end)) return false;
  if ((HEX[source[at + 1] as number] as number) < 8) return true;
  const last = Math.min(end, at + 3 + LONGEST_LOCAL_PART + 1);
  for (let i = at + 3; i < last; i++) {
    if (source[i] === AT) return true;
    if (!isLocalPartByte(source[i] as number)) return false;
  }
  return false;
}

function isLocalPartByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2e ||
    byte === 0x5f ||
    byte === 0x2b ||
    byte === 0x2d
  );
}

interface Reference {
  /** In source bytes, 0 for none. */
  readonly length: number;
  readonly text: Uint8Array;
}

const NONE: Reference = { length: 0, text: new Uint8Array(0) };
const TEXTS: ReadonlyMap<string, Reference> = new Map(
  [...NAMED].map(([name, text]) => [name, { length: name.length + 2, text: Buffer.from(text) }]),
);

/** The reference that begins with the `&` at `at`. */
function readHtml(source: Uint8Array, at: number, end: number): Reference {
  if (source[at + 1] === HASH) return readNumber(source, at, end);
  const last = Math.min(end, at + 1 + LONGEST_NAME + 1);
  let name = '';
  for (let i = at + 1; i < last; i++) {
    const byte = source[i] as number;
    if (byte === SEMICOLON) return TEXTS.get(name) ?? NONE;
    if (byte < 0x61 || byte > 0x7a) return NONE;
    name += String.fromCharCode(byte);
  }
  return NONE;
}

function readNumber(source: Uint8Array, at: number, end: number): Reference {
  const isHex = ((source[at + 2] as number) | 0x20) === 0x78;
  const first = at + (isHex ? 3 : 2);
  const most = isHex ? MOST_DIGITS - 1 : MOST_DIGITS;
  let code = 0;
  let i = first;
  for (; i < end && i - first < most; i++) {
    const digit = HEX[source[i] as number] as number;
    if (digit < 0 || (!isHex && digit > 9)) break;
    code = code * (isHex ? 16 : 10) + digit;
  }
  if (i === first || i >= end || source[i] !== SEMICOLON) return NONE;
  if (code === 0 || code > HIGHEST_CODE_POINT || (code >= 0xd800 && code <= 0xdfff)) return NONE;
  return { length: i + 1 - at, text: Buffer.from(String.fromCodePoint(code)) };
}
