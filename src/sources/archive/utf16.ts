/**
 * UTF-16 with a byte order mark (RFC 2781, The Unicode Standard, section 3.10), as UTF-8 for the rules. Without a mark
 * nothing is decoded: which order it has, and whether it is text at all, would be a guess.
 */
import type { ByteStream } from './byteReader.ts';
import { DamagedInput } from './damaged.ts';

export type Utf16 = 'utf-16le' | 'utf-16be';

export const BYTE_ORDER_MARK_BYTES = 2;
const UNIT_BYTES = 2;
/** More control characters than this are no text. */
const MOST_CONTROL_SHARE = 0.1;

/**
 * @param head the first bytes of a source
 * @returns its byte order, `none` where the mark is followed by no text, undefined without a mark
 */
export function utf16Of(head: Buffer): Utf16 | 'none' | undefined {
  if (head.length < BYTE_ORDER_MARK_BYTES) return undefined;
  const mark = head.readUInt16BE(0);
  if (mark !== 0xfeff && mark !== 0xfffe) return undefined;
  const encoding = mark === 0xfffe ? 'utf-16le' : 'utf-16be';
  return isText(head.subarray(BYTE_ORDER_MARK_BYTES), encoding) ? encoding : 'none';
}

/**
 * The text behind the byte order mark, as UTF-8. A surrogate without its mate becomes U+FFFD, one for one.
 * @throws DamagedInput when it ends within a character; errors of `input` as they are
 */
export async function* decodeUtf16(input: ByteStream, encoding: Utf16): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder('utf-16le', { ignoreBOM: true });
  let skip = BYTE_ORDER_MARK_BYTES;
  let odd: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    const bytes = Buffer.concat([odd, chunk]);
    const skipped = Math.min(skip, bytes.length);
    const end = bytes.length - ((bytes.length - skipped) % UNIT_BYTES);
    // The mark itself may come in two chunks.
    if (bytes.length < skip) {
      odd = bytes;
      continue;
    }
    skip = 0;
    odd = bytes.subarray(end);
    const units = bytes.subarray(skipped, end);
    if (encoding === 'utf-16be') units.swap16();
    yield Buffer.from(decoder.decode(units, { stream: true }));
  }
  const rest = decoder.decode();
  if (rest !== '') yield Buffer.from(rest);
  if (odd.length > 0 && skip === 0) throw new DamagedInput('its UTF-16 text is cut off within a character');
}

/** How many bytes of UTF-16 stand for these bytes of the UTF-8 made of them: four where UTF-8 has four, else two. */
export function utf16Length(utf8: Buffer): number {
  let length = 0;
  for (let at = 0; at < utf8.length; at++) {
    const byte = utf8[at] as number;
    if (byte < 0x80) length += UNIT_BYTES;
    else if (byte >= 0xc0) length += byte < 0xf0 ? UNIT_BYTES : 2 * UNIT_BYTES;
  }
  return length;
}

function isText(bytes: Buffer, encoding: Utf16): boolean {
  const isLittle = encoding === 'utf-16le';
  const count = Math.floor(bytes.length / UNIT_BYTES);
  const unitAt = (index: number): number =>
    isLittle ? bytes.readUInt16LE(index * UNIT_BYTES) : bytes.readUInt16BE(index * UNIT_BYTES);
  let controls = 0;
  for (let index = 0; index < count; index++) {
    const unit = unitAt(index);
    if (isControl(unit)) controls++;
    if (unit === 0xffff || unit === 0xfffe || isLow(unit)) return false;
    if (!isHigh(unit)) continue;
    index++;
    if (index < count && !isLow(unitAt(index))) return false;
  }
  return controls <= count * MOST_CONTROL_SHARE;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Beside white space and the escape of terminals' colours. */
function isControl(unit: number): boolean {
  return (unit < 0x20 && !(unit >= 0x08 && unit <= 0x0d) && unit !== 0x1b) || unit === 0x7f;
}
