/** 12: no fatal errors, few errors, and users get done what they want, over the last hour of the logs. */
import { type Check, type Outcome, percent, plural, shownMs } from '../check.ts';
import type { Deployment } from '../deployment.ts';
import { type Activity, HOUR_MS } from '../logs/activity.ts';
import type { Metric } from '../result.ts';
import type { Sign } from '../triggers.ts';
import { logsOf, notConfigured, shownGaps, shownPlace } from './support.ts';

const CRASH = 'application-crash';
const FAILURES = 'user-failures';

export const errors: Check = {
  number: 12,
  id: 'errors',
  title: 'Fatal errors and error rate',
  level: 'must',
  group: 'errors',
  triggers: [CRASH, FAILURES],
  isHeavy: true,
  threshold: ({ thresholds }) =>
    `none fatal; under ${thresholds.errorsWarn} errors an hour, fails from ${thresholds.errorsFail}; at most ${percent(thresholds.failureRate)} of user actions fail`,
  touches: logsOf,
  async run(context) {
    const { deployment } = context;
    if (deployment.logs === undefined) return notConfigured('no log', 'deployment.logs', 'errors');
    return judge(await context.activity(), deployment);
  },
};

type Step = Pick<Outcome, 'status' | 'observed' | 'level'> & { readonly recommendation?: string };

function judge(activity: Activity, deployment: Deployment): Outcome {
  const steps = [
    fatal(activity),
    failing(activity, deployment),
    tooMany(activity, deployment),
    unsure(activity),
    some(activity, deployment),
  ];
  const step = steps.find((one) => one !== undefined) ?? well(activity);
  return {
    ...step,
    details: detailsOf(activity, deployment),
    metrics: metricsOf(activity, deployment),
    signs: [crashSign(activity), failureSign(activity, deployment)],
  };
}

function fatal({ fatals }: Activity): Step | undefined {
  if (fatals === 0) return undefined;
  return {
    status: 'fail',
    level: 'must',
    observed: `${plural(fatals, 'fatal error')} in the last hour`,
    recommendation: 'Look at the places below; roll back if they came with this deployment.',
  };
}

function failing(activity: Activity, { thresholds }: Deployment): Step | undefined {
  const rate = rateOf(activity, thresholds.failureLeast);
  if (rate === undefined || rate <= thresholds.failureRate) return undefined;
  return {
    status: 'fail',
    level: 'must',
    observed: `${percent(rate)} of ${plural(activity.successes + activity.failures, 'user action')} failed`,
    recommendation: 'Users do not get done what they want: roll back, then look for the cause.',
  };
}

function tooMany({ errorsPerHour }: Activity, { thresholds }: Deployment): Step | undefined {
  if (errorsPerHour < thresholds.errorsFail) return undefined;
  return {
    status: 'fail',
    level: 'should',
    observed: `${errorsPerHour} errors an hour`,
    recommendation: 'Find the most frequent one first: docs/monitoring-quick-reference.md has the commands.',
  };
}

function unsure({ files, gaps, isCut, lines, timed }: Activity): Step | undefined {
  const observed =
    files === 0 || gaps.length > 0
      ? 'not all logs could be looked at'
      : isCut
        ? 'the time was up before all was looked at'
        : lines > 0 && timed === 0
          ? 'no line tells when it was written'
          : undefined;
  if (observed === undefined) return undefined;
  return {
    status: 'unknown',
    level: 'must',
    observed,
    recommendation: 'See to it that every log can be read, and that its lines begin with a time.',
  };
}

function some({ errorsPerHour, isStale }: Activity, { thresholds }: Deployment): Step | undefined {
  if (errorsPerHour >= thresholds.errorsWarn) {
    return {
      status: 'warn',
      level: 'should',
      observed: `${errorsPerHour} errors an hour, none fatal`,
      recommendation: 'Compare with the hours before the deployment.',
    };
  }
  if (!isStale) return undefined;
  return {
    status: 'warn',
    level: 'should',
    observed: 'no log was written to lately',
    recommendation:
      'Check that the application still writes its logs, and that `deployment.logs` names them.',
  };
}

