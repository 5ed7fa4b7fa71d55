/** A misspelt variable would silently leave its setting to the default. */
import { unknownVariables } from '../config/environment.ts';
import { LEVELS, Log } from '../telemetry/log.ts';

/** @param flag `--log-level` */
export function warnOfUnknownVariables(flag: string | undefined, env: NodeJS.ProcessEnv): void {
  const level = LEVELS.find((one) => one === (flag ?? env.LOGVEIL_LOG_LEVEL)) ?? 'warn';
  const log = new Log(level, process.stderr.isTTY === true);
  for (const { name, nearest } of unknownVariables(env))
    log.warn(`${name}: no variable that logveil reads, ignored; the nearest is ${nearest}`);
}
