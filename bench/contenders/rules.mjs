/** The patterns of the rules that ship (packs `secrets` and `pii`), for contenders that do without the rest of a rule. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const FOLDER = fileURLToPath(new URL('../../rules', import.meta.url));
/** `default`: the packs without a region, each a folder. */
const PACKS = ['pii', 'secrets'];

/**
 * @returns {{ id: string, patterns: string[] }[]} rules that have a pattern; those on JSON keys alone have none
 */
export function readRules() {
  const files = PACKS.flatMap((pack) =>
    readdirSync(join(FOLDER, pack))
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .map((name) => join(FOLDER, pack, name)),
  );
  return files
    .flatMap((file) => parse(readFileSync(file, 'utf8')).rules)
    .map(({ id, patterns = [], multiline }) => ({
      id,
      patterns: [...patterns.map(({ regex }) => regex), ...(multiline ? [multiline.begin] : [])],
    }))
    .filter(({ patterns }) => patterns.length > 0);
}
