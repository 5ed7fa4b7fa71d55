/** One look at everything, with what it means: the five triggers. */
import type { Redaction } from '../app/redaction.ts';
import { percent, plural, shownMs } from '../verify/check.ts';
import type { Deployment } from '../verify/deployment.ts';
import type { Trigger } from '../verify/result.ts';
import { type CheckSign, judgeTriggers, type TriggerId } from '../verify/triggers.ts';
import { type LogFigures, LogWatch } from './logWatch.ts';
import { type MetricsFigures, readMetrics } from './metricsWatch.ts';
import { type RedisFigures, RedisWatch } from './redisWatch.ts';

export interface Rates {
  /** A second, since the round before; undefined in the first one. */
  readonly lines: number | undefined;
  readonly bytes: number | undefined;
}

export interface Snapshot {
  readonly name: string;
  readonly atMs: number;
  readonly logs: LogFigures;
  readonly redis: RedisFigures;
  readonly metrics: MetricsFigures | undefined;
  readonly logRates: Rates;
  readonly metricRates: Rates;
  /** Lines a second of the last rounds, oldest first. */
  readonly course: readonly number[];
  readonly triggers: readonly Trigger[];
  readonly deployment: Deployment;
}

const MOST_COURSE = 240;

export class Monitor {
  readonly #deployment: Deployment;
  readonly #logs: LogWatch;
  readonly #redis: RedisWatch;
  #before: Pick<Snapshot, 'atMs' | 'logs' | 'metrics'> | undefined;
  #course: number[] = [];

  constructor(deployment: Deployment, redaction: Redaction) {
    this.#deployment = deployment;
    this.#logs = new LogWatch(deployment, redaction);
    this.#redis = new RedisWatch(deployment);
  }

  async look(): Promise<Snapshot> {
    const { metricsUrl, name } = this.#deployment;
    const [logs, redis, metrics] = await Promise.all([
      this.#logs.update(),
      this.#redis.update(),
      metricsUrl === undefined ? undefined : readMetrics(metricsUrl),
    ]);
    const atMs = Date.now();
    const logRates = this.#rates(atMs, logs, this.#before?.logs);
    const metricRates = this.#rates(atMs, metrics, this.#before?.metrics);
    this.#before = { atMs, logs, metrics };
    const rate = metrics === undefined ? logRates.lines : metricRates.lines;
    if (rate !== undefined) this.#course = [...this.#course, rate].slice(-MOST_COURSE);
    return {
      ...{ name, atMs, logs, redis, metrics, logRates, metricRates },
      course: this.#course,
      triggers: judgeTriggers(signsOf(logs, redis, this.#deployment)),
      deployment: this.#deployment,
    };
  }

  close(): void {
    this.#redis.close();
  }

  #rates(atMs: number, now: Counted | undefined, before: Counted | undefined): Rates {
    const seconds = (atMs - (this.#before?.atMs ?? atMs)) / 1000;
    if (now === undefined || before === undefined || seconds <= 0)
      return { lines: undefined, bytes: undefined };
    // Less than before: it was started anew.
    const rate = (one: number, other: number): number => Math.max(0, one - other) / seconds;
    return { lines: rate(now.lines, before.lines), bytes: rate(now.bytes, before.bytes) };
  }
}

type Counted = { readonly lines: number; readonly bytes: number };

function signsOf(logs: LogFigures, redis: RedisFigures, deployment: Deployment): CheckSign[] {
  const sign = (trigger: TriggerId, isFired: boolean, reason: string, isKnown = true): CheckSign => ({
    ...{ trigger, reason, check: 'monitor' },
    state: isFired ? 'fired' : isKnown ? 'clear' : 'unknown',
  });
  const seesLogs = logs.logs > 0 && logs.unread === 0;
  const seesRedis = redis.trouble === undefined;
  const { thresholds, rateLimit, activity } = deployment;
  const stuck = redis.breakers.filter(({ openForMs = 0 }) => openForMs > thresholds.breakerOpen);
  const untold = redis.breakers.some(({ state, openForMs }) => state === 'open' && openForMs === undefined);
  const actions = logs.successes + logs.failures;
  const failed = actions === 0 ? 0 : logs.failures / actions;
  const most = Math.max(0, ...redis.minutes.map(({ count }) => (typeof count === 'number' ? count : 0)));
  const unread = logs.logs === 0 ? 'no log is read' : `${plural(logs.unread, 'log')} can't be read`;
  return [
    sign(
      'pii-visible',
      logs.leaks > 0,
      logs.leaks > 0 || seesLogs ? plural(logs.leaks, 'finding') : unread,
      seesLogs,
    ),
    sign(
      'breaker-stuck-open',
      stuck.length > 0,
      stuck.length > 0
        ? stuck.map(({ service, openForMs = 0 }) => `${service} for ${shownMs(openForMs)}`).join(', ')
        : (redis.trouble ?? plural(redis.breakers.length, 'breaker')),
      seesRedis && redis.breakers.length > 0 && !untold,
    ),
    sign(
      'application-crash',
      logs.fatals > 0,
      logs.fatals > 0 || seesLogs ? plural(logs.fatals, 'fatal error') : unread,
      seesLogs,
    ),
    sign(
      'user-failures',
      actions >= thresholds.failureLeast && failed > thresholds.failureRate,
      actions === 0 ? 'no user action seen' : `${percent(failed)} of ${plural(actions, 'action')}`,
      seesLogs && activity.success.length > 0 && activity.failure.length > 0,
    ),
    sign(
      'rate-limit-exceeded',
      most > rateLimit.limit,
      redis.trouble ?? `${most} of ${rateLimit.limit} a minute`,
      seesRedis,
    ),
  ];
}
