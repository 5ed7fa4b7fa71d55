/** Shows a deployment, live or once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream } from 'node:tty';
import { Redaction } from '../app/redaction.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { stopOnSignals } from '../app/shutdown.ts';
import { STDIN_FD, STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import { glyphsFor } from '../monitor/draw.ts';
import { runLive } from '../monitor/run.ts';
import { Monitor, type Snapshot } from '../monitor/snapshot.ts';
import { plainView } from '../monitor/view.ts';
import { paintFor } from '../telemetry/colour.ts';
import { openDeployment } from './deployment.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { print } from './printing.ts';

export interface MonitorFlags {
  readonly config?: string;
  readonly logs?: string[];
  readonly metricsUrl?: string;
  readonly interval: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Rates need two looks. */
const BETWEEN_LOOKS_MS = 500;

/** @throws UsageError, ProblemsError, IoError */
export async function runMonitor(flags: MonitorFlags): Promise<ExitCode> {
  if (flags.json === true && flags.once !== true) throw new UsageError('--json: expected --once beside it');
  if (flags.once !== true && !isatty(STDOUT_FD))
    throw new UsageError('standard output is no terminal: expected --once');
  const deployment = await openDeployment(flags);
  const { settings } = deployment;
  const monitor = new Monitor(deployment, new Redaction(settings, await openRuleSet(settings.rules)));
  if (flags.once === true) return once(monitor, flags.json === true);
  const stop = stopOnSignals();
  const hangUp = new AbortController();
  // The terminal is gone with the connection.
  process.once('SIGHUP', () => hangUp.abort());
  const keys = isatty(STDIN_FD) ? new ReadStream(STDIN_FD) : undefined;
  await runLive({
    monitor,
    intervalMs: flags.interval,
    stop: AbortSignal.any([stop, hangUp.signal]),
    paint: paintFor(STDOUT_FD),
    glyphs: glyphsFor(process.env),
    terminal: { fd: STDOUT_FD, keys },
    size: () => process.stdout.getWindowSize(),
  });
  keys?.destroy();
  return EXIT_CODES.done;
}

async function once(monitor: Monitor, isJson: boolean): Promise<ExitCode> {
  try {
    await monitor.look();
    await sleep(BETWEEN_LOOKS_MS);
    const snapshot = await monitor.look();
    await print(
      isJson ? `${JSON.stringify(shown(snapshot))}\n` : plainView(snapshot, glyphsFor(process.env)),
    );
    const hasFired = snapshot.triggers.some(({ state }) => state === 'fired');
    return hasFired ? EXIT_CODES.found : EXIT_CODES.done;
  } finally {
    monitor.close();
  }
}

/** Without the settings, which may hold a password. */
function shown({ deployment: _, ...rest }: Snapshot): Omit<Snapshot, 'deployment'> {
  return rest;
}
