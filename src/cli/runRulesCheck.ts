/** `rules check`: all that is wrong with rules, at once. */
import { accessSync, constants } from 'node:fs';
import { describeIo, LogveilError, type Problem, ProblemsError } from '../errors.ts';
import { loadRules } from '../rules/load.ts';
import { type RuleFile, resolveRuleFiles } from '../rules/packs.ts';
import { checkExamples } from '../scan/exampleCheck.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { printLines } from './printing.ts';

/**
 * @param names packs, files or folders; `default` without any
 * @throws ProblemsError with all problems of all of them, also of those that can't be found or read
 */
export async function checkRules(names: readonly string[]): Promise<ExitCode> {
  const problems: Problem[] = [];
  const files = readableFiles(names.length > 0 ? names : ['default'], problems);
  let found: string;
  try {
    const { rules } = loadRules(files, checkExamples);
    const examples = rules.reduce((sum, { rule }) => sum + rule.examples.length, 0);
    const nearMisses = rules.reduce((sum, { rule }) => sum + rule.nearMisses.length, 0);
    found = `${rules.length} rules in ${files.length} files are right, with ${examples} examples and ${nearMisses} near misses`;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    throw new ProblemsError('LOGVEIL_RULES', [...problems, ...error.problems]);
  }
  if (problems.length > 0) throw new ProblemsError('LOGVEIL_RULES', problems);
  await printLines([found]);
  return EXIT_CODES.done;
}

/** The files that the names stand for, each once. @param problems gets what can't be found or read */
function readableFiles(names: readonly string[], problems: Problem[]): RuleFile[] {
  const files = new Map<string, RuleFile>();
  for (const name of names) {
    try {
      for (const file of resolveRuleFiles([name])) files.set(file.path, file);
    } catch (error) {
      if (!(error instanceof LogveilError)) throw error;
      problems.push({ file: name, line: 1, column: 1, message: error.message });
    }
  }
  return [...files.values()].filter(({ file, path }) => {
    try {
      accessSync(path, constants.R_OK);
      return true;
    } catch (error) {
      problems.push({
        file,
        line: 1,
        column: 1,
        message: `the rule file can't be read: ${describeIo(error)}`,
      });
      return false;
    }
  });
}
