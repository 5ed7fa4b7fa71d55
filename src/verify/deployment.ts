/** What is verified: the configuration with every setting meant, and the address of Redis from the environment. */
import { type BusinessHoursConfig, defaultBusinessHours } from '../config/businessHours.ts';
import { type DeploymentConfig, deploymentSchema } from '../config/deployment.ts';
import type { Config } from '../config/schema.ts';
import type { RedactionSettings } from '../config/settings.ts';
import { UsageError } from '../errors.ts';

export interface Deployment extends DeploymentConfig {
  /** Address of Redis, may hold a password: never shown. Undefined where none is named. */
  readonly redisUrl: string | undefined;
  /** Where that address comes from. */
  readonly redisSource: 'environment' | 'configuration' | 'nowhere';
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
 * @param env read for `LOGVEIL_REDIS_URL` and `LOGVEIL_REDIS_PREFIX`
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
  const fromEnvironment = env.LOGVEIL_REDIS_URL === '' ? undefined : env.LOGVEIL_REDIS_URL;
  const redisUrl = checkedRedis(fromEnvironment) ?? base.redis.url;
  const { LOGVEIL_REDIS_PREFIX: named = '' } = env;
  return {
    ...base,
    ...(logs && { logs: [...logs] }),
    ...(healthUrl !== undefined && { healthUrl }),
    ...(metricsUrl !== undefined && { metricsUrl }),
    redisUrl,
    redisSource:
      fromEnvironment !== undefined ? 'environment' : redisUrl === undefined ? 'nowhere' : 'configuration',
    // logveil's own keys have a colon behind their prefix; that of an application stands as it is.
    keyPrefix: base.redis.prefix !== '' || named === '' ? base.redis.prefix : `${named}:`,
    businessHours: config.businessHours ?? defaultBusinessHours(),
    hasHours: config.businessHours !== undefined,
    ...rest,
  };
}

/** Whether anything is named that could be looked at. */
export function isEmpty({ logs, healthUrl, redisUrl }: Deployment): boolean {
  return logs === undefined && healthUrl === undefined && redisUrl === undefined;
}

function checkedUrl(url: string | undefined, flag: string): string | undefined {
  if (url === undefined) return undefined;
  if (URL.canParse(url)) {
    const { protocol, username, password } = new URL(url);
    if (/^https?:$/.test(protocol) && username === '' && password === '') return url;
  }
  throw new UsageError(`${flag}: expected an http or https address without credentials`);
}

function checkedRedis(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  if (URL.canParse(url) && /^rediss?:$/.test(new URL(url).protocol)) return url;
  throw new UsageError('LOGVEIL_REDIS_URL: expected an address such as `redis://localhost:6379`');
}

/** An address for people: without what stands behind `?`, which may be a token. */
export function shownUrl(url: string): string {
  const { protocol, host, pathname, search } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}${search === '' ? '' : '?...'}`;
}

/** `redis://HOST:PORT/DB`, without name and password. */
export function shownRedis({ redisUrl }: Deployment): string {
  return redisUrl === undefined ? 'Redis (no address)' : shownUrl(redisUrl);
}
