/** Decompression, each format streaming, in bounded memory, and refusing what is damaged. */
import type { ByteStream } from './byteReader.ts';
import { unbzip2 } from './bzip2.ts';
import { gunzip } from './gzip.ts';
import type { Compression } from './recognise.ts';
import { unxz } from './xz.ts';
import { unzstd } from './zstd.ts';

const DECOMPRESSORS: Readonly<Record<Compression, (input: ByteStream) => AsyncGenerator<Buffer>>> = {
  gzip: gunzip,
  zstd: unzstd,
  xz: unxz,
  bzip2: unbzip2,
};

/**
 * @returns the decompressed bytes of all members
 * @throws DamagedInput where the data is damaged, cut off or followed by something else; what came before is good
 */
export function decompress(format: Compression, input: ByteStream): AsyncGenerator<Buffer> {
  return DECOMPRESSORS[format](input);
}
