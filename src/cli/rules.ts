/** `logveil rules ...`: work on rules, as the command line knows it. */
import { Command } from 'commander';
import type { ExitCode } from './exitCodes.ts';

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
    .action(async (given: string[]) => {
      const { checkRules } = await import('./runRules.ts');
      finish(await checkRules(given));
    });
  command
    .command('cost')
    .description('what has to be looked at for each pattern')
    .argument(names, help)
    .addHelpText('after', COST_LEGEND)
    .action(async (given: string[]) => {
      const { showCost } = await import('./runRules.ts');
      finish(await showCost(given));
    });
  return command.addHelpText('after', EXAMPLES);
}
