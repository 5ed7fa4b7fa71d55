/** `rules import`: rules of other tools. */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { importForeign, readForeign } from '../app/ruleImport.ts';
import { Random } from '../bench/random.ts';
import { describeIo, formatProblem, IoError, type Problem, ProblemsError, UsageError } from '../errors.ts';
import { writeRuleFile } from '../rules/import/write.ts';
import { packedRuleIds } from '../rules/packed.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { printable } from './printing.ts';
import { writeNewFile } from './ruleFile.ts';

export interface ImportFlags {
  readonly output: string;
  readonly prefix?: string;
}

/** The largest public set has 0.3 MB. */
const MOST_BYTES = 16 * 1024 * 1024;
/** The same file gives the same rules, examples included. */
const SEED = 1;

/** @throws UsageError, ProblemsError, IoError */
export async function importRules(path: string, flags: ImportFlags): Promise<ExitCode> {
  const prefix = flags.prefix ?? '';
  if (!/^[a-z0-9-]{0,32}$/.test(prefix)) {
    throw new UsageError('--prefix: expected small letters, digits and hyphens, 32 at most');
  }
  const name = printable(path);
  const foreign = readForeign(name, readText(path));
  if (!('rules' in foreign)) throw new ProblemsError('LOGVEIL_RULES', foreign);
  const random = new Random(SEED);
  const imported = importForeign(foreign, new Set(packedRuleIds()), prefix, (limit) => random.below(limit));
  process.stderr.write(imported.notes.map((note: Problem) => `${formatProblem(note)}\n`).join(''));
  const { rules, count, format, notes } = imported;
  const told = `${rules.length} of ${count} ${format} rules imported, ${notes.length} remarks`;
  if (rules.length === 0) throw new UsageError(`${name}: ${told}: nothing to write`);
  await writeNewFile(
    flags.output,
    writeRuleFile([`Imported by logveil from ${basename(name)} (${format}).`], rules),
  );
  process.stderr.write(`logveil: ${told}\n`);
  return EXIT_CODES.done;
}

function readText(path: string): string {
  try {
    const stats = statSync(path);
    if (stats.isFile() && stats.size > MOST_BYTES)
      throw new UsageError(`${printable(path)}: expected a file of at most ${MOST_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof TypeError) throw new UsageError(`${printable(path)}: expected UTF-8 text`);
    throw new IoError(`${printable(path)}: the rules can't be read: ${describeIo(error)}`, { cause: error });
  }
}
