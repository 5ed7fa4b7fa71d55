/** 11: how much of what is looked up in the cache is there. */
import { type Check, type Outcome, percent, plural } from '../check.ts';
import { askRedis } from './support.ts';

export const cacheHits: Check = {
  number: 11,
  id: 'cache-hits',
  title: 'Cache hit ratio',
  level: 'should',
  group: 'performance',
  triggers: [],
  threshold: ({ thresholds }) =>
    `above ${percent(thresholds.cacheHitPass)}; fails below ${percent(thresholds.cacheHitWarn)}`,
  touches: () => ['asks Redis: INFO (keyspace_hits, keyspace_misses)'],
  run: (context) =>
    askRedis(context, async (redis): Promise<Outcome> => {
      const info = await redis.info();
      const hits = Number(info.get('keyspace_hits') ?? 0);
      const lookups = hits + Number(info.get('keyspace_misses') ?? 0);
      const { cacheHitPass, cacheHitWarn, cacheLookups } = context.deployment.thresholds;
      const since = `since Redis started (${plural(Number(info.get('uptime_in_days') ?? 0), 'day')})`;
      if (lookups === 0 || lookups < cacheLookups) {
        return {
          status: 'warn',
          observed: `${plural(lookups, 'lookup')} ${since}: too few to judge`,
          recommendation: 'Look again when there has been traffic.',
        };
      }
      const ratio = hits / lookups;
      const status = ratio > cacheHitPass ? 'pass' : ratio >= cacheHitWarn ? 'warn' : 'fail';
      const limit = (share: number): string => `${Number((share * 100).toFixed(2))}:`;
      return {
        status,
        observed: `${percent(ratio)} of ${plural(lookups, 'lookup')} ${since}`,
        ...(status !== 'pass' && {
          recommendation:
            'After a start a cache is cold. If it stays so: keys that differ each time, or a time to live that is too short.',
        }),
        metrics: [
          {
            name: 'cache_hit_ratio',
            value: Number((ratio * 100).toFixed(2)),
            unit: '%',
            warn: limit(cacheHitPass),
            fail: limit(cacheHitWarn),
            min: 0,
            max: 100,
          },
        ],
      };
    }),
};
