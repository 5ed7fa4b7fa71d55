/** Follows files, as the command line asks for it. */
import { join, resolve } from 'node:path';
import { LiveRedaction } from '../app/liveRedaction.ts';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { parseSize } from '../config/size.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import type { Finding } from '../findings/finding.ts';
import { Alerts } from '../sinks/alerts.ts';
import { takeExclusively } from '../sinks/exclusive.ts';
import { FindingsFile } from '../sinks/findingsFile.ts';
import { Spool } from '../sinks/spool.ts';
import type { ContainerFormat, Encoding } from '../sources/formats.ts';
import { PathPatterns } from '../sources/pathPatterns.ts';
import { CheckpointStore } from '../state/checkpointStore.ts';
import type { MetricsOptions, MetricsServer } from '../tail/metrics.ts';
import { isFileOutput, openAlerts, openOutput } from '../tail/outputs.ts';
import { runUntilStopped } from '../tail/run.ts';
import { Systemd } from '../tail/systemd.ts';
import { Tail } from '../tail/tail.ts';
import { Log } from '../telemetry/log.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';
import { reloadOnChange } from './reload.ts';

export interface TailFlags extends RuleFlags {
  readonly state?: string;
  readonly from: 'start' | 'end';
  readonly once?: boolean;
  readonly output: string;
  readonly outputTokenFile?: string;
  readonly outputRotateSize?: string;
  readonly outputRotateEvery?: number;
  readonly outputKeep: number;
  readonly spool?: string;
  readonly spoolMax: string;
  readonly spoolFull: 'block' | 'drop-oldest';
  readonly encoding: Encoding;
  readonly container: ContainerFormat;
  readonly recordStart?: string;
  readonly recordWait: number;
  readonly partialWait: number;
  readonly rotateWait: number;
  readonly poll: number;
  readonly checkpointEvery: number;
  readonly stopWithin: number;
  readonly alerts?: string;
  readonly alertEvery: number;
  readonly metrics?: string;
  readonly bookReview?: boolean;
}

/** @throws UsageError, ProblemsError, IoError */
export async function runTail(patterns: readonly string[], flags: TailFlags): Promise<ExitCode> {
  const given = await settingsOf({ ...flags });
  const config = await loadConfig(given, flags.config, process.env);
  const settings = toRedactionSettings(config, process.env);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  const stop = stopOnSignals();
  const redaction = new LiveRedaction(new Redaction(settings, await openRuleSet(settings.rules)));
  for (const warning of redaction.current.warnings) log.warn(warning);
  const releaseState = flags.state === undefined ? undefined : lockState(flags.state);
  const store = flags.state === undefined ? undefined : new CheckpointStore(flags.state);
  let isOutputReady = true;
  const tell = (message: string | undefined): void => {
    isOutputReady = message === undefined;
    if (message === undefined) log.warn('the output takes lines again');
    else log.error(message);
  };
  const output = await openOutput(
    {
      where: flags.output,
      stdoutFd: STDOUT_FD,
      rotateBytes: sizeOf(flags.outputRotateSize, '--output-rotate-size'),
      rotateMs: flags.outputRotateEvery,
      keep: flags.outputKeep,
      tokenFile: flags.outputTokenFile,
      onTrouble: tell,
      delivery: {
        spool:
          flags.spool === undefined
            ? undefined
            : new Spool(flags.spool, sizeOf(flags.spoolMax, '--spool-max') ?? 0, flags.spoolFull),
        recordStart: flags.recordStart,
        recordWaitMs: flags.recordWait,
      },
    },
    process.env,
  );
  output.stopWith?.(stop);
  const findings = config.findings === undefined ? undefined : new FindingsFile(config.findings);
  const alerts =
    flags.alerts === undefined
      ? undefined
      : new Alerts(await openAlerts(flags.alerts, process.env), flags.alertEvery, (message) =>
          log.error(message),
        );
  const reviews =
    flags.bookReview === true
      ? await (await import('./reviewWatch.ts')).openReviewWatch(config, settings.key, stop, log)
      : undefined;
  const onFinding = (finding: Finding): void => {
    findings?.add(finding);
    alerts?.add(finding);
    reviews?.add(finding);
  };
  const pathPatterns = new PathPatterns(patterns);
  const ownFiles = [config.findings, isFileOutput(flags.output) ? flags.output : undefined];
  const tail = new Tail({
    redaction,
    output,
    store,
    patterns: pathPatterns,
    from: flags.from,
    ownFiles: ownFiles.filter((path) => path !== undefined).map((path) => resolve(path)),
    encoding: flags.encoding,
    container: flags.container,
    partialWaitMs: flags.partialWait,
    rotateWaitMs: flags.rotateWait,
    scanMs: Math.max(flags.poll, 1000),
    checkpointMs: flags.checkpointEvery,
    onFinding: [findings, alerts, reviews].every((taker) => taker === undefined) ? undefined : onFinding,
    onStageError: ({ message, frames }) => {
      log.error(message, { at: frames });
      alerts?.addFailure(message, '');
    },
    log,
  });
  for (const name of ['SIGHUP', 'SIGUSR1'] as const) process.on(name, () => tail.reopenOutput());
  const reload = reloadOnChange({ live: redaction, log, flags: given, configPath: flags.config, config });
  const { anomalies } = redaction.tally;
  let told = 0;
  const tellWithheld = (): void => {
    const count = anomalies.linesWithheld + anomalies.linesPassedOnError - told;
    if (count === 0) return;
    told += count;
    log.error('lines could not be looked at', { lines: count });
    alerts?.addFailure('lines could not be looked at', '', count);
  };
  const systemd = new Systemd(process.env);
  stop.addEventListener('abort', () => systemd.stopping());
  const metrics = await openMetrics(flags.metrics, { tail, redaction, isOutputReady: () => isOutputReady });
  try {
    await tail.start();
    systemd.ready();
    log.info('ready', { rules: redaction.current.ruleCount, files: tail.files });
    await runUntilStopped({
      tail,
      folders: pathPatterns.folders(),
      pollMs: flags.poll,
      stop,
      stopWithinMs: flags.stopWithin,
      isOnce: flags.once === true,
      onAlive: () => {
        systemd.alive();
        tellWithheld();
        metrics?.alive();
        void findings?.flush();
        void alerts?.flush();
      },
    });
  } finally {
    reload.close();
    tellWithheld();
    await findings?.flush();
    findings?.close();
    await alerts?.close();
    await reviews?.close();
    metrics?.close();
    await output.close();
    releaseState?.();
  }
  return EXIT_CODES.done;
}

/** @throws UsageError, IoError */
async function openMetrics(
  address: string | undefined,
  options: Omit<MetricsOptions, 'address'>,
): Promise<MetricsServer | undefined> {
  if (address === undefined) return undefined;
  const { MetricsServer } = await import('../tail/metrics.ts');
  const server = new MetricsServer({ ...options, address });
  await server.listen();
  return server;
}

/** Two processes with one state would each lose what the other has read. */
function lockState(folder: string): () => void {
  new CheckpointStore(folder);
  return takeExclusively(join(folder, 'checkpoint.json'));
}

function sizeOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined || bytes === 0) throw new UsageError(`${flag}: expected a size such as 100MiB`);
  return bytes;
}
