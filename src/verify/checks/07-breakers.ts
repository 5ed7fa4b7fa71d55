/** 7: circuit breakers tell their state, and none is stuck open. */
import { type Check, type Outcome, plural, shownMs } from '../check.ts';
import type { Context } from '../context.ts';
import { type BreakerSeen, readBreakers } from '../probes/breakers.ts';
import { askRedis, listed } from './support.ts';

const TRIGGER = 'breaker-stuck-open';

interface Verdict {
  readonly status: 'pass' | 'warn' | 'fail';
  readonly text: string;
  readonly isStuck: boolean;
}

export const breakers: Check = {
  number: 7,
  id: 'breakers',
  title: 'Circuit breakers',
  level: 'must',
  group: 'leaks',
  triggers: [TRIGGER],
  threshold: ({ thresholds }) => `closed; fails when open for more than ${shownMs(thresholds.breakerOpen)}`,
  touches: ({ keyPrefix, services }) => [
    `SCAN, MGET, TTL of ${keyPrefix}circuit_breaker:*:state and :opened_at`,
    ...services.map((service) => `expects the breaker of ${service}`),
  ],
  run: (context, signal) =>
    askRedis(context, async (redis) => {
      const { seen, isComplete } = await readBreakers(redis, context, signal);
      const verdicts = seen.map((breaker) => judge(breaker, context));
      return together(verdicts, isComplete);
    }),
};

function judge(breaker: BreakerSeen, { deployment }: Context): Verdict {
  const { service, state, openForMs } = breaker;
  const { thresholds, breakers: policy } = deployment;
  if (state === 'closed') return { status: 'pass', text: `${service}: closed`, isStuck: false };
  if (state === 'half_open') return { status: 'warn', text: `${service}: half_open`, isStuck: false };
  if (state === 'absent') {
    return { status: policy.absent, text: `${service}: no state in Redis`, isStuck: false };
  }
  if (state === 'invalid') {
    return { status: 'fail', text: `${service}: neither closed, open nor half_open`, isStuck: false };
  }
  if (openForMs === undefined) {
    return {
      status: policy.openUntold,
      text: `${service}: open, nothing tells for how long`,
      isStuck: false,
    };
  }
  const isStuck = openForMs > thresholds.breakerOpen;
  const seenOnly = breaker.isAtLeast ? 'at least ' : '';
  return {
    status: isStuck ? 'fail' : 'warn',
    text: `${service}: open for ${seenOnly}${shownMs(openForMs)}`,
    isStuck,
  };
}

function together(verdicts: readonly Verdict[], isComplete: boolean): Outcome {
  const count = (status: Verdict['status']): number =>
    verdicts.filter((verdict) => verdict.status === status).length;
  const notClosed = verdicts.length - count('pass');
  const metrics: Outcome['metrics'] = [
    { name: 'breakers', value: verdicts.length, unit: '', min: 0 },
    { name: 'breakers_not_closed', value: notClosed, unit: '', warn: '0', min: 0 },
  ];
  const details = listed(verdicts.map(({ text }) => text));
  if (!isComplete) details.push('not all keys of Redis were looked at');
  if (verdicts.length === 0) {
    return {
      status: 'unknown',
      observed: 'no breaker is named, and none is in Redis',
      recommendation: 'Name the services with `deployment.services`, or leave the check out.',
      details,
      metrics,
    };
  }
  const stuck = verdicts.filter(({ isStuck }) => isStuck);
  const status = count('fail') > 0 ? 'fail' : count('warn') > 0 ? 'warn' : 'pass';
  return {
    status,
    observed:
      status === 'pass'
        ? `${plural(verdicts.length, 'breaker')} closed`
        : `${notClosed} of ${plural(verdicts.length, 'breaker')} not closed`,
    // A breaker that is not closed for a short time does its work.
    level: status === 'warn' ? 'should' : 'must',
    ...(status !== 'pass' && {
      recommendation:
        'See whether the service behind it answers (its status page, its log lines); a breaker closes by itself when it does.',
    }),
    details,
    metrics,
    signs: [
      stuck.length > 0
        ? { trigger: TRIGGER, state: 'fired', reason: stuck.map(({ text }) => text).join(', ') }
        : {
            trigger: TRIGGER,
            state:
              verdicts.some(({ text }) => text.endsWith('for how long')) || !isComplete ? 'unknown' : 'clear',
            reason: verdicts.map(({ text }) => text).join(', '),
          },
    ],
  };
}
