/**
 * The `mask` action: the value keeps its shape and some of its ends. A mask of a mask is the mask itself, because the
 * mask character counts as a character of the value.
 */

/** How much of a value a mask shows. */
export interface MaskOptions {
  /** Letters and digits shown at the start. */
  readonly keepFirst: number;
  /** Letters and digits shown at the end. */
  readonly keepLast: number;
  /** Separators such as `-`, `.`, `@` and spaces stay; never for secrets, whose punctuation is part of them. */
  readonly keepFormat: boolean;
}

const MASK = 0x2a;
/** Of an end that holds more, the last bytes of an IPv6 address, say, the parts read as a value of their own. */
const MOST_SEPARATORS_SHOWN = 2;
const SEPARATORS = new Set(Buffer.from(' -./:@+()_'));

/**
 * Masks a value.
 * @param value decoded bytes
 * @returns printable ASCII without quotes and backslashes, so that it needs no escapes in JSON; a value of which more
 * than a third would show is masked whole, since the ends of a short value tell most of it
 */
export function maskValue(value: Uint8Array, options: MaskOptions): Buffer {
  const isMaskable = (byte: number): boolean => !(options.keepFormat && SEPARATORS.has(byte));
  let characters = 0;
  for (const byte of value) if (isMaskable(byte) && !isContinuation(byte)) characters++;
  const shows = 3 * (options.keepFirst + options.keepLast) <= characters;
  const firstAtEnd = isEndApart(value, options, isMaskable) ? characters : characters - options.keepLast;
  const masked: number[] = [];
  let seen = 0;
  for (const byte of value) {
    if (isContinuation(byte)) continue;
    if (!isMaskable(byte)) {
      masked.push(byte);
      continue;
    }
    const isShown = shows && (seen < options.keepFirst || seen >= firstAtEnd);
    masked.push(isShown && isAlphanumeric(byte) ? byte : MASK);
    seen++;
  }
  return Buffer.from(masked);
}

/** Whether the characters to show at the end stand in many parts: `2.0.2.1`. */
function isEndApart(
  value: Uint8Array,
  { keepLast }: MaskOptions,
  isMaskable: (byte: number) => boolean,
): boolean {
  let separators = 0;
  for (let at = value.length - 1, shown = 0; at >= 0 && shown < keepLast; at--) {
    const byte = value[at] as number;
    if (!isMaskable(byte)) separators++;
    else if (!isContinuation(byte)) shown++;
  }
  return separators > MOST_SEPARATORS_SHOWN;
}

/** Bytes after the first of a UTF-8 character: a character is one `*`, however long. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function isAlphanumeric(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}
