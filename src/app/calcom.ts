/** Puts together what calls to Cal.com go through: a breaker and a limiter, shared over Redis if there is one. */
import { defaultCalcom } from '../config/calcom.ts';
import type { Config } from '../config/schema.ts';
import { CalcomTransport } from '../services/calcom/transport.ts';
import { protectionFor } from '../services/protections.ts';
import type { Log } from '../telemetry/log.ts';

/** Name in the keys of Redis and in `protection.services`. */
const SERVICE = 'calcom';
/** Longest wait for the limiter, in milliseconds: a minute is what a limit counts in. */
const WAIT_MS = 90_000;

export interface Calcom {
  readonly transport: CalcomTransport;
  close(): Promise<void>;
}

/** @throws UsageError, IoError for an address of Redis that is none */
export function openCalcom(
  config: Pick<Config, 'calcom' | 'protection'>,
  env: NodeJS.ProcessEnv,
  log: Log,
): Calcom {
  const { url, timeoutMs } = config.calcom ?? defaultCalcom();
  const { breaker, limiter, close } = protectionFor(SERVICE, { config: config.protection, env, log });
  return {
    transport: new CalcomTransport({ url, timeoutMs, waitMs: WAIT_MS, breaker, limiter }),
    close,
  };
}
