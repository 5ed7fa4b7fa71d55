/** Redacts over HTTP, as the command line asks for it. */
import { writeSync } from 'node:fs';
import { LiveRedaction } from '../app/liveRedaction.ts';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { checkSettings } from '../config/check.ts';
import { loadConfig } from '../config/load.ts';
import { isLoopback, type ServeConfig, type ServeSettings, toServeSettings } from '../config/serve.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { IoError } from '../errors.ts';
import { ErrorCatcher } from '../pipeline/errorCatcher.ts';
import { PerformanceMonitoring } from '../pipeline/performanceMonitoring.ts';
import { startServer } from '../server/run.ts';
import { Sanitizing } from '../server/sanitize/sanitizing.ts';
import { Turns } from '../server/sanitize/turns.ts';
import { openServiceSource } from '../server/serviceSource.ts';
import { ServiceBoard } from '../server/services.ts';
import { ServerState } from '../server/state.ts';
import { FindingsFile } from '../sinks/findingsFile.ts';
import { Log } from '../telemetry/log.ts';
import { logEngineFailure } from './engineFailure.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';
import { reloadOnChange } from './reload.ts';

export interface ServeFlags extends RuleFlags {
  readonly host?: string;
  readonly port?: string;
  readonly maxBody?: string;
  readonly maxSeconds?: string;
  readonly maxStreams?: string;
  readonly rateLimit?: string;
  readonly stopSeconds?: string;
  readonly verification?: string;
}

/** The flags that are settings of `serve`. */
const SERVE_FLAGS = [
  'host',
  'port',
  'maxBody',
  'maxSeconds',
  'maxStreams',
  'rateLimit',
  'stopSeconds',
  'verification',
] as const satisfies readonly (keyof ServeFlags & keyof ServeConfig)[];

/** @throws UsageError, ProblemsError, IoError */
export async function runServe(flags: ServeFlags): Promise<ExitCode> {
  const given = await settingsOf({ ...flags });
  const config = await loadConfig(given, flags.config, process.env);
  const serve = toServeSettings({ ...config.serve, ...serveFlags(flags) }, process.env);
  const settings = toRedactionSettings(config, process.env);
  const log = new Log(config.logLevel ?? 'warn', process.stderr.isTTY === true);
  // Before the rules are made ready: a signal that comes meanwhile is a stop like any other.
  const stop = stopOnSignals();
  const onEarlyReload = (): void => {};
  process.on('SIGHUP', onEarlyReload);
  const services = new ServiceBoard(openServiceSource(config.protection, process.env));
  const live = new LiveRedaction(new Redaction(settings, await openRuleSet(settings.rules)));
  for (const warning of live.current.warnings) log.warn(warning);
  const findings = config.findings === undefined ? undefined : new FindingsFile(config.findings);
  const state = new ServerState({ live, settings: serve, services });
  const middleware = {
    monitoring: new PerformanceMonitoring(),
    catcher: new ErrorCatcher('hold', ({ stage, kind, frames }) =>
      log.error('a request failed', { stage, error: kind, at: frames }),
    ),
  };
  const sanitizing = new Sanitizing({
    ...middleware,
    live,
    turns: new Turns(),
    onFound: (found) => state.history.add(found),
    onEngineFailure: (error) => logEngineFailure(log, error),
  });
  const reload = reloadOnChange({
    live,
    log,
    flags: given,
    configPath: flags.config,
    config,
    onReloaded: () => sanitizing.refresh(),
  });
  process.off('SIGHUP', onEarlyReload);
  try {
    services.start();
    if (state.status === 'failed')
      throw new IoError("the self-test failed: these rules can't redact here; please report it");
    const server = await startServer({
      settings: serve,
      state,
      sanitizing,
      log,
      onFinding: findings?.add,
      flushFindings: async () => findings?.flush(),
      ...middleware,
    });
    tell(server.url, serve, log);
    await stopped(stop);
    log.info('stopping', { streams: state.activeStreams });
    const cut = await server.stop();
    if (cut > 0) log.warn('requests were cut, they took longer than --stop-seconds', { requests: cut });
  } finally {
    reload.close();
    state.close();
    await services.close();
    await findings?.flush();
    findings?.close();
    if (findings?.failure !== undefined) log.error(findings.failure, { lost: findings.lost });
  }
  return findings?.failure === undefined ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** @throws UsageError */
function serveFlags(flags: ServeFlags): ServeConfig {
  const named = SERVE_FLAGS.filter((name) => flags[name] !== undefined);
  let settings: ServeConfig = {};
  for (const name of named) {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const { serve } = checkSettings({ serve: { [name]: flags[name] } }, flag, 2);
    settings = { ...settings, ...serve };
  }
  return settings;
}

/** On standard output, where a program that has started us with port 0 can read it. */
function tell(url: string, settings: ServeSettings, log: Log): void {
  try {
    writeSync(STDOUT_FD, `listening on ${url}\n`);
  } catch {
    // Nobody wants to know; the server serves all the same.
  }
  log.info('ready', { url, token: settings.token !== undefined });
  if (!isLoopback(settings.host)) {
    log.warn('the token and all bytes are readable on the network: put TLS in front, see docs/serve.md');
  }
}

async function stopped(stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  await new Promise<void>((resolve) => {
    stop.addEventListener('abort', () => resolve(), { once: true });
  });
}
