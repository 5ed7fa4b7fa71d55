/** Options that several commands share, and their way into the configuration. */
import { type Command, Option } from 'commander';
import { checkSetting } from '../config/load.ts';
import { type Config, ENGINES, ON_ERROR } from '../config/schema.ts';
import { ACTIONS, SEVERITIES, type Severity } from '../findings/finding.ts';
import { LEVELS } from '../telemetry/log.ts';

/** Flags as they were typed. */
export interface RuleFlags {
  readonly rules?: string[];
  readonly config?: string;
  readonly engine?: string;
  readonly keyFile?: string;
  readonly maxLine?: string;
  readonly overlap?: string;
  readonly logLevel?: string;
  readonly verbose?: boolean;
}

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** Adds what every command that searches text understands. */
export function addRuleOptions(command: Command): Command {
  return command
    .option(
      '--rules <pack|path>',
      'a rule pack, file or folder; repeatable (default: the pack `default`)',
      collect,
    )
    .option('--config <file>', 'configuration (default: logveil.yaml here or in a folder above)')
    .addOption(new Option('--engine <name>', 'what searches the patterns').choices(ENGINES))
    .option('--key-file <file>', 'key of the fingerprints, 64 hex digits (or LOGVEIL_KEY)')
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

/** The flags among `flags` that are settings of the configuration. */
export function settingsOf(flags: RuleFlags & Record<string, unknown>): Config {
  const names = [
    ['rules', '--rules'],
    ['engine', '--engine'],
    ['action', '--action'],
    ['keyFile', '--key-file'],
    ['maxLine', '--max-line'],
    ['overlap', '--overlap'],
    ['onError', '--on-error'],
    ['findings', '--findings'],
    ['summary', '--summary'],
    ['stats', '--stats'],
    ['logLevel', '--log-level'],
  ] as const;
  let settings: Config = flags.verbose ? { logLevel: 'info' } : {};
  for (const [name, flag] of names) {
    if (flags[name] !== undefined) settings = { ...settings, ...checkSetting(name, flags[name], flag) };
  }
  return settings;
}

/** Whether a run that found what the tally says fails under `--fail-on`. */
export function fails(
  tally: { hasFindingsFrom(severity: Severity): boolean },
  failOn: Severity | undefined,
): boolean {
  return failOn !== undefined && tally.hasFindingsFrom(failOn);
}
