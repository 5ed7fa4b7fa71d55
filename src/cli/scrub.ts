/** `logveil scrub PATH...`, as the command line knows it. */
import { Command } from 'commander';
import type { ExitCode } from './exitCodes.ts';
import { actionOption, addRuleOptions, failOnOption } from './options.ts';
import type { ScrubFlags } from './runScrub.ts';

const EXAMPLES = `
Examples:
  logveil scrub /var/log/app                        what would change; changes nothing
  logveil scrub /var/log/app --write                rewrite the files
  logveil scrub old.log.gz --write --manifest scrub.jsonl
                                                    with a record of digests before and after
  logveil scrub logs --action pseudonymize --key-file key --write

A file is replaced whole or not at all, and keeps owner, mode, times, extended
attributes and compression (zstd, xz and bzip2 need the programs of that name).
Left as they are, with exit code 2: files that a process has open for writing,
hard and symbolic links, binary files, archives. Disk blocks, snapshots and
backups still hold old bytes.`;

/** The options of rewriting, which `subject --scrub` has too. */
export function addWriteOptions(command: Command): Command {
  return command
    .option('--write', 'rewrite the files; without it nothing is changed')
    .option('--manifest <file>', 'add a record of what was done, with SHA-256 before and after')
    .option('--force', 'also files that are open for writing or look binary')
    .option('--follow-symlinks', 'rewrite the files that named symbolic links lead to')
    .option('--break-hard-links', 'rewrite a file with several names under this one alone');
}

export function scrubCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('scrub')
    .description('rewrite log files in place; a dry run unless told to write')
    .argument('<paths...>', 'files and folders');
  return addWriteOptions(addRuleOptions(command))
    .addOption(actionOption())
    .option('--diff-lines <count>', 'lines shown of each file in a dry run', '5')
    .addOption(failOnOption())
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: ScrubFlags) => {
      const { runScrub } = await import('./runScrub.ts');
      finish(await runScrub(paths, flags));
    });
}
