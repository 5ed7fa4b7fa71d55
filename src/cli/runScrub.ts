/** Scrubs files and folders: says what would change, or changes it. */
import { isatty } from 'node:tty';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { Scrubber, type ScrubOutcome } from '../app/scrub.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { type Listed, listFiles } from '../audit/listing.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import { SEVERITIES, type Severity } from '../findings/finding.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { Selection } from '../scan/policy.ts';
import { isWorkingName } from '../scrub/leftovers.ts';
import { Manifest } from '../scrub/manifest.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { paintFor } from '../telemetry/colour.ts';
import { Log } from '../telemetry/log.ts';
import { Progress } from '../telemetry/progress.ts';
import { isSameFile, refuseOverwriting, statsOf } from './checks.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';
import { outcomeText, ScrubTotals } from './scrubText.ts';

export interface WriteFlags {
  readonly write?: boolean;
  readonly manifest?: string;
  readonly force?: boolean;
  readonly followSymlinks?: boolean;
  readonly breakHardLinks?: boolean;
}

export interface ScrubFlags extends RuleFlags, WriteFlags {
  readonly action?: string;
  readonly diffLines: string;
  readonly failOn?: Severity;
}

/** @throws UsageError, ProblemsError, IoError */
export async function runScrub(paths: readonly string[], flags: ScrubFlags): Promise<ExitCode> {
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  // A line that can't be looked at is never passed: the file stays as it is.
  const settings = { ...toRedactionSettings(config, process.env), onError: 'withhold' as const };
  if (settings.action === 'keep')
    throw new UsageError('--action keep: expected an action that changes something');
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  if (settings.action === 'pseudonymize' && settings.key.source === 'random') {
    log.warn('pseudonyms of this run match those of no other: set LOGVEIL_KEY or --key-file');
  }
  const ruleSet = await openRuleSet(settings.rules);
  const redaction = new Redaction(settings, ruleSet);
  const { totals, hasFailed } = await scrubPaths(paths, { flags, redaction, ruleSet, log });
  if (hasFailed) return EXIT_CODES.failed;
  const isFound = flags.failOn !== undefined && totals.worst >= SEVERITIES.indexOf(flags.failOn);
  return isFound ? EXIT_CODES.found : EXIT_CODES.done;
}

export interface ScrubJob {
  readonly flags: WriteFlags & { readonly diffLines: string };
  readonly redaction: Redaction;
  readonly ruleSet: RuleSet;
  readonly log: Log;
  /** Given when only some values are meant. */
  readonly select?: Selection;
  /** Says nothing of what it does on standard output. */
  readonly isQuiet?: boolean;
}

/**
 * Scrubs what is found below the paths, and prints what became of it.
 * @throws UsageError, IoError
 */
export async function scrubPaths(
  paths: readonly string[],
  job: ScrubJob,
): Promise<{ readonly totals: ScrubTotals; readonly hasFailed: boolean }> {
  const { flags, redaction, ruleSet, log } = job;
  const shownLines = countOf(flags.diffLines);
  const isWritten = flags.write === true;
  refuseOverwriting([flags.manifest], paths);
  const manifest = flags.manifest === undefined ? undefined : openManifest(flags.manifest, job);
  const stop = stopOnSignals();
  const progress = new Progress(process.stderr.isTTY === true && !isatty(STDOUT_FD));
  const totals = new ScrubTotals(isWritten);
  let bytes = 0;
  const scrubber = new Scrubber({
    redaction,
    ruleSet,
    isSelective: job.select !== undefined,
    policy: {
      followLinks: flags.followSymlinks === true,
      breakHardLinks: flags.breakHardLinks === true,
      force: flags.force === true,
    },
    isWritten,
    shownLines,
    manifest,
    stop,
    onProgress: (path, more) => {
      bytes += more;
      progress.update(path, bytes, totals.values);
    },
  });
  try {
    const print = job.isQuiet === true ? async (): Promise<void> => {} : printer();
    const paint = paintFor(STDOUT_FD);
    for await (const outcome of outcomes(paths, scrubber, flags.manifest, stop, log)) {
      totals.add(outcome);
      progress.clear();
      await print(outcomeText(outcome, isWritten, paint));
    }
    if (stop.aborted) log.error('stopped by a signal: the files not named are as they were');
    await print(totals.text(paint));
  } finally {
    progress.clear();
    manifest?.close();
  }
  return { totals, hasFailed: totals.failed > 0 || stop.aborted };
}

async function* outcomes(
  paths: readonly string[],
  scrubber: Scrubber,
  manifestPath: string | undefined,
  stop: AbortSignal,
  log: Log,
): AsyncGenerator<ScrubOutcome> {
  const manifest = manifestPath === undefined ? undefined : statsOf(manifestPath, STDOUT_FD);
  // All are listed before the first is rewritten: files that come beside them in the meantime are ours.
  for (const found of listed(paths)) {
    if (stop.aborted) return;
    if (found.kind === 'passed-over') {
      log.warn(`${found.path}: passed over: ${found.reason}`);
      continue;
    }
    if (found.kind !== 'file') {
      yield failed(found.path, found.reason ?? 'it is no file');
      continue;
    }
    if (isWorkingName(found.path) || isSameFile(statsOf(found.path, STDOUT_FD), manifest)) continue;
    yield await scrubber.scrub(found.path);
  }
}

/** All of them, before the first is touched. */
function listed(paths: readonly string[]): Listed[] {
  const all = { include: [], exclude: [], sample: 1, follows: false, isOwn: () => false };
  return [...listFiles({ ...all, paths })];
}

function failed(path: string, reason: string): ScrubOutcome {
  const nothing = { changed: 0, kept: 0, byRule: {}, linesChanged: 0, shown: [], notes: [] };
  return { path, state: 'failed', reason, worst: undefined, ...nothing };
}

function openManifest(path: string, { redaction, select }: ScrubJob): Manifest {
  const manifest = new Manifest(path);
  const { version, rulesDigest, key, started } = redaction.summary([]);
  manifest.add({
    event: 'run',
    version,
    rulesDigest,
    keyId: key.id,
    started,
    ...(select && { subject: true as const }),
  });
  return manifest;
}

/** @throws UsageError */
function countOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError('--diff-lines: expected a number of lines, 0 for none');
  return Number(text);
}

/** Prints until the reader has seen enough; the work goes on. */
function printer(): (text: string) => Promise<void> {
  const writer = new FileWriter(STDOUT_FD);
  let isClosed = false;
  return async (text) => {
    if (isClosed || text === '') return;
    try {
      await writer.write(Buffer.from(text));
    } catch (error) {
      if (!(error instanceof BrokenPipe)) throw error;
      isClosed = true;
    }
  };
}