function well({ errorsPerHour, lines, files }: Activity): Step {
  return {
    status: 'pass',
    level: 'must',
    observed: `${plural(errorsPerHour, 'error')} an hour, none fatal (${plural(lines, 'line')} in ${plural(files, 'log')})`,
  };
}

/** Share of user actions that failed; undefined where there were too few to say. */
function rateOf({ successes, failures }: Activity, least: number): number | undefined {
  const all = successes + failures;
  return all < least ? undefined : failures / all;
}

function crashSign({ fatals, files, gaps, isCut }: Activity): Sign {
  if (fatals > 0) return { trigger: CRASH, state: 'fired', reason: plural(fatals, 'fatal error') };
  const isSure = files > 0 && gaps.length === 0 && !isCut;
  return isSure
    ? { trigger: CRASH, state: 'clear', reason: 'no fatal error in the last hour' }
    : { trigger: CRASH, state: 'unknown', reason: 'not all logs could be looked at' };
}

function failureSign(activity: Activity, { thresholds, activity: texts }: Deployment): Sign {
  const rate = rateOf(activity, thresholds.failureLeast);
  const all = activity.successes + activity.failures;
  if (texts.success.length === 0 || texts.failure.length === 0) {
    return { trigger: FAILURES, state: 'unknown', reason: '`deployment.activity` names no lines to count' };
  }
  if (rate !== undefined && rate > thresholds.failureRate) {
    return { trigger: FAILURES, state: 'fired', reason: `${percent(rate)} of ${all} user actions failed` };
  }
  if (activity.gaps.length > 0 || activity.isCut || activity.files === 0) {
    return { trigger: FAILURES, state: 'unknown', reason: 'not all logs could be looked at' };
  }
  return rate === undefined
    ? { trigger: FAILURES, state: 'clear', reason: `${plural(all, 'user action')}, too few to judge` }
    : { trigger: FAILURES, state: 'clear', reason: `${percent(rate)} of ${all} user actions failed` };
}

function detailsOf(activity: Activity, { thresholds }: Deployment): string[] {
  const { fatalPlaces, fatals, successes, failures, coveredMs, gaps } = activity;
  const all = successes + failures;
  return [
    ...fatalPlaces.map((place) => `fatal: ${shownPlace(place)}`),
    ...(fatals > fatalPlaces.length ? [`and ${fatals - fatalPlaces.length} more fatal ones`] : []),
    ...(all > 0 ? [`user actions: ${successes} well, ${failures} failed`] : []),
    ...(all > 0 && all < thresholds.failureLeast ? ['too few user actions to judge'] : []),
    ...(coveredMs < HOUR_MS
      ? [
          `looked back ${shownMs(coveredMs)} only (\`deployment.limits.logBytes\`): errors an hour are reckoned up`,
        ]
      : []),
    ...shownGaps(gaps),
  ];
}

function metricsOf(activity: Activity, deployment: Deployment): readonly Metric[] {
  const { errorsWarn, errorsFail, failureRate, failureLeast } = deployment.thresholds;
  const rate = rateOf(activity, failureLeast);
  return [
    {
      name: 'errors_per_hour',
      value: activity.errorsPerHour,
      unit: '',
      warn: String(errorsWarn),
      fail: String(errorsFail),
      min: 0,
    },
    { name: 'fatal_errors', value: activity.fatals, unit: '', fail: '0', min: 0 },
    ...(rate === undefined
      ? []
      : [
          {
            name: 'failure_rate',
            value: Number((rate * 100).toFixed(2)),
            unit: '%' as const,
            fail: String(failureRate * 100),
            min: 0,
            max: 100,
          },
        ]),
  ];
}
