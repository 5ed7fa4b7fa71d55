/** The real logs, where they are at hand: `LOGVEIL_CORPORA`, or `shared/corpora` beside the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(
  process.env.LOGVEIL_CORPORA ?? join(import.meta.dirname, '../../../shared/corpora'),
  'loghub',
);

/** Why tests on real logs do not run; undefined if they do. */
export function skipReason(): string | undefined {
  return existsSync(folder) ? undefined : ' (skipped: set LOGVEIL_CORPORA to the folder of the log corpora)';
}

export function corpusFiles(): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

export function readCorpus(file: string): Buffer {
  return readFileSync(join(folder, file));
}

/** Lines without their ends. */
export function linesOf(file: string): Buffer[] {
  return splitLines(readCorpus(file));
}

export function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const found = bytes.indexOf(0x0a, at);
    const end = found === -1 ? bytes.length : found;
    lines.push(bytes.subarray(at, bytes[end - 1] === 0x0d && end > at ? end - 1 : end));
    at = end + 1;
  }
  return lines;
}
