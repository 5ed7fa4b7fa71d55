/** The main job of the command line. */
import { isatty } from 'node:tty';
import { LiveRedaction } from '../app/liveRedaction.ts';
import { redactFiles } from '../app/redactFiles.ts';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
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
import { isEndless, refuseOverwriting, refuseSharing } from './checks.ts';
import { logEngineFailure } from './engineFailure.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { fails, type RuleFlags, settingsOf } from './flags.ts';
import { reloadOnChange } from './reload.ts';
import { keepNewSpaceSmall } from './smallHeap.ts';
import { statsText } from './stats.ts';

export interface RedactFlags extends RuleFlags {
  readonly failOn?: Severity;
}

/** @throws UsageError, ProblemsError, IoError */
export async function runRedact(files: readonly string[], flags: RedactFlags): Promise<ExitCode> {
  keepNewSpaceSmall();
  const given = await settingsOf({ ...flags });
  const config = await loadConfig(given, flags.config, process.env);
  const settings = toRedactionSettings(config, process.env);
  const inputs = files.length > 0 ? files : ['-'];
  refuseOverwriting(['-', config.findings, config.summary], inputs);
  refuseSharing(['-', config.findings, config.summary]);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  // Before the rules are made ready: a signal that comes meanwhile is a stop like any other.
  const stop = stopOnSignals();
  const mayReload = inputs.some(isEndless);
  // The same for a reload: what it asks for is being done already.
  const onEarlyReload = (): void => {};
  if (mayReload) process.on('SIGHUP', onEarlyReload);
  const redaction = new LiveRedaction(new Redaction(settings, await openRuleSet(settings.rules)));
  for (const warning of redaction.current.warnings) log.warn(warning);
  log.info('ready', { rules: redaction.current.ruleCount, key: settings.key.source });
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
  const reload = mayReload
    ? reloadOnChange({ live: redaction, log, flags: given, configPath: flags.config, config })
    : undefined;
  process.off('SIGHUP', onEarlyReload);
  try {
    const end = await redactFiles({
      redaction,
      jobs: config.jobs ?? 1,
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
    reload?.close();
    findings?.close();
  }
  const { tally } = redaction;
  tally.anomalies.findingsLost = findings?.lost ?? 0;
  if (findings?.failure !== undefined) onFailure(`${findings.failure}; ${findings.lost} findings are lost`);
  const { linesWithheld, linesPassedOnError } = tally.anomalies;
  if (linesWithheld > 0) onFailure(`${linesWithheld} lines could not be looked at and were withheld`);
  if (linesPassedOnError > 0)
    onFailure(`${linesPassedOnError} lines could not be looked at and were passed raw`);
  if (config.summary !== undefined || config.stats === true) {
    const summary = redaction.summary(failures);
    if (config.summary !== undefined) writeSummary(config.summary, summary);
    if (config.stats) process.stderr.write(statsText(summary, paintFor(STDERR_FD)));
  }
  if (failures.length > 0) return EXIT_CODES.failed;
  // Whoever closed the pipe has seen enough, and asks for no verdict.
  if (isClosed) return EXIT_CODES.done;
  return fails(tally, flags.failOn) ? EXIT_CODES.found : EXIT_CODES.done;
}
