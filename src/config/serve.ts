/** Settings of `logveil serve`: what may be said, and what is meant. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { UsageError } from '../errors.ts';
import { parseSize } from './size.ts';

const MIB = 1024 * 1024;
/** Any would do; it is none that a usual neighbour of a log shipper listens on. */
const DEFAULT_PORT = 8765;
const LOOPBACK = '127.0.0.1';
/** Fewer can be guessed; `openssl rand -hex 32` makes 64. */
const LEAST_TOKEN_CHARACTERS = 16;
const MOST_PORT = 65_535;

const whole = (least: number, most: number) =>
  z.union([z.number(), z.string()]).transform((value, context) => {
    const number = value === '' ? Number.NaN : Number(value);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    context.addIssue({ code: 'custom', message: `expected a whole number from ${least} to ${most}` });
    return z.NEVER;
  });

const size = (least: number) =>
  z.union([z.number(), z.string()]).transform((value, context) => {
    const bytes = parseSize(String(value));
    if (bytes !== undefined && bytes >= least) return bytes;
    context.addIssue({ code: 'custom', message: `expected a size such as 64MiB, at least ${least} bytes` });
    return z.NEVER;
  });

export const serveSchema = z
  .strictObject({
    host: z.string().min(1).max(255).describe('Address to listen on; loopback by default.'),
    port: whole(0, MOST_PORT).describe('0 takes any free port.'),
    maxBody: size(1).describe('Most bytes of one request, decompressed.'),
    maxLine: size(1024).describe('Longest line of a request; a longer one is refused.'),
    maxEnvelope: size(1024).describe('Most bytes of a request that is answered with JSON.'),
    maxSeconds: whole(1, 86_400).describe('Longest a request may take.'),
    stallSeconds: whole(1, 3600).describe('Longest a request may stand still.'),
    maxStreams: whole(1, 10_000).describe('Requests that are redacted at the same time.'),
    rateLimit: whole(0, 1_000_000).describe('Requests a minute of one client; 0 does not limit.'),
    stopSeconds: whole(0, 3600).describe('Time to finish requests when told to stop.'),
    trustProxy: z
      .array(z.string().min(1))
      .describe('Addresses of proxies whose X-Forwarded-For is believed.'),
    allowedHosts: z
      .array(z.string().min(1))
      .describe('Names in the Host header that are answered without a token, beside those of loopback.'),
    verification: z.string().min(1).describe('File that `logveil verify --format json --output` writes.'),
  })
  .partial()
  .describe('Of `logveil serve`.');

/** What a configuration or the command line may say. */
export type ServeConfig = z.infer<typeof serveSchema>;

/** All that the server needs to know. */
export interface ServeSettings {
  readonly host: string;
  readonly port: number;
  /** Undefined only on a loopback address. */
  readonly token: string | undefined;
  readonly maxBodyBytes: number;
  readonly maxLineBytes: number;
  readonly maxEnvelopeBytes: number;
  readonly maxMs: number;
  readonly stallMs: number;
  readonly maxStreams: number;
  /** Requests a minute; 0 does not limit. */
  readonly rateLimit: number;
  readonly stopMs: number;
  readonly trustProxy: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly verification: string | undefined;
}

/**
 * @param env read for `LOGVEIL_TOKEN` only
 * @throws UsageError for a token that can't be one, and where one is missing
 */
export function toServeSettings(config: ServeConfig, env: NodeJS.ProcessEnv): ServeSettings {
  const host = config.host ?? LOOPBACK;
  const token = readToken(env);
  if (token === undefined && !isLoopback(host)) {
    throw new UsageError(
      `--host ${host}: expected a loopback address such as ${LOOPBACK}, or a token in LOGVEIL_TOKEN: others than this machine can reach it. \`openssl rand -hex 32\` makes one`,
    );
  }
  return {
    host,
    port: config.port ?? DEFAULT_PORT,
    token,
    maxBodyBytes: config.maxBody ?? 1024 * MIB,
    maxLineBytes: config.maxLine ?? 64 * MIB,
    maxEnvelopeBytes: config.maxEnvelope ?? 8 * MIB,
    maxMs: (config.maxSeconds ?? 600) * 1000,
    stallMs: (config.stallSeconds ?? 30) * 1000,
    maxStreams: config.maxStreams ?? 64,
    rateLimit: config.rateLimit ?? 600,
    stopMs: (config.stopSeconds ?? 10) * 1000,
    trustProxy: config.trustProxy ?? [],
    allowedHosts: config.allowedHosts ?? [],
    verification: config.verification,
  };
}

/** Whether only this machine can reach the address; a name other than `localhost` could be any machine's. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** RFC 6750, 2.1: what may stand behind `Bearer`. */
function readToken(env: NodeJS.ProcessEnv): string | undefined {
  const token = env.LOGVEIL_TOKEN;
  if (token === undefined || token === '') return undefined;
  if (token.length >= LEAST_TOKEN_CHARACTERS && /^[\w.~+/-]+=*$/.test(token)) return token;
  throw new UsageError(
    `LOGVEIL_TOKEN: expected at least ${LEAST_TOKEN_CHARACTERS} letters, digits or any of -._~+/ (\`openssl rand -hex 32\` makes one)`,
  );
}
