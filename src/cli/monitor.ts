/** `logveil monitor`, as the command line knows it. */
import { Command } from 'commander';
import { duration } from './durationOption.ts';
import type { ExitCode } from './exitCodes.ts';
import { collect } from './options.ts';
import type { MonitorFlags } from './runMonitor.ts';

const EXAMPLES = `
Examples:
  logveil monitor                          the deployment that logveil.yaml describes
  logveil monitor --interval 10s
  logveil monitor --once                   one look as text; exit code 1 when a trigger has fired
  logveil monitor --once --json | jq .triggers

It reads only: the logs, Redis (LOGVEIL_REDIS_URL), and with --metrics-url the figures of \`logveil serve\` or
\`logveil tail --metrics\`. Keys: q quits, r looks at once. docs/monitoring-quick-reference.md has more.`;

export function monitorCommand(finish: (code: ExitCode) => void): Command {
  return new Command('monitor')
    .description('live view of errors, breakers, rate limit, cache, leaks and rollback triggers')
    .option('--config <file>', 'configuration (default: logveil.yaml here or in a folder above)')
    .option('--logs <pattern>', 'current logs, instead of `deployment.logs`; repeatable', collect)
    .option('--metrics-url <url>', '/metrics of logveil, instead of `deployment.metricsUrl`')
    .option('--interval <time>', 'between two looks', duration, 2000)
    .option('--once', 'look once, as text')
    .option('--json', 'with --once: as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: MonitorFlags) => {
      const { runMonitor } = await import('./runMonitor.ts');
      finish(await runMonitor(flags));
    });
}
