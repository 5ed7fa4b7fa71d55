/** `logveil audit PATH...`, as the command line knows it. */
import { Command, Option } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import { addRuleOptions, failOnOption } from './options.ts';
import type { AuditFlags } from './runAudit.ts';

const FORMATS = ['jsonl', 'text'];

const EXAMPLES = `
Examples:
  logveil audit /var/log                                  findings as text
  logveil audit logs --rules all --format jsonl -o f.jsonl  findings as JSON lines
  logveil audit build.log --fail-on high                  for a CI job

Compressed files are named and not searched yet; decompress them first. Without
--fail-on every finding makes the exit code 1.`;

export function auditCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('audit')
    .description('search files and folders, and report what is found')
    .argument('<paths...>', 'files and folders');
  return addRuleOptions(command)
    .addOption(new Option('--format <name>', 'how to report').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'where to; `-` is standard output', '-')
    .option('--summary <file>', 'write totals as JSON')
    .option('--stats', 'totals on stderr at the end')
    .addOption(failOnOption().default('low'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: AuditFlags) => {
      const { runAudit } = await import('./runAudit.ts');
      finish(await runAudit(paths, flags));
    });
}
