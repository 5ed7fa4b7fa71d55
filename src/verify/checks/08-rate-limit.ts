/** 8: the rate limiter counts, and the limit is kept. */
import { type Check, type Outcome, percent, plural } from '../check.ts';
import type { Context } from '../context.ts';
import { type MinuteCount, readMinutes } from '../probes/rateLimit.ts';
import { askRedis } from './support.ts';

const TRIGGER = 'rate-limit-exceeded';

export const rateLimit: Check = {
  number: 8,
  id: 'rate-limit',
  title: 'Rate limiter',
  level: 'must',
  group: 'leaks',
  triggers: [TRIGGER],
  threshold: ({ rateLimit: { limit }, thresholds }) =>
    `up to ${percent(thresholds.rateLimitWarn)} of ${limit} a minute; fails above ${limit}`,
  touches: ({ keyPrefix, rateLimit: { key, zone } }) => [
    `GET, TTL of ${keyPrefix}${key}:<YYYY-MM-DD-HH-MM> (${zone}), this minute and the one before`,
  ],
  run: (context) => askRedis(context, async (redis) => judge(await readMinutes(redis, context), context)),
};

function judge(minutes: readonly MinuteCount[], { deployment }: Context): Outcome {
  const { limit } = deployment.rateLimit;
  const { rateLimitWarn } = deployment.thresholds;
  const invalid = minutes.filter(({ count }) => count === 'invalid');
  const counts = minutes.map(({ count }) => (typeof count === 'number' ? count : 0));
  const now = counts[0] ?? 0;
  const most = Math.max(0, ...counts);
  const lasting = minutes.filter(({ isLasting }) => isLasting).length;
  const details = minutes
    .filter(({ count }) => count !== undefined)
    .map(({ minute, count }) => `${minute}: ${count === 'invalid' ? 'no number' : count}`);
  const metrics: Outcome['metrics'] = [
    {
      name: 'rate_limit_used',
      value: most,
      unit: '',
      warn: String(Math.floor(limit * rateLimitWarn)),
      fail: String(limit),
      min: 0,
      max: limit,
    },
  ];
  if (invalid.length > 0) {
    return {
      status: 'fail',
      observed: `${plural(invalid.length, 'counter')} that hold no number`,
      recommendation: 'Something else writes these keys: the limit is not kept while it does.',
      details,
      metrics,
    };
  }
  const observed =
    details.length === 0
      ? 'no call in this minute and the one before'
      : `${now} this minute, at most ${most} of ${limit}`;
  if (most > limit) {
    return {
      status: 'fail',
      observed,
      recommendation: 'Calls go past the limiter, or two count apart: see which process calls without it.',
      details,
      metrics,
      signs: [
        { trigger: TRIGGER, state: 'fired', reason: `${most} calls in a minute, the limit is ${limit}` },
      ],
    };
  }
  const isNear = most > limit * rateLimitWarn;
  if (lasting > 0) details.push(`${plural(lasting, 'counter')} without a time to live: they would never go`);
  return {
    status: isNear || lasting > 0 ? 'warn' : 'pass',
    observed,
    ...((isNear || lasting > 0) && { level: 'should' }),
    ...(isNear && {
      recommendation: 'Spread the calls, or keep answers longer; beyond the limit they wait.',
    }),
    ...(!isNear && lasting > 0 && { recommendation: 'Set a time to live when the counter is made.' }),
    details,
    metrics,
    signs: [{ trigger: TRIGGER, state: 'clear', reason: observed }],
  };
}
