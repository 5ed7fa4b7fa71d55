/**
 * Text that is not UTF-8 by nature, turned into UTF-8 line by line, because rules search bytes of UTF-8. Only complete
 * lines are decoded: a character is never cut.
 */

import type { Encoding } from './formats.ts';

/** What a decoder made of raw bytes. */
export interface Decoded {
  /** Complete lines, or nothing; owned by the caller. */
  readonly text: Buffer;
  /** Raw bytes that this and earlier texts stand for, counted from the decoder's start. */
  readonly rawBytes: number;
  /** Raw lines among them. */
  readonly rawLines: number;
  /** Whether nothing before `rawBytes` is kept back for a later text. */
  readonly isAtRest: boolean;
}

export interface LineDecoder {
  /** Takes the next raw bytes; keeps no reference to them. */
  push(raw: Buffer): Decoded;
  /** No more comes: what is kept back is handed out, a line without an end too. */
  flush(): Decoded;
}

const LF = 0x0a;
const BOM = { 'utf-16le': Buffer.from([0xff, 0xfe]), 'utf-16be': Buffer.from([0xfe, 0xff]) } as const;

/** @returns the encoding that a byte order mark at the start of a file tells; UTF-32's begins like UTF-16's and is none */
export function encodingOfMark(head: Buffer): Encoding | undefined {
  if (head.subarray(0, 4).equals(Buffer.from([0xff, 0xfe, 0, 0]))) return undefined;
  if (head.subarray(0, 2).equals(BOM['utf-16le'])) return 'utf-16le';
  if (head.subarray(0, 2).equals(BOM['utf-16be'])) return 'utf-16be';
  return undefined;
}

/**
 * @param rawOffset where in the file the bytes begin, a line's begin
 * @returns undefined where bytes are searched as they are
 */
export function createDecoder(encoding: Encoding, rawOffset: number): LineDecoder | undefined {
  return encoding === 'utf-8' ? undefined : new CharsetDecoder(encoding, rawOffset);
}

class CharsetDecoder implements LineDecoder {
  readonly #encoding: Exclude<Encoding, 'utf-8'>;
  readonly #decode: (bytes: Buffer) => string;
  #carry: Buffer = Buffer.alloc(0);
  #rawBytes = 0;
  #rawLines = 0;
  #isAtStart: boolean;

  constructor(encoding: Exclude<Encoding, 'utf-8'>, rawOffset: number) {
    this.#encoding = encoding;
    this.#isAtStart = rawOffset === 0;
    // WHATWG's `latin1` is windows-1252; ISO 8859-1 maps each byte to the code point of its number.
    const decoder = encoding === 'latin1' ? undefined : new TextDecoder(encoding, { ignoreBOM: true });
    this.#decode =
      decoder === undefined ? (bytes) => bytes.toString('latin1') : (bytes) => decoder.decode(bytes);
  }

  push(raw: Buffer): Decoded {
    const bytes = this.#carry.length === 0 ? raw : Buffer.concat([this.#carry, raw]);
    const end = this.#endOfLines(bytes);
    this.#carry = Buffer.from(bytes.subarray(end));
    return this.#decoded(bytes.subarray(0, end));
  }

  flush(): Decoded {
    const rest = this.#carry;
    this.#carry = Buffer.alloc(0);
    return this.#decoded(rest);
  }

  #decoded(raw: Buffer): Decoded {
    const isMarked = this.#isAtStart && encodingOfMark(raw) !== undefined;
    if (raw.length > 0) this.#isAtStart = false;
    const text = Buffer.from(this.#decode(isMarked ? raw.subarray(2) : raw));
    this.#rawBytes += raw.length;
    for (let at = text.indexOf(LF); at !== -1; at = text.indexOf(LF, at + 1)) this.#rawLines++;
    return { text, rawBytes: this.#rawBytes, rawLines: this.#rawLines, isAtRest: true };
  }

  /** Behind the last line end. In GB 18030 no byte of a longer character is one (GB 18030-2022, 5). */
  #endOfLines(bytes: Buffer): number {
    if (this.#encoding !== 'utf-16le' && this.#encoding !== 'utf-16be') return bytes.lastIndexOf(LF) + 1;
    const isLittle = this.#encoding === 'utf-16le';
    for (let at = bytes.lastIndexOf(LF); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(LF, at - 1)) {
      const start = isLittle ? at : at - 1;
      const other = bytes[isLittle ? at + 1 : at - 1];
      if (start % 2 === 0 && other === 0) return start + 2;
    }
    return 0;
  }
}
