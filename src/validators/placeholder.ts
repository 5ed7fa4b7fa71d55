import {
  COLON,
  COMMA,
  DASH,
  DOLLAR,
  DOT,
  equalsIgnoringCase,
  isAlphanumeric,
  isDigit,
  isLetter,
  isUpper,
  PERCENT,
  PLUS,
  SLASH,
  SPACE,
  startsWith,
  UNDERSCORE,
} from './bytes.ts';
import type { Validator } from './validator.ts';

/**
 * What programs print where a value is missing or a flag stands. `yes` and `no` are in the list because MySQL ends
 * every refused login with `(using password: YES)`.
 */
const NO_VALUE: readonly string[] = [
  'null',
  'none',
  'nil',
  'nan',
  'n/a',
  'undefined',
  'true',
  'false',
  'yes',
  'no',
  'redacted',
  '[object object]',
  'function()',
];

/** What stands between marks where another program already took the value out, as in `[FILTERED]` or `**redacted**`. */
const TAKEN_OUT: readonly string[] = [
  'redacted',
  'filtered',
  'masked',
  'hidden',
  'removed',
  'omitted',
  'scrubbed',
  'sanitized',
  'protected',
  'sensitive',
  'sensitive value',
  'sensitive data',
  'secret',
  'password',
  'null',
  'none',
  'nil',
  'empty',
  'known after apply',
];

/** Ways in which code and configuration name a value that is kept elsewhere. */
const REFERENCES: readonly string[] = [
  'process.env.',
  'process.env[',
  'import.meta.env.',
  'os.environ[',
  'os.environ.get(',
  'os.getenv(',
  'os.Getenv(',
  'System.getenv(',
  'getenv(',
  'ENV[',
  'ENV.fetch(',
  'secrets.',
  'env.',
  'vars.',
];

function isOneOf(bytes: Uint8Array, start: number, end: number, words: readonly string[]): boolean {
  for (let i = 0; i < words.length; i++) if (equalsIgnoringCase(bytes, start, end, words[i])) return true;
  return false;
}

/** A letter or underscore, then letters, digits, underscores, dots and dashes: a name, maybe a path of names. */
function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end <= start || (!isLetter(bytes[start]) && bytes[start] !== UNDERSCORE)) return false;
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i];
    if (!isAlphanumeric(byte) && byte !== UNDERSCORE && byte !== DOT && byte !== DASH) return false;
  }
  return true;
}

/** `DB_PASSWORD`: upper case, because `$ecret` is a password people do choose. */
function isEnvironmentName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 || (!isUpper(bytes[start]) && bytes[start] !== UNDERSCORE)) return false;
  for (let i = start + 1; i < end; i++) {
    if (!isUpper(bytes[i]) && !isDigit(bytes[i]) && bytes[i] !== UNDERSCORE) return false;
  }
  return true;
}

/** The marks that stand for hidden characters: `*`, `x`, `X`, `#`, `?`, `.`, `_`, `-` and the bullet U+2022. */
function maskLength(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at];
  switch (byte) {
    case 0x2a:
    case 0x78:
    case 0x58:
    case 0x23:
    case 0x3f:
    case DOT:
    case UNDERSCORE:
    case DASH:
      return 1;
    case 0xe2:
      return at + 2 < end && bytes[at + 1] === 0x80 && bytes[at + 2] === 0xa2 ? 3 : 0;
    default:
      return 0;
  }
}

/** Only one mark, repeated, in groups parted by dashes or spaces or in one piece: `****`, `xxxx-xxxx`, `...`. */
function isMask(bytes: Uint8Array, start: number, end: number): boolean {
  let mark = -1;
  let marks = 0;
  let i = start;
  while (i < end) {
    const length = maskLength(bytes, i, end);
    const byte = bytes[i];
    if (byte === DASH || byte === SPACE) {
      i++;
      continue;
    }
    if (length === 0 || (mark >= 0 && byte !== mark)) return false;
    mark = byte;
    marks++;
    i += length;
  }
  // `x` and `xx` are also names and numbers; `?` alone is a parameter of a prepared statement.
  return isLetter(mark) ? marks >= 3 : true;
}

/** Fewest marks at the end of a value that is masked but for its beginning: `AKC9xxxxxxxx`, `sk-****************`. */
const MIN_MASKED_TAIL = 5;

/** More than half of the value is one mark, repeated to its end, behind a beginning that was left to tell it by. */
function isMaskedTail(bytes: Uint8Array, start: number, end: number): boolean {
  const mark = bytes[end - 1];
  if (mark !== 0x2a && mark !== 0x78 && mark !== 0x58) return false;
  let tail = end;
  while (tail > start && bytes[tail - 1] === mark) tail--;
  return end - tail >= MIN_MASKED_TAIL && (end - tail) * 2 > end - start;
}

/** `%s`, `%-8d`, `%(name)s`, `%{name}`, `%1$s` and the like (printf, Python, Ruby), nothing beside it. */
function isFormatVerb(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== PERCENT || end - start < 2) return false;
  const last = bytes[end - 1];
  if (bytes[start + 1] === 0x7b) return last === 0x7d && namesOnly(bytes, start + 2, end - 1);
  if (bytes[start + 1] === 0x28) {
    return end - start > 4 && bytes[end - 2] === 0x29 && isLetter(last) && isName(bytes, start + 2, end - 2);
  }
  for (let i = start + 1; i < end - 1; i++) {
    const byte = bytes[i];
    // `l`, `h` and `z` give the size of a number.
    const size = byte === 0x6c || byte === 0x68 || byte === 0x7a;
    if (!isDigit(byte) && byte !== DASH && byte !== PLUS && byte !== DOT && byte !== DOLLAR && !size)
      return false;
  }
  return isLetter(last) || last === 0x40;
}

