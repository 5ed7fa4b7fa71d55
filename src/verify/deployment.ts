/** What is verified: the configuration with every setting meant, and the address of Redis from the environment. */
import { type BusinessHoursConfig, defaultBusinessHours } from '../config/businessHours.ts';
import { type DeploymentConfig, deploymentSchema } from '../config/deployment.ts';
import type { Config } from '../config/schema.ts';
import type { RedactionSettings } from '../config/settings.ts';
import { UsageError } from '../errors.ts';
import { redisTarget } from '../services/protections.ts';
import { type RedisAccess, redisAccess } from '../state/redisClient.ts';
import type { RedisTarget } from '../state/redisTarget.ts';

/** A section of which only the address counts. */
const NO_REDIS = { sole: false, probeAloneSeconds: 0 };

export interface Deployment extends DeploymentConfig {
  /** Where Redis is, may hold a password: never shown. Undefined where none is named. */
  readonly redisTarget: RedisTarget | undefined;
  /** Login and TLS from the environment. */
  readonly redisAccess: RedisAccess;
  /** In front of every key, as it stands. */
  readonly keyPrefix: string;
  /** Where the configuration was read from. */
  readonly configPath: string | undefined;
  readonly businessHours: BusinessHoursConfig;
  /** Whether somebody set them. */
  readonly hasHours: boolean;
  /** How logveil itself searches. */
  readonly settings: RedactionSettings;
}

/** What the command line says about the deployment. */
export interface DeploymentFlags {
  readonly logs?: readonly string[];
  readonly healthUrl?: string;
  readonly metricsUrl?: string;
}

/**
 * @param config the configuration in force
 * @param env read for `LOGVEIL_REDIS_*`
 * @throws UsageError
 */
export function toDeployment(
  config: Config,
  flags: DeploymentFlags,
  env: NodeJS.ProcessEnv,
  rest: Pick<Deployment, 'configPath' | 'settings'>,
): Deployment {
  const base = config.deployment ?? deploymentSchema.parse({});
  const logs = flags.logs ?? base.logs;
  const healthUrl = checkedUrl(flags.healthUrl, '--health-url') ?? base.healthUrl;
  const metricsUrl = checkedUrl(flags.metricsUrl, '--metrics-url') ?? base.metricsUrl;
  const { url, prefix } = base.redis;
  const named = env.LOGVEIL_REDIS_PREFIX ?? config.protection?.redis?.prefix ?? '';
  return {
    ...base,
    ...(logs && { logs: [...logs] }),
    ...(healthUrl !== undefined && { healthUrl }),
    ...(metricsUrl !== undefined && { metricsUrl }),
    // That of logveil's own breakers, where the deployment names no other.
    redisTarget: redisTarget(url === undefined ? config.protection?.redis : { ...NO_REDIS, url }, env),
    redisAccess: redisAccess(env, config.protection?.redis?.tls),
    // logveil's own keys have a colon behind their prefix; that of an application stands as it is.
    keyPrefix: prefix !== '' || named === '' ? prefix : `${named}:`,
    businessHours: config.businessHours ?? defaultBusinessHours(),
    hasHours: config.businessHours !== undefined,
    ...rest,
  };
}

/** Whether anything is named that could be looked at. */
export function isEmpty({ logs, healthUrl, redisTarget: target }: Deployment): boolean {
  return logs === undefined && healthUrl === undefined && target === undefined;
}

function checkedUrl(url: string | undefined, flag: string): string | undefined {
  if (url === undefined) return undefined;
  if (URL.canParse(url)) {
    const { protocol, username, password } = new URL(url);
    if (/^https?:$/.test(protocol) && username === '' && password === '') return url;
  }
  throw new UsageError(`${flag}: expected an http or https address without credentials`);
}

/** An address for people: without what stands behind `?`, which may be a token. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}${search === '' ? '' : '?...'}`;
}

/** `redis://HOST:PORT/DB`, without name and password. */
export function shownRedis({ redisTarget: target }: Deployment): string {
  if (target === undefined) return 'Redis (no address)';
  const { kind, nodes, database, isTls } = target;
  const mode = kind === 'standalone' ? '' : `+${kind}`;
  const hosts = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
  return `redis${isTls ? 's' : ''}${mode}://${hosts}${database === 0 ? '' : `/${database}`}`;
}
