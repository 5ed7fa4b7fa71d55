/** `logveil audit PATH...`: searches files and folders, and changes nothing. */
import { closeSync, fstatSync, statSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Command, Option } from 'commander';
import { Redaction } from '../app/redaction.ts';
import { loadRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { findingLine } from '../audit/textReport.ts';
import { walk } from '../audit/walk.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDERR_FD, STDOUT_FD } from '../descriptors.ts';
import { IoError } from '../errors.ts';
import type { Finding, Severity } from '../findings/finding.ts';
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
import { addRuleOptions, failOnOption, fails, type RuleFlags, settingsOf } from './options.ts';
import { statsText } from './stats.ts';

const EXAMPLES = `
Examples:
  logveil audit /var/log                                  findings as text
  logveil audit logs --rules all --format jsonl -o f.jsonl  findings as JSON lines
  logveil audit build.log --fail-on high                  for a CI job

Compressed files are named and not searched yet; decompress them first. Without
--fail-on every finding makes the exit code 1.`;

const FORMATS: Readonly<Record<string, (finding: Finding, paint: Paint) => string>> = {
  jsonl: (finding) => JSON.stringify(finding),
  text: (finding, paint) => findingLine(finding, paint),
};

interface AuditFlags extends RuleFlags {
  readonly format: string;
  readonly output: string;
  readonly failOn: Severity;
}

export function auditCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('audit')
    .description('search files and folders, and report what is found')
    .argument('<paths...>', 'files and folders');
  return addRuleOptions(command)
    .addOption(new Option('--format <name>', 'how to report').choices(Object.keys(FORMATS)).default('text'))
    .option('-o, --output <file>', 'where to; `-` is standard output', '-')
    .option('--summary <file>', 'write totals as JSON')
    .option('--stats', 'totals on stderr at the end')
    .addOption(failOnOption().default('low'))
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], flags: AuditFlags) => finish(await runAudit(paths, flags)));
}

async function runAudit(paths: readonly string[], flags: AuditFlags): Promise<ExitCode> {
  const config = loadConfig(settingsOf({ ...flags }), flags.config, process.env);
  // An audit finds, it changes nothing: every finding says `keep`.
  const settings = { ...toRedactionSettings(config, process.env), action: 'keep' as const };
  refuseOverwriting([flags.output, config.summary], paths);
  refuseSharing([flags.output, config.summary]);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  const stop = stopOnSignals();
  const redaction = new Redaction(settings, loadRuleSet(settings.rules));
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
  const stream = redaction.openStream(
    () => source,
    (finding) => lines.push(format(finding)),
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
    try {
      for await (const chunk of readInput(source, openFile(source), stop)) {
        stream.push(chunk);
        await flush();
        progress.update(source, redaction.tally.bytesIn, redaction.tally.findings);
      }
    } catch (error) {
      if (!(error instanceof UnreadableInput)) throw error;
      report(error.message);
    }
    stream.end();
    await flush();
  }
  if (stream.failure !== undefined) logEngineFailure(log, stream.failure);
  if (stop.aborted) report('the audit was stopped before its end');
}
