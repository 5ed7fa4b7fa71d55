/**
 * Recognises input that is not text in an ASCII-compatible encoding by its first bytes. Rules would find nothing in
 * it, and passing it on would be a leak that looks clean; so it is refused.
 */

interface Signature {
  readonly name: string;
  readonly bytes: Buffer;
  /** What the user can do. */
  readonly advice: string;
}

const SIGNATURES: readonly Signature[] = [
  {
    name: 'gzip',
    bytes: Buffer.from([0x1f, 0x8b, 0x08]),
    advice: 'decompress it first: `zcat FILE | logveil`',
  },
  {
    name: 'zstd',
    bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]),
    advice: 'decompress it first: `zstdcat FILE | logveil`',
  },
  {
    name: 'xz',
    bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
    advice: 'decompress it first: `xzcat FILE | logveil`',
  },
  { name: 'bzip2', bytes: Buffer.from('BZh'), advice: 'decompress it first: `bzcat FILE | logveil`' },
  { name: 'zip', bytes: Buffer.from([0x50, 0x4b, 0x03, 0x04]), advice: 'unpack it first' },
  // UTF-32 before UTF-16: its byte order mark begins with the other's.
  {
    name: 'UTF-32',
    bytes: Buffer.from([0xff, 0xfe, 0x00, 0x00]),
    advice: 'convert it first: `iconv -f UTF-32 -t UTF-8`',
  },
  {
    name: 'UTF-32',
    bytes: Buffer.from([0x00, 0x00, 0xfe, 0xff]),
    advice: 'convert it first: `iconv -f UTF-32 -t UTF-8`',
  },
  {
    name: 'UTF-16',
    bytes: Buffer.from([0xff, 0xfe]),
    advice: 'convert it first: `iconv -f UTF-16 -t UTF-8`',
  },
  {
    name: 'UTF-16',
    bytes: Buffer.from([0xfe, 0xff]),
    advice: 'convert it first: `iconv -f UTF-16 -t UTF-8`',
  },
];

/** What the first bytes say: an encoding that can't be searched, nothing of the kind, or too few bytes to tell. */
export type Sniffed = { readonly unreadable: string; readonly advice: string } | 'text' | 'more';

/**
 * @param head the first bytes of a source
 * @param isAll whether the source has no more
 */
export function sniffEncoding(head: Buffer, isAll: boolean): Sniffed {
  for (const { name, bytes, advice } of SIGNATURES) {
    const length = Math.min(head.length, bytes.length);
    if (bytes.compare(head, 0, length, 0, length) !== 0) continue;
    if (length === bytes.length) return { unreadable: name, advice };
    if (!isAll) return 'more';
  }
  return 'text';
}
