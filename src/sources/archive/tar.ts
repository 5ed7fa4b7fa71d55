/**
 * Members of a tar archive, in order, without unpacking: ustar and pax (POSIX.1-2017, pax), GNU long names, and the old
 * format without a magic number where its checksum holds.
 */
import type { ByteReader } from './byteReader.ts';
import { DamagedInput } from './damaged.ts';

export const TAR_BLOCK_BYTES = 512;
/** Devices and pipes; the list of a folder's names and the label of a tape, as GNU tar writes them. */
const SPECIAL = ['3', '4', '6', 'D', 'V'];
/** A pax header or a long name beyond this is no name. */
const MAX_HEADER_BYTES = 1024 * 1024;

export interface TarMember {
  readonly name: string;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modifiedMs: number;
  /** `link` and `other` hold no bytes to look at; `sparse` does, in a form that is not read. */
  readonly kind: 'file' | 'link' | 'folder' | 'sparse' | 'other';
  /** To be read to its end, or left, before the next member is asked for. */
  readonly content: AsyncGenerator<Buffer>;
}

/** Whether what begins with a block is an archive: it has a name, and its checksum is right. */
export function isTarHeader(block: Buffer): boolean {
  return block.length >= TAR_BLOCK_BYTES && block[0] !== 0 && hasChecksum(block);
}

function hasChecksum(block: Buffer): boolean {
  const stored = octal(block, 148, 8);
  let sum = 0;
  for (let i = 0; i < TAR_BLOCK_BYTES; i++) sum += i >= 148 && i < 156 ? 0x20 : (block[i] as number);
  return stored === sum;
}

/** @throws DamagedInput where the archive is no tar any more, or ends within a member */
export async function* tarMembers(reader: ByteReader): AsyncGenerator<TarMember> {
  let longName: string | undefined;
  let pax: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const block = await reader.read(TAR_BLOCK_BYTES);
    // Cut off between two members it would look whole but for its end mark.
    if (block.length === 0) throw new DamagedInput('the archive is cut off: its end mark is missing');
    if (block.length < TAR_BLOCK_BYTES) throw new DamagedInput('the archive is cut off');
    if (block.every((byte) => byte === 0)) {
      await passPadding(reader);
      return;
    }
    if (!hasChecksum(block)) throw new DamagedInput('the archive is damaged: a header has a wrong checksum');
    const type = String.fromCharCode(block[156] as number);
    const size = pax.has('size') ? Number(pax.get('size')) : numeric(block, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0) throw new DamagedInput('the archive is damaged: a size');
    if (type === 'L' || type === 'K' || type === 'x' || type === 'g' || type === 'X') {
      const bytes = await readHeaderData(reader, size);
      if (type === 'L') longName = text(bytes, 0, bytes.length);
      if (type === 'x' || type === 'X') pax = paxRecords(bytes);
      continue;
    }
    const start = reader.taken;
    yield {
      name: pax.get('path') ?? longName ?? headerName(block),
      size,
      modifiedMs: (pax.has('mtime') ? Number(pax.get('mtime')) : numeric(block, 136, 12)) * 1000,
      kind: pax.has('GNU.sparse.major') || pax.has('GNU.sparse.size') ? 'sparse' : kindOf(type, size),
      content: reader.pieces(size),
    };
    longName = undefined;
    pax = new Map();
    const end = start + Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
    for await (const _ of reader.pieces(end - reader.taken)) {
      // What the member's reader has left, and the padding.
    }
    if (reader.taken < start + size) throw new DamagedInput('the archive is cut off');
  }
}

/** Behind the end mark stand zeros up to a round size. Anything else would go unseen: archives can be joined. */
async function passPadding(reader: ByteReader): Promise<void> {
  for await (const piece of reader.rest()) {
    if (piece.some((byte) => byte !== 0)) {
      throw new DamagedInput('behind the end of the archive stands something else');
    }
  }
}

async function readHeaderData(reader: ByteReader, size: number): Promise<Buffer> {
  if (size > MAX_HEADER_BYTES)
    throw new DamagedInput('the archive is damaged: a header of its own is too long');
  const bytes = Buffer.from(await reader.read(Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES));
  if (bytes.length < size) throw new DamagedInput('the archive is cut off');
  return bytes.subarray(0, size);
}

/**
 * Whatever has content is looked at: hard links may carry that of their file (pax, `linkdata`), and a type that is not
 * known is to be taken for a file (POSIX.1-2017, pax, ustar interchange format).
 */
function kindOf(type: string, size: number): TarMember['kind'] {
  if (type === '5') return 'folder';
  if (type === 'S') return 'sparse';
  if (type === '2' || (type === '1' && size === 0)) return 'link';
  if (SPECIAL.includes(type)) return 'other';
  return type === '0' || type === '\0' || type === '7' || size > 0 ? 'file' : 'other';
}

function headerName(block: Buffer): string {
  const name = text(block, 0, 100);
  const isUstar = block.toString('latin1', 257, 262) === 'ustar' && block[262] === 0;
  const prefix = isUstar ? text(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Up to the first NUL. */
function text(bytes: Buffer, start: number, length: number): string {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

function octal(block: Buffer, start: number, length: number): number {
  const digits = text(block, start, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : 0;
}

/** Octal, or in GNU's way a big-endian number marked by its highest bit. */
function numeric(block: Buffer, start: number, length: number): number {
  if (((block[start] as number) & 0x80) === 0) return octal(block, start, length);
  let value = (block[start] as number) & 0x7f;
  for (let i = start + 1; i < start + length; i++) value = value * 256 + (block[i] as number);
  return value;
}

/** `LENGTH KEY=VALUE\n`, the length in bytes of the whole record. */
function paxRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : Number(bytes.toString('latin1', at, space));
    if (!Number.isSafeInteger(length) || length <= space - at || at + length > bytes.length) break;
    const record = bytes.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
