/** How a file is stored; what can't be written again as it was is refused, with what can be done instead. */
import { type Compression, recognise } from '../sources/archive/recognise.ts';
import { Refused } from './original.ts';
import { packerFor } from './packers.ts';

/** How a file's content is stored, of what can be written again. */
export type Storage = 'plain' | Compression;

/**
 * @param head first bytes of the file
 * @param isForced takes what only looks binary for text
 * @throws Refused
 */
export function storageOf(head: Buffer, isForced: boolean): Storage {
  const content = recognise(head);
  if (content.kind === 'compressed') {
    // Without its program a dry run would promise what can't be.
    if (content.format !== 'gzip') packerFor(content.format, head);
    return content.format;
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
