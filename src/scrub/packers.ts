/** The programs that write zstd, xz and bzip2, which Node can't: found on the path, fed by pipes, so no copy lies about. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Compression } from '../sources/archive/recognise.ts';
import { Refused } from './original.ts';

/** What Node writes itself is left out. */
type Packed = Exclude<Compression, 'gzip'>;

export interface Packer {
  /** Absolute path of the program. */
  readonly path: string;
  readonly name: string;
  /** Standard input to standard output, in the way the file was packed as far as its header tells. */
  readonly packs: readonly string[];
  /** Tests standard input, and writes nothing. */
  readonly tests: readonly string[];
}

/** Low bits of the stream flags name the check: The .xz File Format 1.2.1, section 2.1.1.2. */
const XZ_FLAGS_AT = 7;
const XZ_CHECKS: Readonly<Record<number, string>> = { 0: 'none', 1: 'crc32', 4: 'crc64', 10: 'sha256' };
/** Of the frame header descriptor: RFC 8878, section 3.1.1.1.1. */
const ZSTD_DESCRIPTOR_AT = 4;
const ZSTD_CHECKSUM = 4;
/** `BZh` and the block size in 100 kB, as a digit. */
const BZIP2_LEVEL_AT = 3;

/**
 * @param head first bytes of the file as it is
 * @throws Refused when the program is not installed
 */
export function packerFor(format: Packed, head: Buffer): Packer {
  const name = { zstd: 'zstd', xz: 'xz', bzip2: 'bzip2' }[format];
  const path = onPath(name);
  if (path === undefined) {
    throw new Refused(
      `it is compressed with ${format}, and the program \`${name}\`, which writes that, is not on the path; install it`,
    );
  }
  return { path, name, packs: argumentsFor(format, head), tests: ['-t', '-q'] };
}

function argumentsFor(format: Packed, head: Buffer): readonly string[] {
  if (format === 'bzip2') return ['-c', '-q', `-${String.fromCharCode(head[BZIP2_LEVEL_AT] as number)}`];
  if (format === 'xz') {
    const check = XZ_CHECKS[(head[XZ_FLAGS_AT] as number) & 0x0f] ?? 'crc64';
    return ['-c', '-q', '-T1', `--check=${check}`];
  }
  const hasChecksum = ((head[ZSTD_DESCRIPTOR_AT] as number) & ZSTD_CHECKSUM) !== 0;
  return ['-c', '-q', hasChecksum ? '--check' : '--no-check'];
}

/** Folders of the path that are no absolute ones are passed over: the folder at hand may be anybody's. */
function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
