/** `logveil verify`, as the command line knows it. */
import { Command, Option } from 'commander';
import { VERIFY_FORMATS } from '../verify/formats/names.ts';
import { duration } from './durationOption.ts';
import type { ExitCode } from './exitCodes.ts';
import { collect } from './options.ts';
import type { VerifyFlags } from './runVerify.ts';

const EXAMPLES = `
Examples:
  logveil verify                                the deployment that logveil.yaml describes
  logveil verify --dry-run                      what it would read and ask
  logveil verify --format json -o result.json   for \`logveil serve\`, and for scripts
  logveil verify --format junit -o verify.xml   for CI
  logveil verify --format nagios                as a plugin of Nagios or Icinga
  logveil verify --logs 'logs/*.log' --health-url http://localhost/api/health
  logveil verify --watch --summary /var/lib/logveil
                                                again and again, with a summary each day

It reads only: the ends of logs, Redis as a user with +@read +ping +info (its address in
LOGVEIL_REDIS_URL), and one GET to the health endpoint. docs/verify.md has the settings.

Exit codes:
  0  all checks pass
  1  some warn
  2  some fail
  3  it could not run, or a check could not look`;

export function verifyCommand(finish: (code: ExitCode) => void): Command {
  return new Command('verify')
    .description('12 read-only checks of a production deployment')
    .option('--config <file>', 'configuration (default: logveil.yaml here or in a folder above)')
    .option('--logs <pattern>', 'current logs, instead of `deployment.logs`; repeatable', collect)
    .option('--health-url <url>', 'health endpoint, instead of `deployment.healthUrl`')
    .option('--only <check>', 'this check only, by number or id; repeatable', collect)
    .addOption(new Option('--format <name>', 'how to report').choices(VERIFY_FORMATS).default('text'))
    .option('-o, --output <file>', 'where to; `-` is standard output', '-')
    .option('--dry-run', 'list what would be read and asked, and do none of it')
    .option('--watch', 'repeat until stopped')
    .option('--every-leaks <time>', 'with --watch: logs, keys, breakers, limits (default: 5m)', duration)
    .option(
      '--every-performance <time>',
      'with --watch: health, response time, cache (default: 15m)',
      duration,
    )
    .option('--every-errors <time>', 'with --watch: errors, hours, self-test (default: 1h)', duration)
    .option('--every-summary <time>', 'with --watch: summaries (default: 24h)', duration)
    .option('--summary <folder>', 'with --watch: write summaries there, Markdown and HTML')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: VerifyFlags) => {
      const { runVerify } = await import('./runVerify.ts');
      finish(await runVerify(flags));
    });
}
