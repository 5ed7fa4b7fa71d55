/** Whether an audit keeps how far it is, where, and what it must have in common with one that goes on with it. */
import { RANGE_BYTES } from '../../app/audit/auditRun.ts';
import { Checkpoint } from '../../app/audit/checkpoint.ts';
import { configDigest } from '../../app/audit/document.ts';
import type { Baseline } from '../../audit/earlier.ts';
import type { RedactionSettings } from '../../config/settings.ts';
import { UsageError } from '../../errors.ts';
import type { Log } from '../../telemetry/log.ts';
import type { AuditFlags, AuditOptions } from '../auditFlags.ts';
import { isShareable } from './output.ts';

export interface ResumeInput {
  readonly flags: AuditFlags;
  readonly options: AuditOptions;
  readonly settings: RedactionSettings;
  readonly rulesDigest: string;
  readonly baseline: Baseline | undefined;
  readonly log: Log;
}

/**
 * @returns undefined for results on a pipe, and under a key that is gone with this run
 * @throws UsageError when --resume asks for what can't be
 */
export function openCheckpoint({ flags, options, settings, ...input }: ResumeInput): Checkpoint | undefined {
  const path = flags.state ?? (flags.output === '-' ? undefined : stateOf(flags.output));
  const isPipe = flags.output === '-' && (flags.format === 'jsonl' || flags.format === 'csv');
  if (flags.resume === true && (path === undefined || isPipe)) {
    throw new UsageError(
      '--resume: expected --output FILE (for text, json and sarif --state FILE does as well)',
    );
  }
  if (path === undefined || isPipe || options.listing.paths.includes('-') || isShareable(flags.output))
    return undefined;
  if (settings.key.source === 'random') {
    if (flags.resume === true) {
      input.log.warn(
        '--resume: without LOGVEIL_KEY or --key-file each run has its own key: the audit begins anew',
      );
    }
    return undefined;
  }
  const { listing, scan, scope, maxValues, maxLocations, maxFindings } = options;
  return new Checkpoint(path, {
    listing: { ...listing, changedFromMs: undefined, changedUntilMs: undefined },
    ...{ scope, scan, maxValues, maxLocations, maxFindings },
    format: flags.format,
    rangeBytes: rangeBytes(),
    rules: input.rulesDigest,
    config: configDigest(settings),
    key: settings.key.id,
    baseline: input.baseline?.sha256,
  });
}

/** Where the state of an audit with this output is kept. */
export function stateOf(output: string): string {
  return `${output}.audit-state`;
}

/** Smaller ranges are for tests. */
export function rangeBytes(): number {
  const bytes = Number(process.env.LOGVEIL_TEST_RANGE_BYTES);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : RANGE_BYTES;
}
