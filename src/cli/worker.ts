/** `logveil worker`, as the command line knows it. */
import { Command, Option } from 'commander';
import { LEVELS } from '../telemetry/log.ts';
import type { ExitCode } from './exitCodes.ts';
import type { WorkerFlags } from './runWorker.ts';

const EXAMPLES = `
Examples:
  logveil audit /srv/logs --queue redis://queue:6379 --format json -o audit.json
  logveil worker --queue redis://queue:6379                       on any machine that has the files
  logveil worker --queue redis://queue:6379 --path-map /srv/logs=/mnt/logs

The key (LOGVEIL_KEY or --key-file), the version and the rules must be those of the audit.
An address with a password belongs in LOGVEIL_REDIS_URL, where no process list shows it.`;

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

export function workerCommand(finish: (code: ExitCode) => void): Command {
  return new Command('worker')
    .description('join distributed audits: search what `logveil audit --queue` has put into Redis')
    .option('--queue <url>', 'redis://HOST:PORT (or LOGVEIL_REDIS_URL)')
    .option(
      '--path-map <from=to>',
      'where this machine has files that the audit names otherwise; repeatable',
      collect,
    )
    .option('--workers <n>', 'threads that search (default: as many as there are cores)')
    .option('--config <file>', 'configuration (default: logveil.yaml here or in a folder above)')
    .option('--key-file <file>', 'key of the fingerprints, 64 hex digits (or LOGVEIL_KEY)')
    .addOption(new Option('--log-level <level>', "of logveil's own log on stderr").choices(LEVELS))
    .option('-v, --verbose', 'the same as --log-level info')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: WorkerFlags) => {
      const { runWorker } = await import('./runWorker.ts');
      finish(await runWorker(flags));
    });
}
