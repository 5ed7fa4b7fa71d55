/**
 * bzip2, block by block: all streams of a file, checksums tested. The format has no standard; this follows Joe Tsai,
 * "BZIP2: Format Specification" (2016). Own code, because the packages there are decompress all blocks that one chunk of
 * input holds before they hand any on, and 45 bytes can hold a block of 45 MB.
 */
import { ByteReader, type ByteStream } from './byteReader.ts';
import { DamagedInput } from './damaged.ts';

/** A block's compressed form is at most this, of the largest blocks: they hardly grow, beside their tables. */
const MAX_BLOCK_INPUT = 1_200_000;
const BLOCK_UNIT = 100_000;
const BLOCK_MAGIC = [0x314159, 0x265359] as const;
const END_MAGIC = [0x177245, 0x385090] as const;
const MAX_CODE_LENGTH = 20;
const GROUP_SYMBOLS = 50;
const RUN_A = 0;
const RUN_B = 1;
const PIECE_BYTES = 256 * 1024;

/** @throws DamagedInput; errors of `input` as they are */
export async function* unbzip2(input: ByteStream): AsyncGenerator<Buffer> {
  const reader = new ByteReader(input);
  let isFirst = true;
  for (let magic = await reader.peek(4); magic.length > 0; magic = await reader.peek(4)) {
    if (!/^BZh[1-9]$/.test(magic.toString('latin1'))) {
      if (!isFirst && (await isPadding(reader))) return;
      throw new DamagedInput('behind its bzip2 data stands something else');
    }
    isFirst = false;
    await reader.read(4);
    yield* oneStream(reader, ((magic[3] as number) - 0x30) * BLOCK_UNIT);
  }
}

async function isPadding(reader: ByteReader): Promise<boolean> {
  for await (const piece of reader.rest()) if (piece.some((byte) => byte !== 0)) return false;
  return true;
}

async function* oneStream(reader: ByteReader, blockBytes: number): AsyncGenerator<Buffer> {
  const decoder = new BlockDecoder(blockBytes);
  // Blocks begin at any bit.
  let bit = 0;
  let checksum = 0;
  for (;;) {
    const bits = new Bits(await reader.peek(MAX_BLOCK_INPUT), bit);
    const [high, low] = [bits.read(24), bits.read(24)];
    if (high === END_MAGIC[0] && low === END_MAGIC[1]) {
      const expected = bits.read32();
      await reader.read(Math.ceil(bits.at / 8));
      if (expected !== checksum) throw damaged();
      return;
    }
    if (high !== BLOCK_MAGIC[0] || low !== BLOCK_MAGIC[1]) throw damaged();
    const expected = bits.read32();
    decoder.read(bits);
    await reader.read(bits.at >> 3);
    bit = bits.at & 7;
    yield* decoder.output();
    if (decoder.checksum !== expected) throw damaged();
    checksum = (((checksum << 1) | (checksum >>> 31)) ^ expected) >>> 0;
  }
}

function damaged(): DamagedInput {
  return new DamagedInput('its bzip2 data is damaged or cut off');
}

/** Bits of bytes, the highest first. */
class Bits {
  /** In bits. */
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** @param count at most 24 */
  read(count: number): number {
    const from = this.at >> 3;
    const end = this.at + count;
    if (end > this.#bytes.length * 8) throw damaged();
    const b = this.#bytes;
    // Four bytes hold 24 bits from any bit on.
    const word =
      (((b[from] as number) << 24) |
        ((b[from + 1] ?? 0) << 16) |
        ((b[from + 2] ?? 0) << 8) |
        (b[from + 3] ?? 0)) >>>
      0;
    this.at = end;
    return ((word << (end - count - from * 8)) >>> 0) >>> (32 - count);
  }

  read32(): number {
    return this.read(16) * 0x10000 + this.read(16);
  }
}

/** One table of a block's codes: canonical Huffman codes, decoded by their lengths. */
interface CodeTable {
  readonly minLength: number;
  /** By length: the largest code of that length, and what to take from a code for its place among the symbols. */
  readonly limits: Int32Array;
  readonly bases: Int32Array;
  readonly symbols: Uint16Array;
}

class BlockDecoder {
  checksum = 0;
  readonly #capacity: number;
  /** The block before the transform is undone: a byte each, and above it the place of the next. */
  readonly #next: Uint32Array;
  #length = 0;
  #origin = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#next = new Uint32Array(capacity);
  }

