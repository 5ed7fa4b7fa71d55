/** Statuses of breakers and limiters: of all services that Redis knows, by reading alone, or of none without a Redis. */
import type { ProtectionConfig } from '../config/services.ts';
import { redisTarget } from '../services/protections.ts';
import { RedisKeys } from '../state/keys.ts';
import { redisAccess, redisClient } from '../state/redisClient.ts';
import { RedisServices } from './redisServices.ts';
import type { ServiceSource } from './services.ts';

/** An answer that takes longer is none. */
const ANSWER_MS = 1500;
const LONGEST_WAIT_MS = 2000;

/** The server itself calls no service of others, so without a Redis there is nothing to tell. */
const NONE: ServiceSource = {
  store: 'memory',
  read: async () => ({ breakers: [], limiters: [] }),
  close: async () => {},
};

/**
 * Connects in the background; a Redis that is away is no reason not to redact.
 * @param env for `LOGVEIL_REDIS_*`
 * @throws UsageError for an address or prefix that is none, IoError for a file of TLS that can't be read
 */
export function openServiceSource(
  config: ProtectionConfig | undefined,
  env: NodeJS.ProcessEnv,
): ServiceSource {
  const target = redisTarget(config?.redis, env);
  if (target === undefined) return NONE;
  const keys = new RedisKeys(env.LOGVEIL_REDIS_PREFIX ?? config?.redis?.prefix);
  const client = redisClient(target, redisAccess(env, config?.redis?.tls), {
    commandTimeout: ANSWER_MS,
    connectTimeout: ANSWER_MS,
    enableOfflineQueue: false,
    // A user that may only read may not ask for INFO.
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 200, LONGEST_WAIT_MS),
  });
  // The next reading tells that it is away.
  client.on('error', () => {});
  client.connect().catch(() => {});
  return new RedisServices(client, keys, config);
}
