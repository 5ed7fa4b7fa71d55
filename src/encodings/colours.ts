/**
 * Terminal control sequences (ECMA-48, 5.4: CSI), which colour most logs that a person was meant to read. Their last
 * byte is a letter, so patterns would take `ESC[32m203.0.113.77` for one word. Patterns see blanks in their place.
 */

const ESC = 0x1b;
const OPEN = 0x5b;
const BLANK = 0x20;
const EQUALS = 0x3d;
const QUESTION = 0x3f;

/** How ESC is written before the bracket: itself, as JSON and C write it, and as rsyslog and `cat -v` show it. */
const SPELLINGS: readonly Buffer[] = [
  '\x1b',
  '\\u001b',
  '\\u001B',
  '\\x1b',
  '\\x1B',
  '\\033',
  '\\e',
  '#033',
  '^[',
].map((text) => Buffer.from(text));

/** What ends a sequence: colours, and moving, erasing, scrolling, modes. */
const FINAL_BYTES = Buffer.from('mABCDEFGHJKSTfhlnsu');

/** Numbers have three digits at most, those of private modes (`?2004h`) four: more is data that hides there. */
const MOST_DIGITS = 3;
const MOST_MODE_DIGITS = 4;
/** `38;2;255;255;255;48;2;255;255;255m` is the longest in use. */
const MOST_PARAMETER_BYTES = 40;

/**
 * Patterns of lines that may hold a sequence, for an engine that looks at many lines at once; those written with
 * `\u` and `\x` are escapes, which it looks for anyway.
 */
export const COLOUR_SIGNS: readonly string[] = [
  String.raw`\x1b\[`,
  String.raw`\\(?:033|e)\[`,
  String.raw`#033\[`,
  String.raw`\^\[\[`,
];

/**
 * Replaces control sequences by as many blanks. An equals sign before one goes to its end: `key=ESC[0mvalue` reads as
 * `key    =value`, since what stands behind `= ` often is another pair.
 * @param bytes returned as they are when there is none
 * @param apart flat pairs start, end, ascending, of what is no sequence though it may look like the end of one
 */
export function withoutColours(bytes: Buffer, apart: readonly number[]): Buffer {
  let copy: Buffer | undefined;
  let next = 0;
  for (let at = bytes.indexOf(OPEN); at !== -1; at = bytes.indexOf(OPEN, at + 1)) {
    const start = introducerStart(bytes, at);
    const end = start === -1 ? -1 : sequenceEnd(bytes, at + 1);
    if (end === -1) continue;
    while (next < apart.length && (apart[next + 1] as number) <= start) next += 2;
    if (next < apart.length && (apart[next] as number) < end) continue;
    copy ??= Buffer.from(bytes);
    copy.fill(BLANK, start, end);
    if (start > 0 && copy[start - 1] === EQUALS && isInk(bytes[end])) {
      copy[start - 1] = BLANK;
      copy[end - 1] = EQUALS;
    }
    at = end - 1;
  }
  return copy ?? bytes;
}

/** Where the ESC before the bracket at `at` begins, -1 where there is none. */
function introducerStart(bytes: Buffer, at: number): number {
  if (at > 0 && bytes[at - 1] === ESC) return at - 1;
  for (const spelling of SPELLINGS) {
    const start = at - spelling.length;
    if (start < 0 || bytes[at - 1] !== spelling[spelling.length - 1]) continue;
    if (spelling.compare(bytes, start, at) === 0) return start;
  }
  return -1;
}

/** End of the sequence whose parameters begin at `from`, -1 for none. */
function sequenceEnd(bytes: Buffer, from: number): number {
  const isMode = bytes[from] === QUESTION;
  const most = isMode ? MOST_MODE_DIGITS : MOST_DIGITS;
  const last = Math.min(bytes.length, from + MOST_PARAMETER_BYTES);
  let digits = 0;
  for (let at = isMode ? from + 1 : from; at < last; at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x30 && byte <= 0x39) {
      if (++digits > most) return -1;
    } else if (byte === 0x3a || byte === 0x3b) digits = 0;
    else return FINAL_BYTES.includes(byte) ? at + 1 : -1;
  }
  return -1;
}

/** Whether the byte is no blank: a value may begin with it, what replaced one, or another sequence before it. */
function isInk(byte: number | undefined): boolean {
  return byte !== undefined && byte !== BLANK && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a;
}
