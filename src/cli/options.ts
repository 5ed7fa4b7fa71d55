/** Options that several commands share. */
import { type Command, Option } from 'commander';
import { ENGINES, ON_ERROR } from '../config/values.ts';
import { ACTIONS, SEVERITIES } from '../findings/finding.ts';
import { LEVELS } from '../telemetry/log.ts';

/** Gathers what an option that may be repeated is given. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/**
 * Adds what every command that searches text understands.
 * @param rulesHelp what `--rules` means, where its default is another
 */
export function addRuleOptions(
  command: Command,
  rulesHelp = 'a rule pack, file or folder; repeatable (default: the pack `default`)',
): Command {
  return command
    .option('--rules <pack|path>', rulesHelp, collect)
    .option('--config <file>', 'configuration (default: logveil.yaml here or in a folder above)')
    .addOption(new Option('--engine <name>', 'what searches the patterns').choices(ENGINES))
    .option('--key-file <file>', 'key of the fingerprints, 64 hex digits (or LOGVEIL_KEY)')
    .option(
      '--known-secrets <source>',
      'values that must never appear: a file (a value a line, or NAME=value) or env:PREFIX; repeatable',
      collect,
    )
    .option('--min-confidence <n>', 'from 0 to 1; what is less certain stays')
    .option('--max-line <size>', 'longest line looked at whole; longer ones in windows (default: 1MiB)')
    .option('--overlap <size>', 'overlap of those windows (default: 64KiB, at most a quarter of --max-line)')
    .addOption(new Option('--log-level <level>', "of logveil's own log on stderr").choices(LEVELS))
    .option('-v, --verbose', 'the same as --log-level info');
}

export const actionOption = (): Option =>
  new Option('--action <name>', 'what happens to every match').choices(ACTIONS);

export const onErrorOption = (): Option =>
  new Option('--on-error <policy>', 'a line that can not be looked at is withheld, or passed raw').choices(
    ON_ERROR,
  );

export const failOnOption = (): Option =>
  new Option('--fail-on <severity>', 'exit with 1 when something at least this severe is found').choices(
    SEVERITIES,
  );
