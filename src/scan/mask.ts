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
  const masked: number[] = [];
  let seen = 0;
  for (const byte of value) {
    if (isContinuation(byte)) continue;
    if (!isMaskable(byte)) {
      masked.push(byte);
      continue;
    }
    const isShown = shows && (seen < options.keepFirst || seen >= characters - options.keepLast);
    masked.push(isShown && isAlphanumeric(byte) ? byte : MASK);
    seen++;
  }
  return Buffer.from(masked);
}

/** Bytes after the first of a UTF-8 character: a character is one `*`, however long. */
function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function isAlphanumeric(byte: number): boolean {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}
