/** Says why lines could not be looked at, as far as that can be said without their text. */
import { codeFrames, kindOf } from '../telemetry/codeFrames.ts';
import type { Log } from '../telemetry/log.ts';

/** @param error its message may hold scanned bytes and is not shown */
export function logEngineFailure(log: Log, error: unknown): void {
  log.error('the engine failed; its first error', {
    error: kindOf(error),
    at: codeFrames(error),
  });
}
