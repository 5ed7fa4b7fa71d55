/** Work on rules: their check, and what they cost. */
import { STDOUT_FD } from '../descriptors.ts';
import { analysePattern } from '../kernel/analysis/shape.ts';
import { loadRules } from '../rules/load.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import { checkExamples } from '../scan/exampleCheck.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';

/** @throws UsageError, ProblemsError, IoError */
export async function checkRules(names: readonly string[]): Promise<ExitCode> {
  const files = resolveRuleFiles(names.length > 0 ? names : ['default']);
  const { rules } = loadRules(files, checkExamples);
  const examples = rules.reduce((sum, { rule }) => sum + rule.examples.length + rule.nearMisses.length, 0);
  return print([`${rules.length} rules in ${files.length} files and their ${examples} examples are right`]);
}

/** @throws UsageError, ProblemsError, IoError */
export async function showCost(names: readonly string[]): Promise<ExitCode> {
  const { rules } = loadRules(resolveRuleFiles(names.length > 0 ? names : ['default']));
  const rows = rules.flatMap(({ rule }) =>
    rule.patterns.map(({ regex }, index) => {
      const { cost, maxBytes, declined, unboundedLookahead } = analysePattern(regex);
      const length = maxBytes < 0 ? 'any length' : `up to ${maxBytes} bytes`;
      const notes = [length, ...(unboundedLookahead ? ['look-ahead'] : []), ...(declined ? [declined] : [])];
      return `${cost.padEnd(11)} ${`${rule.id} ${index + 1}`.padEnd(40)} ${notes.join(', ')}`;
    }),
  );
  return print(rows.sort());
}

async function print(lines: readonly string[]): Promise<ExitCode> {
  try {
    await new FileWriter(STDOUT_FD).write(Buffer.from(`${lines.join('\n')}\n`));
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  }
  return EXIT_CODES.done;
}
