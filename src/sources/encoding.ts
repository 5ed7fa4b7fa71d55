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
  // With the block size and the mark of its first block: a line of text may begin with `BZh`.
  ...Array.from({ length: 9 }, (_, index) => ({
    name: 'bzip2',
    bytes: Buffer.from(`BZh${index + 1}1AY&SY`),
    advice: 'decompress it first: `bzcat FILE | logveil`',
  })),
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

const LF = 0x0a;
/** So many bytes tell text in wide characters from bytes with a NUL here and there. */
const WIDE_SAMPLE_BYTES = 64;
/** Of text in UTF-16 that is mostly ASCII half is NUL; of log lines with a NUL in them far less. */
const LEAST_NUL_SHARE = 0.3;
/** Fewer prove nothing, and are no more characters than any rule needs. */
const LEAST_NULS = 4;
/** Of the NULs, those where none is expected: a character that is not ASCII may end in one. */
const MOST_STRAY_SHARE = 0.1;

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
  const sample = head.subarray(0, WIDE_SAMPLE_BYTES);
  if (!isAll && sample.length < WIDE_SAMPLE_BYTES && mayBeWide(sample)) return 'more';
  return wideEncoding(sample) ?? 'text';
}

/** Without a line end there is nothing that could leave already; with one, only a NUL is a reason to wait. */
function mayBeWide(sample: Buffer): boolean {
  return sample.includes(0) || !sample.includes(LF);
}

/** UTF-16 without a byte order mark: the NULs of its ASCII characters stand at every other byte. */
function wideEncoding(sample: Buffer): Sniffed | undefined {
  let even = 0;
  let odd = 0;
  sample.forEach((byte, index) => {
    if (byte !== 0) return;
    if (index % 2 === 0) even++;
    else odd++;
  });
  const nuls = even + odd;
  if (nuls < LEAST_NULS || nuls < sample.length * LEAST_NUL_SHARE) return undefined;
  if (Math.min(even, odd) > nuls * MOST_STRAY_SHARE) return undefined;
  const name = odd > even ? 'UTF-16LE' : 'UTF-16BE';
  return {
    unreadable: `${name} without a byte order mark`,
    advice: `convert it first: \`iconv -f ${name} -t UTF-8\``,
  };
}
