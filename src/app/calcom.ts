/** Puts together what calls to Cal.com go through. */
import { type CalcomConfig, defaultCalcom } from '../config/calcom.ts';
import { CalcomTransport } from '../services/calcom/transport.ts';

/** Longest wait for the limiter, in milliseconds: a minute is what a limit counts in. */
const WAIT_MS = 90_000;

export interface Calcom {
  readonly config: CalcomConfig;
  readonly transport: CalcomTransport;
  close(): Promise<void>;
}

export async function openCalcom(config: CalcomConfig = defaultCalcom()): Promise<Calcom> {
  const { url, timeoutMs } = config;
  const breaker = {
    service: 'calcom',
    run: (call: () => Promise<never>) => call(),
    status: async () => ({}),
  };
  const limiter = { service: 'calcom', acquire: async () => {}, observe: () => {}, status: async () => ({}) };
  const transport = new CalcomTransport({
    url,
    timeoutMs,
    waitMs: WAIT_MS,
    breaker: breaker as never,
    limiter: limiter as never,
  });
  return { config, transport, close: async () => {} };
}
