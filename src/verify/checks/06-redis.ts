/** 6: Redis answers, and is fit to serve. */
import { type Check, type Outcome, percent, shownMs } from '../check.ts';
import { shownRedis } from '../deployment.ts';
import { RedisUnavailable } from '../probes/redis.ts';
import { notConfigured } from './support.ts';

/** Of the memory it may use; beyond, keys are soon evicted or writes refused. */
const MOST_MEMORY = 0.9;

export const redis: Check = {
  number: 6,
  id: 'redis',
  title: 'Redis',
  level: 'must',
  group: 'leaks',
  triggers: [],
  threshold: ({ thresholds }) =>
    `answers; under ${shownMs(thresholds.redisPing)} and ${percent(MOST_MEMORY)} of its memory`,
  touches: (deployment) =>
    deployment.redisTarget === undefined ? [] : [`asks ${shownRedis(deployment)}: PING, INFO`],
  async run(context) {
    if (context.deployment.redisTarget === undefined) {
      return notConfigured('Redis', 'deployment.redis.url` or `LOGVEIL_REDIS_URL', 'redis');
    }
    try {
      const reader = await context.redis();
      const pingMs = await context.redisPing();
      return judge(pingMs, await reader.info(), context.deployment.thresholds.redisPing);
    } catch (error) {
      if (!(error instanceof RedisUnavailable)) throw error;
      return {
        // It is there, only we may not ask: that says nothing about the application.
        status: error.refusal !== undefined ? 'unknown' : 'fail',
        observed: `${shownRedis(context.deployment)}: ${error.message}`,
        recommendation:
          error.refusal !== undefined
            ? 'Give the verification a user of its own: `ACL SETUSER verify on >... ~* +@read +ping +info`.'
            : 'Is it running, and is the address right? Breakers, limits and the cache depend on it.',
      };
    }
  },
};

function judge(pingMs: number, info: ReadonlyMap<string, string>, slowMs: number): Outcome {
  const number = (field: string): number => Number(info.get(field) ?? 0);
  const doubts: string[] = [];
  const [used, most] = [number('used_memory'), number('maxmemory')];
  if (most > 0 && used / most > MOST_MEMORY) {
    doubts.push(`memory: ${percent(used / most)} of maxmemory is used (${info.get('maxmemory_policy')})`);
  }
  if (pingMs >= slowMs) doubts.push('slow to answer PING');
  if (info.get('loading') === '1') doubts.push('it is still loading its data');
  if (info.get('role') === 'slave') doubts.push('it is a replica: what it shows may be late');
  if (info.get('master_link_status') === 'down') doubts.push('it has lost its master');
  if (info.get('rdb_last_bgsave_status') === 'err') doubts.push('its last save to disk failed');
  if (info.get('aof_last_write_status') === 'err')
    doubts.push('its last write to the append-only file failed');
  return {
    status: doubts.length > 0 ? 'warn' : 'pass',
    observed: `answers in ${pingMs.toFixed(1)} ms, version ${info.get('redis_version') ?? 'unknown'}`,
    ...(doubts.length > 0 && { recommendation: 'Look at `redis-cli INFO`.' }),
    details: doubts,
    metrics: [
      {
        name: 'redis_ping',
        value: Number((pingMs / 1000).toFixed(5)),
        unit: 's',
        warn: String(slowMs / 1000),
        min: 0,
      },
      { name: 'redis_memory', value: used, unit: 'B', min: 0, ...(most > 0 && { max: most }) },
    ],
  };
}