  /** Reads a block behind its magic number and checksum. */
  read(bits: Bits): void {
    if (bits.read(1) === 1) throw new DamagedInput('its bzip2 data is of a version before 0.9.5');
    this.#origin = bits.read(24);
    const alphabet = readAlphabet(bits);
    const tableCount = bits.read(3);
    const selectorCount = bits.read(15);
    if (alphabet.length === 0 || tableCount < 2 || tableCount > 6 || selectorCount === 0) throw damaged();
    const selectors = readSelectors(bits, tableCount, selectorCount);
    const tables = Array.from({ length: tableCount }, () => readTable(bits, alphabet.length + 2));
    this.#readSymbols(bits, alphabet, selectors, tables);
    if (this.#origin >= this.#length) throw damaged();
    this.#link();
  }

  #readSymbols(bits: Bits, alphabet: Uint8Array, selectors: Uint8Array, tables: readonly CodeTable[]): void {
    const next = this.#next;
    const endSymbol = alphabet.length + 1;
    const front = Uint8Array.from(alphabet);
    let length = 0;
    let run = 0;
    let runUnit = 1;
    for (let group = 0; ; group++) {
      if (group >= selectors.length) throw damaged();
      const table = tables[selectors[group] as number] as CodeTable;
      for (let i = 0; i < GROUP_SYMBOLS; i++) {
        const symbol = readSymbol(bits, table);
        if (symbol === RUN_A || symbol === RUN_B) {
          run += runUnit << symbol;
          runUnit *= 2;
          if (run > this.#capacity) throw damaged();
          continue;
        }
        if (run > 0) {
          if (length + run > this.#capacity) throw damaged();
          next.fill(front[0] as number, length, length + run);
          length += run;
          run = 0;
          runUnit = 1;
        }
        if (symbol === endSymbol) {
          this.#length = length;
          return;
        }
        if (length >= this.#capacity) throw damaged();
        const place = symbol - 1;
        const byte = front[place] as number;
        front.copyWithin(1, 0, place);
        front[0] = byte;
        next[length++] = byte;
      }
    }
  }

  /** Undoes the Burrows-Wheeler transform: where each byte's follower stands, above the byte. */
  #link(): void {
    const next = this.#next;
    const length = this.#length;
    const starts = new Uint32Array(256);
    for (let i = 0; i < length; i++) starts[(next[i] as number) & 0xff]++;
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) {
      const count = starts[byte] as number;
      starts[byte] = sum;
      sum += count;
    }
    for (let i = 0; i < length; i++) {
      const byte = (next[i] as number) & 0xff;
      next[starts[byte] as number] |= i << 8;
      starts[byte]++;
    }
  }

  /** The block's bytes: after four equal ones stands how many more follow. */
  *output(): Generator<Buffer> {
    const next = this.#next;
    let piece = Buffer.allocUnsafe(PIECE_BYTES);
    let at = 0;
    let crc = 0xffffffff;
    let place = (next[this.#origin] as number) >>> 8;
    let last = -1;
    let same = 0;
    for (let i = 0; i < this.#length; i++) {
      const entry = next[place] as number;
      const byte = entry & 0xff;
      place = entry >>> 8;
      let count = 1;
      if (same === 4) {
        count = byte;
        same = 0;
        if (at + count > PIECE_BYTES) {
          yield piece.subarray(0, at);
          piece = Buffer.allocUnsafe(PIECE_BYTES);
          at = 0;
        }
        for (let j = 0; j < count; j++) {
          piece[at++] = last;
          crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ last] as number);
        }
        last = -1;
        continue;
      }
      same = byte === last ? same + 1 : 1;
      last = byte;
      if (at === PIECE_BYTES) {
        yield piece;
        piece = Buffer.allocUnsafe(PIECE_BYTES);
        at = 0;
      }
      piece[at++] = byte;
      crc = (crc << 8) ^ (CRC_TABLE[(crc >>> 24) ^ byte] as number);
    }
    this.checksum = ~crc >>> 0;
    if (at > 0) yield piece.subarray(0, at);
  }
}

/** CRC-32 with the highest bit first, polynomial 0x04c11db7. */
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});

/** The bytes that occur, in sixteens that occur. */
function readAlphabet(bits: Bits): Uint8Array {
  const ranges = bits.read(16);
  const bytes: number[] = [];
  for (let range = 0; range < 16; range++) {
    if ((ranges & (0x8000 >> range)) === 0) continue;
    const used = bits.read(16);
    for (let i = 0; i < 16; i++) if ((used & (0x8000 >> i)) !== 0) bytes.push(range * 16 + i);
  }
  return Uint8Array.from(bytes);
}

/** Which table each group of symbols uses, as places in a list that moves what was used to its front. */
function readSelectors(bits: Bits, tableCount: number, count: number): Uint8Array {
  const front = Array.from({ length: tableCount }, (_, index) => index);
  return Uint8Array.from({ length: count }, () => {
    let place = 0;
    while (bits.read(1) === 1) if (++place >= tableCount) throw damaged();
    const [table = 0] = front.splice(place, 1);
    front.unshift(table);
    return table;
  });
}

function readTable(bits: Bits, symbolCount: number): CodeTable {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
    if (length < 1 || length > MAX_CODE_LENGTH) throw damaged();
    lengths[symbol] = length;
  }
  const symbols: number[] = [];
  const limits = new Int32Array(MAX_CODE_LENGTH + 1).fill(-1);
  const bases = new Int32Array(MAX_CODE_LENGTH + 1);
  let code = 0;
  for (let size = 1; size <= MAX_CODE_LENGTH; size++) {
    bases[size] = code - symbols.length;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      if (lengths[symbol] !== size) continue;
      symbols.push(symbol);
      code++;
    }
    limits[size] = code - 1;
    code *= 2;
  }
  return { minLength: Math.min(...lengths), limits, bases, symbols: Uint16Array.from(symbols) };
}

function readSymbol(bits: Bits, table: CodeTable): number {
  let length = table.minLength;
  let code = bits.read(length);
  for (;;) {
    const place = code - (table.bases[length] as number);
    if (code <= (table.limits[length] as number) && place >= 0 && place < table.symbols.length) {
      return table.symbols[place] as number;
    }
    if (++length > MAX_CODE_LENGTH) throw damaged();
    code = (code << 1) | bits.read(1);
  }
}
