/** Clients of Redis for a target: one server, Sentinel or Cluster, with user, password and TLS. */
import { readFileSync } from 'node:fs';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { describeIo, IoError } from '../errors.ts';
import type { RedisTarget } from './redisTarget.ts';

/** What is not in the address. */
export interface RedisAccess {
  /** Beat those of the address. */
  readonly username?: string;
  readonly password?: string;
  /** Of the Sentinels themselves. */
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  readonly tls?: RedisTls;
}

/** Files in PEM form. */
export interface RedisTls {
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Name in the server's certificate, where it is not that of the address. */
  readonly serverName?: string | undefined;
}

/** How a client behaves when the connection is lost, and the like. */
type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

interface TlsOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
}

/**
 * A client that is not connected yet.
 * @param options how it behaves when the connection is lost
 * @throws IoError when a file of TLS can't be read
 */
export function redisClient(
  target: RedisTarget & { readonly kind: 'standalone' | 'sentinel' },
  access: RedisAccess,
  options: ClientOptions,
): Redis;
export function redisClient(
  target: RedisTarget,
  access: RedisAccess,
  options: ClientOptions,
): Redis | Cluster;
export function redisClient(
  target: RedisTarget,
  access: RedisAccess,
  options: ClientOptions,
): Redis | Cluster {
  const tls = target.isTls ? { tls: tlsOptions(access.tls ?? {}) } : {};
  const common: ClientOptions = {
    lazyConnect: true,
    // Plain replies are all that is needed, and every proxy and old server gives them.
    protocol: 2,
    disableClientInfo: true,
    connectionName: 'logveil',
    ...loginOf(target, access),
  };
  if (target.kind === 'cluster') {
    const { retryStrategy, enableOfflineQueue, lazyConnect: _, ...perNode } = { ...common, ...options };
    return new Cluster([...target.nodes], {
      lazyConnect: true,
      enableOfflineQueue: enableOfflineQueue ?? true,
      clusterRetryStrategy: (times) => retryStrategy?.(times) ?? null,
      // Nodes come back by themselves too; their names need no lookup of their own: TLS looks at them.
      clusterNodeRetryStrategy: (times) => retryStrategy?.(times) ?? null,
      slotsRefreshTimeout: 1000,
      ...(target.isTls && { dnsLookup: (host, done) => done(null, host) }),
      redisOptions: { ...perNode, ...tls },
    });
  }
  if (target.kind === 'sentinel') {
    return new Redis({
      ...common,
      ...options,
      ...tls,
      sentinels: [...target.nodes],
      name: target.master as string,
      db: target.database,
      sentinelRetryStrategy: (times) => options.retryStrategy?.(times) ?? null,
      ...(target.isTls && { enableTLSForSentinelMode: true, sentinelTLS: tls.tls }),
      ...(access.sentinelUsername && { sentinelUsername: access.sentinelUsername }),
      ...(access.sentinelPassword && { sentinelPassword: access.sentinelPassword }),
    });
  }
  return new Redis({ ...common, ...options, ...tls, ...target.nodes[0], db: target.database });
}

function loginOf(target: RedisTarget, access: RedisAccess): { username?: string; password?: string } {
  const [username, password] = [access.username ?? target.username, access.password ?? target.password];
  return { ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
}

function tlsOptions({ caFile, certFile, keyFile, serverName }: RedisTls): TlsOptions {
  return {
    ...(caFile !== undefined && { ca: read(caFile) }),
    ...(certFile !== undefined && { cert: read(certFile) }),
    ...(keyFile !== undefined && { key: read(keyFile) }),
    ...(serverName !== undefined && { servername: serverName }),
  };
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new IoError(`${path}: the file for TLS to Redis can't be read: ${describeIo(error)}`, {
      cause: error,
    });
  }
}

/** Login from the environment: a password is not for a command line, nor for a configuration file. */
export function redisAccess(env: NodeJS.ProcessEnv, tls?: RedisTls): RedisAccess {
  const environmentTls: RedisTls = {
    ...(env.LOGVEIL_REDIS_CA && { caFile: env.LOGVEIL_REDIS_CA }),
    ...(env.LOGVEIL_REDIS_CERT && { certFile: env.LOGVEIL_REDIS_CERT }),
    ...(env.LOGVEIL_REDIS_KEY && { keyFile: env.LOGVEIL_REDIS_KEY }),
  };
  return {
    ...(env.LOGVEIL_REDIS_USERNAME && { username: env.LOGVEIL_REDIS_USERNAME }),
    ...(env.LOGVEIL_REDIS_PASSWORD && { password: env.LOGVEIL_REDIS_PASSWORD }),
    ...(env.LOGVEIL_REDIS_SENTINEL_USERNAME && { sentinelUsername: env.LOGVEIL_REDIS_SENTINEL_USERNAME }),
    ...(env.LOGVEIL_REDIS_SENTINEL_PASSWORD && { sentinelPassword: env.LOGVEIL_REDIS_SENTINEL_PASSWORD }),
    tls: { ...tls, ...environmentTls },
  };
}

/**
 * Why Redis does not do as asked, in words that hold nothing of its address or of a command: a code of the system, or the
 * word in capitals that its refusals begin with, such as `WRONGPASS`.
 */
export function redisReason(error: unknown): string {
  const words = describeIo(error);
  if (words !== 'unknown error') return words;
  const message = (error as Error | undefined)?.message ?? '';
  // Within a script, a missing permission has no word of its own before Redis 7.
  if (/can't run this command|NOPERM|no permission/i.test(message)) return 'NOPERM';
  return /^-?([A-Z]{3,})(?=\s)/.exec(message)?.[1] ?? 'it does not answer';
}
