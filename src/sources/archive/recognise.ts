/** What a source holds, by its first bytes; its name says nothing. */
import { isUtf8 } from 'node:buffer';
import { sniffEncoding } from '../encoding.ts';
import { isTarHeader, TAR_BLOCK_BYTES } from './tar.ts';
import { type Utf16, utf16Of } from './utf16.ts';

export const COMPRESSIONS = ['gzip', 'zstd', 'xz', 'bzip2'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

export type Content =
  | { readonly kind: 'text' }
  | { readonly kind: 'compressed'; readonly format: Compression }
  | { readonly kind: 'tar' }
  /** Text that is decoded for the rules. */
  | { readonly kind: 'utf16'; readonly encoding: Utf16 }
  /** Text that rules can't search. */
  | { readonly kind: 'encoding'; readonly name: string; readonly advice: string }
  | { readonly kind: 'binary'; readonly name: string };

/** So many bytes decide. */
export const HEAD_BYTES = 4096;

/** Formats that are no text, by their first bytes. */
const BINARIES: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['an ELF program', Buffer.from('\x7fELF', 'latin1')],
  ['a PNG picture', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')],
  ['a JPEG picture', Buffer.from([0xff, 0xd8, 0xff])],
  ['a GIF picture', Buffer.from('GIF8')],
  ['a PDF document', Buffer.from('%PDF-')],
  ['a SQLite database', Buffer.from('SQLite format 3\0', 'latin1')],
  ['a systemd journal; `journalctl --file FILE` shows it', Buffer.from('LPKSHHRH')],
  ['an lz4 file; unpack it first', Buffer.from([0x04, 0x22, 0x4d, 0x18])],
  ['a compress (.Z) file; unpack it first', Buffer.from([0x1f, 0x9d])],
  ['a 7z archive; unpack it first', Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c])],
  ['a RAR archive; unpack it first', Buffer.from('Rar!\x1a\x07', 'latin1')],
  ['a zip archive; unpack it first', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
  ['a zip archive; unpack it first', Buffer.from([0x50, 0x4b, 0x05, 0x06])],
  ['a Parquet file', Buffer.from('PAR1')],
  ['an ORC file', Buffer.from('ORC')],
  ['an Avro file', Buffer.from('Obj\x01', 'latin1')],
  ['an snappy stream; unpack it first', Buffer.from('\xff\x06\x00\x00sNaPpY', 'latin1')],
  ['Java classes', Buffer.from([0xca, 0xfe, 0xba, 0xbe])],
];
/** A frame that zstd skips may stand first: RFC 8878, section 3.1.2. */
const SKIPPABLE = 0x184d2a50;
const BZIP2_MARK = Buffer.from('BZh');
const BZIP2_END = Buffer.from([0x17, 0x72, 0x45, 0x38, 0x50, 0x90]);
/** More control characters than this are no text; terminals' escapes, NULs and tabs occur in logs. */
const MOST_CONTROL_SHARE = 0.1;
/** Fewer bytes prove nothing. */
const LEAST_SAMPLE = 64;

/** @param head the first {@link HEAD_BYTES} bytes, or all there are */
export function recognise(head: Buffer): Content {
  const sniffed = sniffEncoding(head, true);
  if (sniffed !== 'text' && sniffed !== 'more') {
    const compression = COMPRESSIONS.find((format) => format === sniffed.unreadable);
    if (compression !== undefined) return { kind: 'compressed', format: compression };
    const utf16 = sniffed.unreadable === 'UTF-16' ? utf16Of(head) : undefined;
    if (utf16 === 'none') return { kind: 'binary', name: 'no text, though it begins as UTF-16 does' };
    if (utf16 !== undefined) return { kind: 'utf16', encoding: utf16 };
    if (sniffed.unreadable.startsWith('UTF')) {
      return { kind: 'encoding', name: sniffed.unreadable, advice: sniffed.advice };
    }
  }
  if (head.length >= 8 && (head.readUInt32LE() & 0xfffffff0) >>> 0 === SKIPPABLE) {
    return { kind: 'compressed', format: 'zstd' };
  }
  // An empty file of bzip2 has no block.
  if (head.subarray(0, 3).equals(BZIP2_MARK) && head.subarray(4, 10).equals(BZIP2_END)) {
    return { kind: 'compressed', format: 'bzip2' };
  }
  if (isTarHeader(head.subarray(0, TAR_BLOCK_BYTES))) return { kind: 'tar' };
  const known = BINARIES.find(([, bytes]) => head.subarray(0, bytes.length).equals(bytes));
  // A line of text may begin with `ORC`.
  if (known !== undefined && head.some(isControl)) return { kind: 'binary', name: known[0] };
  return looksBinary(head) ? { kind: 'binary', name: 'binary data' } : { kind: 'text' };
}

function looksBinary(head: Buffer): boolean {
  if (head.length < LEAST_SAMPLE) return false;
  // What decodes, and has no NUL, can be searched, however odd it looks: to leave it out would be a gap for nothing.
  if (!head.includes(0) && isUtf8(withoutCutCharacter(head))) return false;
  let controls = 0;
  for (const byte of head) if (isControl(byte)) controls++;
  return controls > head.length * MOST_CONTROL_SHARE;
}

/** The bytes without a character that may go on behind them: RFC 3629, at most three bytes follow its first. */
function withoutCutCharacter(head: Buffer): Buffer {
  let end = head.length;
  while (end > head.length - 3 && ((head[end - 1] as number) & 0xc0) === 0x80) end--;
  return ((head[end - 1] as number) & 0xc0) === 0xc0 ? head.subarray(0, end - 1) : head;
}

/** Beside white space and the escape of terminals' colours. */
function isControl(byte: number): boolean {
  return (byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f;
}
