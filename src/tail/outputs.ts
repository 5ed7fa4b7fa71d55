/** Opens the output that `--output` names. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeIo, IoError, UsageError } from '../errors.ts';
import { Delivery, type DeliveryOptions } from '../sinks/delivery.ts';
import { FileOutput } from '../sinks/fileOutput.ts';
import { FileTransport } from '../sinks/fileTransport.ts';
import { HttpTransport } from '../sinks/http.ts';
import { HTTP_FORMATS } from '../sinks/httpFormats.ts';
import type { Output } from '../sinks/output.ts';
import { PipeOutput } from '../sinks/pipeOutput.ts';
import { lineFraming, type SocketTarget, SocketTransport } from '../sinks/socketLines.ts';
import { syslogFraming } from '../sinks/syslog.ts';
import type { Transport } from '../sinks/transport.ts';

export interface OutputSettings {
  readonly where: string;
  readonly stdoutFd: number;
  readonly rotateBytes: number | undefined;
  readonly rotateMs: number | undefined;
  readonly keep: number;
  readonly tokenFile: string | undefined;
  readonly onTrouble: (message: string | undefined) => void;
  readonly delivery: Pick<DeliveryOptions, 'spool' | 'recordStart' | 'recordWaitMs' | 'onRejected'>;
}

const BATCH_EVENTS = 1_000;
const BATCH_BYTES = 1024 * 1024;
const QUEUE_BYTES = 16 * 1024 * 1024;
const STREAM_ENTRIES = 1_000_000;
const NETWORK = /^(?:tcp|tls|unix|syslog|syslog\+tls|syslog\+unix|redis-stream|[a-z]+\+https?|https?):/;

/** Whether it names a file. */
export function isFileOutput(where: string): boolean {
  return where !== '-' && !NETWORK.test(where);
}

/** @throws UsageError, IoError */
export async function openOutput(settings: OutputSettings, env: NodeJS.ProcessEnv): Promise<Output> {
  const { where, rotateBytes, rotateMs, keep, onTrouble } = settings;
  if (where === '-') return new PipeOutput(settings.stdoutFd);
  if (!NETWORK.test(where)) {
    return new FileOutput({
      path: resolve(where),
      keep,
      onTrouble,
      ...(rotateBytes !== undefined && { rotateBytes }),
      ...(rotateMs !== undefined && { rotateMs }),
    });
  }
  const transport = await openTransport(where, settings.tokenFile, env);
  const limits = { batchEvents: BATCH_EVENTS, batchBytes: BATCH_BYTES, queueBytes: QUEUE_BYTES };
  return new Delivery({ ...settings.delivery, ...limits, transport, onTrouble });
}

/**
 * Where alerts go: a file, an http(s) URL (a JSON object a line), or `redis-stream:KEY`.
 * @throws UsageError, IoError
 */
export async function openAlerts(where: string, env: NodeJS.ProcessEnv): Promise<Transport> {
  if (/^https?:/.test(where)) return openTransport(`ndjson+${where}`, undefined, env);
  return NETWORK.test(where) ? openTransport(where, undefined, env) : new FileTransport(resolve(where));
}

/** @throws UsageError, IoError */
async function openTransport(
  where: string,
  tokenFile: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Transport> {
  const scheme = where.slice(0, where.indexOf(':'));
  if (scheme === 'redis-stream') return openRedis(where.slice(scheme.length + 1), env);
  const [format, protocol] = scheme.split('+');
  if (protocol === 'http' || protocol === 'https') {
    const known = HTTP_FORMATS.find((name) => name === format);
    if (known === undefined)
      throw new UsageError(`--output: expected one of ${HTTP_FORMATS.join(', ')} before +${protocol}`);
    const url = urlOf(where.slice(scheme.length - protocol.length));
    return new HttpTransport({ url, format: known, token: tokenOf(tokenFile, env) });
  }
  if (format === 'http' || format === 'https') {
    throw new UsageError(`--output: expected a format before the URL, for instance ndjson+${scheme}://...`);
  }
  const isSyslog = format === 'syslog';
  const socket = protocol ?? (isSyslog ? 'tcp' : format);
  const target = socket === 'unix' ? unixTarget(where) : tcpTarget(where, socket === 'tls');
  const isNewline = /[?&]framing=newline(?:&|$)/.test(where);
  const framing = isSyslog ? syslogFraming(isNewline ? 'newline' : 'octet-counting') : lineFraming;
  return new SocketTransport(target, framing);
}

async function openRedis(key: string, env: NodeJS.ProcessEnv): Promise<Transport> {
  const url = env.LOGVEIL_REDIS_URL;
  if (url === undefined || url === '')
    throw new UsageError(
      '--output redis-stream: expected LOGVEIL_REDIS_URL, for instance redis://127.0.0.1:6379',
    );
  if (!/^[a-z0-9_]+(?::[a-z0-9_-]+)*$/.test(key)) {
    throw new UsageError('--output redis-stream:KEY: expected a key of lower snake segments joined by `:`');
  }
  // Takes long to load, and few runs need it.
  const { RedisStreamTransport } = await import('../sinks/redisStream.ts');
  return new RedisStreamTransport({
    url,
    key: `${env.LOGVEIL_REDIS_PREFIX ?? ''}${key}`,
    maxEntries: STREAM_ENTRIES,
  });
}

function unixTarget(where: string): SocketTarget {
  const path = where.replace(/^(?:syslog\+)?unix:(?:\/\/)?/, '').replace(/\?.*$/, '');
  if (path === '') throw new UsageError('--output unix:PATH: expected the path of a socket');
  return { name: `unix:${path}`, path, isTls: false };
}

function tcpTarget(where: string, isTls: boolean): SocketTarget {
  const { hostname, port } = urlOf(where.replace(/^[a-z+]+:/, 'tcp:'));
  if (hostname === '' || port === '')
    throw new UsageError('--output: expected HOST:PORT, for instance tcp://127.0.0.1:5140');
  const host = hostname.replace(/^\[|\]$/g, '');
  return { name: `${isTls ? 'tls' : 'tcp'}://${hostname}:${port}`, host, port: Number(port), isTls };
}

/** Whoever can list processes can read a URL: no secret belongs in it. */
function urlOf(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(
      '--output: expected a URL such as tcp://127.0.0.1:5140 or loki+https://loki.example.com/loki/api/v1/push',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(
      '--output: expected a URL without a password; use LOGVEIL_OUTPUT_TOKEN or --output-token-file',
    );
  }
  return url;
}

function tokenOf(file: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (file === undefined) return env.LOGVEIL_OUTPUT_TOKEN;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new IoError(`${file}: the token can't be read: ${describeIo(error)}`, { cause: error });
  }
}
