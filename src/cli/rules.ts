/** `logveil rules ...`: work on rules. */
import { Command } from 'commander';
import { STDOUT_FD } from '../descriptors.ts';
import { analysePattern } from '../kernel/analysis/shape.ts';
import { loadRules } from '../rules/load.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import { checkExamples } from '../scan/exampleCheck.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';

const EXAMPLES = `
Examples:
  logveil rules check acme.yaml        all mistakes at once, examples included
  logveil rules check all              the rules that ship
  logveil rules cost acme.yaml         what the kernel makes of each pattern`;

const COST_LEGEND = `
anchored    costs next to nothing on lines without its anchor
common      its anchor is common: many lines are looked at
every-line  nothing to look for: every line is searched
fallback    searched by plain RE2 on every line
look-ahead  where a match ends may need reading far ahead; many matches in a line cost more`;

export function rulesCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('rules').description('check rules, and see what they cost');
  const names = '[names...]';
  const help = 'packs, files or folders; `default` without any';
  command
    .command('check')
    .description('check rules and run their examples')
    .argument(names, help)
    .action(async (given: string[]) => finish(await checkRules(given)));
  command
    .command('cost')
    .description('what has to be looked at for each pattern')
    .argument(names, help)
    .addHelpText('after', COST_LEGEND)
    .action(async (given: string[]) => finish(await showCost(given)));
  return command.addHelpText('after', EXAMPLES);
}

async function checkRules(names: readonly string[]): Promise<ExitCode> {
  const files = resolveRuleFiles(names.length > 0 ? names : ['default']);
  const { rules } = loadRules(files, checkExamples);
  const examples = rules.reduce((sum, { rule }) => sum + rule.examples.length + rule.nearMisses.length, 0);
  return print([`${rules.length} rules in ${files.length} files and their ${examples} examples are right`]);
}

async function showCost(names: readonly string[]): Promise<ExitCode> {
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
