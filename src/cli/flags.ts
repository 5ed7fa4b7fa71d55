/** What the options that several commands share mean. */
import { checkSetting } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Severity } from '../findings/finding.ts';

/** Flags as they were typed. */
export interface RuleFlags {
  readonly rules?: string[];
  readonly config?: string;
  readonly engine?: string;
  readonly keyFile?: string;
  readonly knownSecrets?: string[];
  readonly minConfidence?: string;
  readonly maxLine?: string;
  readonly overlap?: string;
  readonly logLevel?: string;
  readonly verbose?: boolean;
}

/** The flags among `flags` that are settings of the configuration. */
export async function settingsOf(flags: RuleFlags & Record<string, unknown>): Promise<Config> {
  const names = [
    ['rules', '--rules'],
    ['engine', '--engine'],
    ['jobs', '--jobs'],
    ['action', '--action'],
    ['keyFile', '--key-file'],
    ['knownSecrets', '--known-secrets'],
    ['minConfidence', '--min-confidence'],
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
    if (flags[name] !== undefined)
      settings = { ...settings, ...(await checkSetting(name, flags[name], flag)) };
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
