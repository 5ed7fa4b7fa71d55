/** What can be searched or unpacked but not be written again as it was: named, with what can be done instead. */
import { type Compression, recognise } from '../sources/archive/recognise.ts';
import { Refused } from './original.ts';

const PROGRAMS: Readonly<Record<Exclude<Compression, 'gzip'>, readonly [reader: string, writer: string]>> = {
  zstd: ['zstdcat', 'zstd'],
  xz: ['xzcat', 'xz'],
  bzip2: ['bzcat', 'bzip2'],
};

/** How a file's content is stored, of what can be written again. */
export type Storage = 'plain' | 'gzip';

/**
 * @param head first bytes of the file
 * @param isForced takes what only looks binary for text
 * @throws Refused
 */
export function storageOf(head: Buffer, isForced: boolean): Storage {
  const content = recognise(head);
  if (content.kind === 'compressed') {
    if (content.format === 'gzip') return 'gzip';
    const [reader, writer] = PROGRAMS[content.format];
    throw new Refused(
      `it is compressed with ${content.format}, which can be read but not written here; ` +
        `\`${reader} FILE | logveil | ${writer} > NEW\` makes a clean copy`,
    );
  }
  if (content.kind === 'tar') {
    throw new Refused('it is a tar archive: unpack it, scrub the files, and pack them again');
  }
  if (content.kind === 'utf16') {
    throw new Refused(
      `its text is ${content.encoding.toUpperCase()}, which can be searched but not written here: ` +
        `convert it first, \`iconv -f UTF-16 -t UTF-8\``,
    );
  }
  if (content.kind === 'encoding') throw new Refused(`its text is ${content.name}: ${content.advice}`);
  if (content.kind === 'binary' && !isForced) {
    throw new Refused(`it is ${content.name}, which other lengths would damage; --force takes it for text`);
  }
  return 'plain';
}
