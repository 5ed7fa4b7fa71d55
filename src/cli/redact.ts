/** `logveil [redact] [files...]`: the main job. */
import { isatty } from 'node:tty';
import { Command } from 'commander';
import { redactFiles } from '../app/redactFiles.ts';
import { Redaction } from '../app/redaction.ts';
import { loadRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDERR_FD, STDOUT_FD } from '../descriptors.ts';
import { IoError } from '../errors.ts';
import type { Severity } from '../findings/finding.ts';
import { FileWriter } from '../sinks/fileWriter.ts';
import { FindingsFile } from '../sinks/findingsFile.ts';
import { writeSummary } from '../sinks/summaryFile.ts';
import { paintFor } from '../telemetry/colour.ts';
import { Log } from '../telemetry/log.ts';
import { Progress } from '../telemetry/progress.ts';
import { refuseOverwriting, refuseSharing } from './checks.ts';
import { logEngineFailure } from './engineFailure.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import {
  actionOption,
  addRuleOptions,
  failOnOption,
  fails,
  onErrorOption,
  type RuleFlags,
  settingsOf,
} from './options.ts';
import { statsText } from './stats.ts';

const EXAMPLES = `
Examples:
  app | logveil | vector                            in front of a log shipper
  logveil app.log > clean.log                       a file
  logveil --findings leaks.jsonl --stats < app.log  what was found, and totals
  logveil --action mask --rules pii < app.log       other rules, another action
  LOGVEIL_KEY=$(cat key) logveil --action pseudonymize < app.log
                                                    equal values stay recognisable`;

interface RedactFlags extends RuleFlags {
  readonly failOn?: Severity;
}

export function redactCommand(finish: (code: ExitCode) => void): Command {
  const command = new Command('redact')
    .description('redact standard input, or files, to standard output (the default command)')
    .argument('[files...]', 'what to read; `-` or nothing is standard input');
  return addRuleOptions(command)
    .addOption(actionOption())
    .addOption(onErrorOption())
    .option('--findings <file>', 'write findings as JSON lines, without the values')
    .option('--summary <file>', 'write totals as JSON')
    .option('--stats', 'totals on stderr at the end')
    .addOption(failOnOption())
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], flags: RedactFlags) => finish(await runRedact(files, flags)));
}

async function runRedact(files: readonly string[], flags: RedactFlags): Promise<ExitCode> {
  const config = loadConfig(settingsOf({ ...flags }), flags.config, process.env);
  const settings = toRedactionSettings(config, process.env);
  const inputs = files.length > 0 ? files : ['-'];
  refuseOverwriting(['-', config.findings, config.summary], inputs);
  refuseSharing(['-', config.findings, config.summary]);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  // Before the rules are made ready: a signal that comes meanwhile is a stop like any other.
  const stop = stopOnSignals();
  const redaction = new Redaction(settings, loadRuleSet(settings.rules));
  log.info('ready', { rules: redaction.ruleCount, key: settings.key.source });
  if (settings.action === 'pseudonymize' && settings.key.source === 'random') {
    log.warn('pseudonyms of this run match those of no other: set LOGVEIL_KEY or --key-file');
  }
  const findings = config.findings === undefined ? undefined : new FindingsFile(config.findings);
  const failures: string[] = [];
  const onFailure = (message: string): void => {
    failures.push(message);
    log.error(message);
  };
  const showsProgress = process.stderr.isTTY === true && !isatty(STDOUT_FD) && files.length > 0;
  let isClosed = false;
  try {
    const end = await redactFiles({
      redaction,
      inputs,
      output: new FileWriter(STDOUT_FD),
      findings,
      isCounted: config.summary !== undefined || config.stats === true,
      stop,
      progress: new Progress(showsProgress),
      onFailure,
      onEngineFailure: (error) => logEngineFailure(log, error),
    });
    isClosed = end === 'closed';
  } catch (error) {
    // The summary must tell of an output that could not be written; anything else is a bug.
    if (!(error instanceof IoError)) throw error;
    onFailure(error.message);
  } finally {
    findings?.close();
  }
  const { tally } = redaction;
  tally.anomalies.findingsLost = findings?.lost ?? 0;
  if (findings?.failure !== undefined) onFailure(`${findings.failure}; ${findings.lost} findings are lost`);
  const { linesWithheld, linesPassedOnError } = tally.anomalies;
  if (linesWithheld > 0) onFailure(`${linesWithheld} lines could not be looked at and were withheld`);
  if (linesPassedOnError > 0)
    onFailure(`${linesPassedOnError} lines could not be looked at and were passed raw`);
  const summary = redaction.summary(failures);
  if (config.summary !== undefined) writeSummary(config.summary, summary);
  if (config.stats) process.stderr.write(statsText(summary, paintFor(STDERR_FD)));
  if (failures.length > 0) return EXIT_CODES.failed;
  // Whoever closed the pipe has seen enough, and asks for no verdict.
  if (isClosed) return EXIT_CODES.done;
  return fails(tally, flags.failOn) ? EXIT_CODES.found : EXIT_CODES.done;
}
