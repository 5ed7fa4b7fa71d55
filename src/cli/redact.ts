/** `logveil [redact] [files...]`: the main job, as the command line knows it. */
import { Command } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import { actionOption, addRuleOptions, failOnOption, onErrorOption } from './options.ts';
import type { RedactFlags } from './runRedact.ts';

const EXAMPLES = `
Examples:
  app | logveil | vector                            in front of a log shipper
  logveil app.log > clean.log                       a file
  logveil --findings leaks.jsonl --stats < app.log  what was found, and totals
  logveil --action mask --rules pii < app.log       other rules, another action
  LOGVEIL_KEY=$(cat key) logveil --action pseudonymize < app.log
                                                    equal values stay recognisable`;

export function redactCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('redact')
    .description('redact standard input, or files, to standard output (the default command)')
    .argument('[files...]', 'what to read; `-` or nothing is standard input');
  return addRuleOptions(command)
    .addOption(actionOption())
    .addOption(onErrorOption())
    .option('--jobs <n>', 'spread the work over so many threads (default: 1); helps where lines are dense')
    .option('--findings <file>', 'write findings as JSON lines, without the values')
    .option('--summary <file>', 'write totals as JSON')
    .option('--stats', 'totals on stderr at the end')
    .addOption(failOnOption())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: RedactFlags) => {
      const { runRedact } = await import('./runRedact.ts');
      finish(await runRedact(files, flags));
    });
}
