/** The audit: searches files and folders, and changes nothing. */
import { closeSync, fstatSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { findingLine } from '../audit/textReport.ts';
import { walk } from '../audit/walk.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDERR_FD, STDOUT_FD } from '../descriptors.ts';
import { IoError } from '../errors.ts';
import type { Finding, Severity } from '../findings/finding.ts';
import { AllowComments } from '../findings/suppression.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { openOwnerOnly } from '../sinks/ownerOnly.ts';
import { writeSummary } from '../sinks/summaryFile.ts';
import { openFile, readInput, UnreadableInput } from '../sources/input.ts';
import { type Paint, paintFor, plainPaint } from '../telemetry/colour.ts';
import { Log } from '../telemetry/log.ts';
import { Progress } from '../telemetry/progress.ts';
import { isSameFile, refuseOverwriting, refuseSharing } from './checks.ts';
import { logEngineFailure } from './engineFailure.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { fails, type RuleFlags, settingsOf } from './flags.ts';
import { statsText } from './stats.ts';

const FORMATS: Readonly<Record<string, (finding: Finding, paint: Paint) => string>> = {
  jsonl: (finding) => JSON.stringify(finding),
  text: (finding, paint) => findingLine(finding, paint),
};

export interface AuditFlags extends RuleFlags {
  readonly format: string;
  readonly output: string;
  readonly failOn: Severity;
}

/** @throws UsageError, ProblemsError, IoError */
export async function runAudit(paths: readonly string[], flags: AuditFlags): Promise<ExitCode> {
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  // An audit finds, it changes nothing: every finding says `keep`.
  const settings = { ...toRedactionSettings(config, process.env), action: 'keep' as const };
  refuseOverwriting([flags.output, config.summary], paths);
  refuseSharing([flags.output, config.summary]);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  const stop = stopOnSignals();
  const redaction = new Redaction(settings, await openRuleSet(settings.rules));
  for (const warning of redaction.warnings) log.warn(warning);
  const outputFd = flags.output === '-' ? STDOUT_FD : openOwnerOnly(flags.output);
  const failures: string[] = [];
  const report = (message: string): void => {
    failures.push(message);
    log.error(message);
  };
  const isTerminal = process.stderr.isTTY === true && (flags.output !== '-' || !isatty(STDOUT_FD));
  const progress = new Progress(isTerminal);
  try {
    const paint = flags.output === '-' ? paintFor(STDOUT_FD) : plainPaint;
    const format = (finding: Finding): string => FORMATS[flags.format](finding, paint);
    await searchAll({ stop, paths, redaction, format, outputFd, progress, report, log });
  } catch (error) {
    if (error instanceof BrokenPipe) return EXIT_CODES.done;
    // The summary must tell of an output that could not be written; anything else is a bug.
    if (!(error instanceof IoError)) throw error;
    report(error.message);
  } finally {
    progress.clear();
    if (outputFd !== STDOUT_FD) closeSync(outputFd);
  }
  const { linesWithheld } = redaction.tally.anomalies;
  if (linesWithheld > 0) report(`${linesWithheld} lines could not be looked at`);
  const summary = redaction.summary(failures);
  if (config.summary !== undefined) writeSummary(config.summary, summary);
  if (config.stats) process.stderr.write(statsText(summary, paintFor(STDERR_FD)));
  if (failures.length > 0) {
    process.stderr.write('logveil: the audit is not complete, see above\n');
    return EXIT_CODES.failed;
  }
  return fails(redaction.tally, flags.failOn) ? EXIT_CODES.found : EXIT_CODES.done;
}

interface Search {
  readonly stop: AbortSignal;
  readonly paths: readonly string[];
  readonly redaction: Redaction;
  readonly format: (finding: Finding) => string;
  readonly outputFd: number;
  readonly progress: Progress;
  readonly log: Log;
  readonly report: (message: string) => void;
}

/** @throws BrokenPipe, IoError when the output can't be written */
async function searchAll(search: Search): Promise<void> {
  const { stop, paths, redaction, format, outputFd, progress, log, report } = search;
  const writer = new FileWriter(outputFd);
  const output = fstatSync(outputFd);
  let source = '';
  let lines: string[] = [];
  const comments = new AllowComments();
  const stream = redaction.openStream(
    () => source,
    (finding) => lines.push(format(finding)),
    true,
    { suppression: comments },
  );
  const flush = async (): Promise<void> => {
    if (lines.length === 0) return;
    const text = `${lines.join('\n')}\n`;
    lines = [];
    await writer.write(Buffer.from(text));
  };
  for (const found of walk(paths)) {
    if (stop.aborted) break;
    if (found.kind === 'skipped') {
      report(`${found.path}: not examined: ${found.reason}`);
      continue;
    }
    if (found.kind === 'passed-over') {
      log.warn(`${found.path}: passed over: ${found.reason}`);
      continue;
    }
    // What this audit itself writes into a folder it searches grows with each finding in it.
    if (isSameFile(statSync(found.path, { throwIfNoEntry: false }), output)) continue;
    source = found.path;
    comments.begin();
    try {
      for await (const chunk of readInput(source, openFile(source), stop, () => stream.input)) {
        comments.push(typeof chunk === 'number' ? (stream.input as Buffer).subarray(0, chunk) : chunk);
        stream.take(chunk);
        await flush();
        progress.update(source, redaction.tally.bytesIn, redaction.tally.findings);
      }
    } catch (error) {
      if (!(error instanceof UnreadableInput)) throw error;
      report(error.message);
    }
    comments.end();
    stream.end();
    await flush();
  }
  if (stream.failure !== undefined) logEngineFailure(log, stream.failure);
  if (stop.aborted) report('the audit was stopped before its end');
}
