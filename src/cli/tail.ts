/** `logveil tail PATTERN...`, as the command line knows it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { CONTAINER_FORMATS, ENCODINGS } from '../sources/formats.ts';
import type { ExitCode } from './exitCodes.ts';
import { actionOption, addRuleOptions, onErrorOption } from './options.ts';
import type { TailFlags } from './runTail.ts';

const EXAMPLES = `
Examples:
  logveil tail /var/log/app.log --state /var/lib/logveil -o /var/log/clean/app.log
                                           each line once, also after a crash
  logveil tail '/var/log/app/*.log' --from end | vector
  logveil tail '/var/log/containers/*.log' --state s -o loki+https://loki.example.com/loki/api/v1/push
  logveil tail app.log --state s --once    what is new since the last time, for cron

Outputs: a file, \`-\`, tcp://HOST:PORT, tls://HOST:PORT, unix:PATH, syslog://HOST:PORT, syslog+tls://HOST:PORT,
syslog+unix:PATH (?framing=newline), ndjson+, loki+, elasticsearch+, splunk+ or otlp+ before an http(s) URL, and
redis-stream:KEY at LOGVEIL_REDIS_URL. A token for HTTP comes from LOGVEIL_OUTPUT_TOKEN or --output-token-file.
SIGHUP takes up rules and configuration anew, as a change of their files does, and reopens the output file; SIGUSR1
reopens the output file only; SIGTERM and SIGINT end in good order.`;

/** Milliseconds from `500ms`, `30s`, `5m`, `24h`, `7d` or a number of seconds. */
function duration(text: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? [];
  const factors: Readonly<Record<string, number>> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
  };
  if (digits === undefined) throw new InvalidArgumentError('expected a time such as 500ms, 30s, 5m or 24h');
  return Number(digits) * (factors[unit] ?? 0);
}

export function tailCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('tail')
    .description('follow files through rotation, redact what they get')
    .argument('<patterns...>', 'files, or globs in quotes');
  return addRuleOptions(command)
    .addOption(actionOption())
    .addOption(onErrorOption())
    .option('--state <folder>', 'checkpoints; without it each run begins as --from says')
    .addOption(
      new Option('--from <place>', 'where to begin in files that are there at the first start')
        .choices(['start', 'end'])
        .default('start'),
    )
    .option('--once', 'read what is there, and end')
    .option('-o, --output <where>', 'a file, `-`, or one of the outputs below', '-')
    .option('--output-token-file <file>', 'token for an HTTP output')
    .option('--output-rotate-size <size>', 'begin a new output file at this size')
    .option('--output-rotate-every <time>', 'begin a new output file after this time', duration)
    .option('--output-keep <n>', 'rotated output files that are kept', wholeNumber, 7)
    .option('--spool <folder>', 'keep on disk what a network output does not take')
    .option('--spool-max <size>', 'most that is kept there', '1GiB')
    .addOption(
      new Option('--spool-full <policy>', 'when it is full: wait, or drop the oldest and count')
        .choices(['block', 'drop-oldest'])
        .default('block'),
    )
    .addOption(
      new Option('--encoding <name>', 'of the files; UTF-16 with a byte order mark is known by it')
        .choices(ENCODINGS)
        .default('utf-8'),
    )
    .addOption(
      new Option('--container <format>', 'lines of container runtimes, cut ones joined')
        .choices(CONTAINER_FORMATS)
        .default('auto'),
    )
    .option('--record-start <regex>', 'first line of a record of many lines, for network outputs')
    .option('--record-wait <time>', 'a record is complete after this time', duration, 1000)
    .option(
      '--partial-wait <time>',
      'an unfinished line is taken for a line after this time',
      duration,
      30_000,
    )
    .option('--rotate-wait <time>', 'a file that was moved away is read on for this time', duration, 10_000)
    .option('--poll <time>', 'how often files are looked at, where the system does not tell', duration, 250)
    .option('--checkpoint-every <time>', 'time between checkpoints', duration, 1000)
    .option('--stop-within <time>', 'time to end in good order', duration, 10_000)
    .option('--findings <file>', 'write findings as JSON lines, without the values')
    .option(
      '--alerts <where>',
      'one alert for many findings of one leak: a file, http(s) URL or redis-stream:KEY',
    )
    .option('--alert-every <time>', 'the same leak is told of at most so often', duration, 60_000)
    .option('--metrics <host:port>', 'Prometheus metrics, /livez and /readyz')
    .option('--book-review', 'have incident reviews booked at Cal.com for severe leaks (`incidentReviews`)')
    .addHelpText('after', EXAMPLES)
    .action(async (patterns: string[], flags: TailFlags) => {
      const { runTail } = await import('./runTail.ts');
      finish(await runTail(patterns, flags));
    });
}

function wholeNumber(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 0 to 9999');
}