/**
 * Only names and what joins them. `:`, `=`, `|`, quotes and commas are left out because a default value follows them,
 * as in `${PASSWORD:-hunter2}`; so is a dash after an upper-case name (`${PASSWORD-hunter2}`).
 */
function namesOnly(bytes: Uint8Array, start: number, end: number): boolean {
  const shellName = isUpper(bytes[start]);
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (isAlphanumeric(byte) || byte === UNDERSCORE || byte === DOT || byte === SPACE || byte === SLASH)
      continue;
    if (byte === DASH && !shellName) continue;
    // ( ) [ ] $ { }
    if (byte !== 0x28 && byte !== 0x29 && byte !== 0x5b && byte !== 0x5d && byte !== DOLLAR) {
      if (byte !== 0x7b && byte !== 0x7d) return false;
    }
  }
  return true;
}

/** `${x}`, `$(x)`, `#{x}`, `{{x}}`, `{x}`, `{}`, `<x>`, `%VAR%`, `$VAR` and `$1`: something is filled in later. */
function isTemplate(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start];
  const last = bytes[end - 1];
  const length = end - start;
  if (length < 2) return false;
  switch (first) {
    case 0x3c: // <
      return last === 0x3e && namesOnly(bytes, start + 1, end - 1);
    case 0x7b: // {
      if (last !== 0x7d) return false;
      if (length === 2) return true;
      if (bytes[start + 1] === 0x7b) return namesOnly(bytes, start + 2, end - 1);
      return isName(bytes, start + 1, end - 1);
    case 0x23: // #
      return bytes[start + 1] === 0x7b && last === 0x7d && namesOnly(bytes, start + 2, end - 1);
    case DOLLAR: {
      const second = bytes[start + 1];
      if (second === 0x7b) return last === 0x7d && namesOnly(bytes, start + 2, end - 1);
      if (second === 0x28) return last === 0x29 && namesOnly(bytes, start + 2, end - 1);
      if (isDigit(second)) return length === 2 || (length === 3 && isDigit(last));
      return isEnvironmentName(bytes, start + 1, end);
    }
    case PERCENT:
      return last === PERCENT && isEnvironmentName(bytes, start + 1, end - 1);
    default:
      return false;
  }
}

/** Lower-case letters, digits, dashes and what an action may add to them. */
function isRuleId(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (!isAlphanumeric(byte) && byte !== DASH && byte !== COLON && byte !== UNDERSCORE) return false;
  }
  return end > start;
}

/** `[FILTERED]`, `(sensitive value)`, `***REDACTED***`, and every placeholder this program writes itself. */
function isTakenOut(bytes: Uint8Array, start: number, end: number): boolean {
  const bracket = bytes[start];
  if (bracket === 0x5b || bracket === 0x28) {
    if (bytes[end - 1] !== (bracket === 0x5b ? 0x5d : 0x29)) return false;
    if (startsWith(bytes, start, end, '[REDACTED:'))
      return isRuleId(bytes, start + '[REDACTED:'.length, end - 1);
    return end - start === 2 || isOneOf(bytes, start + 1, end - 1, TAKEN_OUT);
  }
  let first = start;
  let last = end;
  while (first < last && (bytes[first] === 0x2a || bytes[first] === DASH || bytes[first] === UNDERSCORE))
    first++;
  while (
    last > first &&
    (bytes[last - 1] === 0x2a || bytes[last - 1] === DASH || bytes[last - 1] === UNDERSCORE)
  ) {
    last--;
  }
  return first > start && last < end && isOneOf(bytes, first, last, TAKEN_OUT);
}

/** `process.env.DB_PASSWORD`, `os.Getenv("X")`, `secrets.TOKEN`: a name, or a call to its end, and nothing beside it. */
function isReference(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = 0; i < REFERENCES.length; i++) {
    const reference = REFERENCES[i];
    if (!startsWith(bytes, start, end, reference)) continue;
    if (reference.endsWith('.')) return isName(bytes, start + reference.length, end);
    // The closing bracket may be missing: a rule often ends its value at the quote inside. After a comma comes the
    // value to fall back on.
    return !bytes.subarray(start, end).includes(COMMA);
  }
  return false;
}

/**
 * True for what can not be a value: nothing at all, a word for no value, a mask, a template that was not filled in,
 * a reference to a value kept elsewhere, or the mark of a value already taken out. One pair of quotes around it is
 * ignored. `changeme`, `password` and `example` are not in it: people do use them.
 */
export function isPlaceholder(bytes: Uint8Array, start: number, end: number): boolean {
  let first = start;
  let last = end;
  const quote = bytes[first];
  if (
    last - first >= 2 &&
    (quote === 0x22 || quote === 0x27 || quote === 0x60) &&
    bytes[last - 1] === quote
  ) {
    first++;
    last--;
  }
  if (last <= first) return true;
  return (
    isOneOf(bytes, first, last, NO_VALUE) ||
    isMask(bytes, first, last) ||
    isMaskedTail(bytes, first, last) ||
    isTemplate(bytes, first, last) ||
    isTakenOut(bytes, first, last) ||
    isFormatVerb(bytes, first, last) ||
    isReference(bytes, first, last)
  );
}

/** Anything that can be a value; see `isPlaceholder` for what can not. */
export const notPlaceholder: Validator = (bytes, start, end) => !isPlaceholder(bytes, start, end);
