/** What can be searched or unpacked but not be written again as it was: named, with what can be done instead. */
import { Refused } from './original.ts';

interface Kind {
  readonly name: string;
  readonly bytes: Buffer;
  readonly at?: number;
  readonly advice: string;
}

const repack = (reader: string, writer: string): string =>
  `it can be read but not written here; \`${reader} FILE | logveil | ${writer} > NEW\` makes a clean copy`;
const UNPACK = 'unpack it, scrub the files, and pack them again';
const BINARY = 'a program that knows its format has to change it';

const KINDS: readonly Kind[] = [
  { name: 'a zstd file', bytes: Buffer.from('28b52ffd', 'hex'), advice: repack('zstdcat', 'zstd') },
  { name: 'an xz file', bytes: Buffer.from('fd377a585a00', 'hex'), advice: repack('xzcat', 'xz') },
  // The size of its blocks stands between the two marks.
  { name: 'a bzip2 file', bytes: Buffer.from('1AY&SY'), at: 4, advice: repack('bzcat', 'bzip2') },
  { name: 'a zip archive', bytes: Buffer.from('504b0304', 'hex'), advice: UNPACK },
  { name: 'a tar archive', bytes: Buffer.from('ustar'), at: 257, advice: UNPACK },
  { name: 'a database', bytes: Buffer.from('SQLite format 3\0'), advice: BINARY },
  { name: 'a program', bytes: Buffer.from('\x7fELF'), advice: BINARY },
  { name: 'a journal of systemd', bytes: Buffer.from('LPKSHHRH'), advice: BINARY },
  { name: 'a PDF', bytes: Buffer.from('%PDF-'), advice: BINARY },
  { name: 'UTF-16 or UTF-32 text', bytes: Buffer.from('fffe', 'hex'), advice: 'convert it to UTF-8 first' },
  { name: 'UTF-16 text', bytes: Buffer.from('feff', 'hex'), advice: 'convert it to UTF-8 first' },
  { name: 'UTF-32 text', bytes: Buffer.from('0000feff', 'hex'), advice: 'convert it to UTF-8 first' },
];

/** Logs have a stray control byte now and then; compressed or compiled data has one in eight or so. */
const MOST_CONTROL_SHARE = 0.05;
/** BEL, BS, TAB, LF, VT, FF, CR and ESC stand in terminal output. */
const TEXT_CONTROLS = new Set([0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b]);

/**
 * @param head first bytes of the content
 * @param isForced lets pass what only looks binary, never what is known not to be text
 * @throws Refused
 */
export function refuseUnwritable(head: Buffer, isForced: boolean): void {
  const kind = KINDS.find(({ bytes, at = 0 }) => head.subarray(at, at + bytes.length).equals(bytes));
  if (kind !== undefined) throw new Refused(`it is ${kind.name}: ${kind.advice}`);
  if (!isForced && controlShare(head) > MOST_CONTROL_SHARE) {
    throw new Refused(
      'it looks binary, and changing lengths in it would damage it; --force takes it for text',
    );
  }
}

function controlShare(head: Buffer): number {
  if (head.length === 0) return 0;
  let controls = 0;
  for (const byte of head) if (byte < 0x20 && !TEXT_CONTROLS.has(byte)) controls++;
  return controls / head.length;
}
