/** Which service a file belongs to, by its path: the folder below the one that was asked for, else the file's own name. */
import { basename, relative, sep } from 'node:path';

const LONGEST_NAME = 100;
/** What compression, rotation and loggers append to a name. */
const ENDINGS = [
  /\.(?:gz|zst|zstd|xz|bz2|tar|tgz|tbz2?|txz|tzst)$/i,
  /\.(?:log|txt|json|jsonl|ndjson|out|err|csv)$/i,
  /[-._]?\d{4}[-._]?\d\d[-._]?\d\d(?:[-T._]?\d{2,6})?(?:Z)?$/,
  /[-._]\d{1,10}$/,
];

/**
 * @param path of the file, or of the member of an archive
 * @param root folder that was asked for; the file itself when no folder was
 */
export function serviceOf(path: string, root: string): string {
  const below = relative(root, path);
  const [first = '', ...rest] = below.split(sep);
  if (rest.length > 0 && first !== '..') return first.slice(0, LONGEST_NAME);
  return stemOf(basename(path));
}

/** `app-2026-01-31.log.2.gz` is `app`. */
function stemOf(name: string): string {
  let stem = name;
  for (let before = ''; before !== stem; ) {
    before = stem;
    for (const ending of ENDINGS) {
      const shorter = stem.replace(ending, '');
      if (shorter !== '') stem = shorter;
    }
  }
  return stem.slice(0, LONGEST_NAME);
}
