/** Corpora as files, for measurements from the outside, with the counts to hold them to. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeIo, IoError } from '../errors.ts';
import { DEFAULT_SEED, makeCorpus } from './corpora.ts';

const MANIFEST_NAME = 'corpora.json';

/**
 * Writes `<name>.log` for each corpus, and a manifest.
 * @throws IoError
 */
export function writeCorpora(folder: string, names: readonly string[], corpusBytes: number): void {
  try {
    mkdirSync(folder, { recursive: true });
    const corpora = names.map((name) => {
      const { bytes, expected, ...rest } = makeCorpus(name, corpusBytes);
      const file = `${name}.log`;
      writeFileSync(join(folder, file), bytes);
      return { ...rest, file, bytes: bytes.length, expected: Object.fromEntries(expected) };
    });
    const manifest = { schema: 'logveil.corpora/1', seed: DEFAULT_SEED, corpora };
    writeFileSync(join(folder, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`);
  } catch (error) {
    throw new IoError(`${folder}: the corpora can't be written: ${describeIo(error)}`, { cause: error });
  }
}
