/** `logveil audit PATH...`, as the command line knows it. */
import { type Command, Command as CommanderCommand, Option } from 'commander';
import type { AuditFlags } from './auditFlags.ts';
import type { ExitCode } from './exitCodes.ts';
import { addRuleOptions, failOnOption } from './options.ts';

const FORMATS = ['text', 'summary', 'jsonl', 'json', 'sarif', 'csv'];

const EXAMPLES = `
Examples:
  logveil audit /var/log                                       what is in there, for people
  logveil audit 'logs/**/*.gz' --exclude debug --format jsonl -o f.jsonl
  logveil audit logs --format json -o audit.json               for \`logveil report\`
  logveil audit logs --since 2026-01-01 --time-by line         lines written this year
  logveil audit build.log --format sarif --fail-on high        for a CI job
  logveil audit logs --baseline accepted.json                  only what is new
  logveil audit logs --check-live calcom --book-review         docs/incident-reviews.md

gzip, zstd, xz, bzip2 and tar are looked into, whatever the files are named. Without
--fail-on every finding makes the exit code 1; a file that could not be examined, 2.`;

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

export function auditCommand(finish: (code: ExitCode) => void): Command {
  const command = new CommanderCommand('audit')
    .description('search files and folders, and report what is found')
    .argument('<paths...>', 'files, folders, patterns; `-` is standard input');
  addRuleOptions(command)
    .addOption(new Option('--format <name>', 'how to report').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'where to; `-` is standard output', '-')
    .option('--summary <file>', 'write totals as JSON')
    .option('--stats', 'totals on stderr at the end')
    .addOption(failOnOption().default('low'));
  addChoiceOptions(command);
  addResultOptions(command);
  addCourseOptions(command);
  addServiceOptions(command);
  return command.addHelpText('after', EXAMPLES).action(async (paths: string[], flags: AuditFlags) => {
    const { runAudit } = await import('./runAudit.ts');
    finish(await runAudit(paths, flags));
  });
}

/** Which files and lines. */
function addChoiceOptions(command: Command): void {
  command
    .option('--include <pattern>', 'only such files; repeatable', collect)
    .option('--exclude <pattern>', 'no such files or folders; repeatable', collect)
    .option('--min-size <size>', 'no smaller files, as stored')
    .option('--max-size <size>', 'no larger files, as stored')
    .option('--newer-than <age>', 'last changed within, such as 30d, 12h, 2w')
    .option('--older-than <age>', 'last changed before')
    .option('--since <time>', 'from this day or time on, such as 2026-01-31')
    .option('--until <time>', 'up to the end of this day, or before this time')
    .addOption(
      new Option('--time-by <what>', 'whose time: of the last change, or in the line')
        .choices(['file', 'line'])
        .default('file'),
    )
    .option('--sample <share>', 'a share of the files, drawn by their paths, such as 0.1')
    .option('--follow', 'follow symbolic links below folders')
    .addOption(
      new Option('--binary <how>', 'files that are no text: a gap, left out, or searched as they are')
        .choices(['report', 'skip', 'search'])
        .default('report'),
    )
    .option('--max-expansion <times>', 'most that data may expand, from 1 GiB on', '1000');
}

/** What the result holds. */
function addResultOptions(command: Command): void {
  command
    .option('--service-field <name>', 'field of the line that names the service (default: by path)')
    .option('--host-field <name>', 'field of the line that names the host (default: of syslog lines)')
    .option('--max-locations <n>', 'places listed of one value (json, sarif)', '100')
    .option('--max-values <n>', 'distinct values listed (json, sarif)', '100000')
    .option('--max-findings <n>', 'findings written one by one (jsonl, csv)', '10000000')
    .option('--sha256', 'hash each file examined')
    .option('--baseline <file>', 'leave out known findings: a baseline, or an earlier json result')
    .option('--write-baseline <file>', 'accept all that is found, for --baseline')
    .option('--diff <file>', 'compare with an earlier json result');
}

/** What is asked of others; nothing without. */
function addServiceOptions(command: Command): void {
  command
    .addOption(
      new Option(
        '--check-live <service>',
        'ask the service whether keys of it that are found still work',
      ).choices(['calcom']),
    )
    .option('--check-live-max <n>', 'keys asked about', '100')
    .option(
      '--book-review',
      'have an incident review booked at Cal.com for severe leaks (`incidentReviews`)',
    );
}

/** How it goes. */
function addCourseOptions(command: Command): void {
  command
    .option('--workers <n>', 'threads that search (default: as many as there are cores)')
    .option('--resume', 'go on where an audit with the same output was interrupted')
    .option('--state <file>', 'where to keep how far it has come (default: beside the output)')
    .option('--progress', 'tell how far it is also where stderr is no terminal')
    .option('--queue <url>', 'have `logveil worker` processes search: redis://HOST:PORT, or env');
}
