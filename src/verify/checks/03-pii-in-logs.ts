/** 3: no personal data and no secrets in the current logs. Counts and places are told, values never. */
import { LogveilError } from '../../errors.ts';
import { SEVERITIES } from '../../findings/finding.ts';
import { formatSize } from '../../telemetry/size.ts';
import { type Check, type Outcome, plural, shownMs } from '../check.ts';
import type { Context } from '../context.ts';
import type { Deployment } from '../deployment.ts';
import { findLeaks, type Leaks } from '../logs/leaks.ts';
import { listed, logsOf, notConfigured, shownGaps, shownPlace } from './support.ts';

const TRIGGER = 'pii-visible';

export const piiInLogs: Check = {
  number: 3,
  id: 'pii-in-logs',
  title: 'No personal data or secrets in logs',
  level: 'must',
  group: 'leaks',
  triggers: [TRIGGER],
  isHeavy: true,
  threshold: ({ thresholds }) =>
    thresholds.leakSeverity === 'low' ? 'none' : `none of severity ${thresholds.leakSeverity} or above`,
  touches: logsOf,
  async run(context, signal) {
    const { deployment } = context;
    if (deployment.logs === undefined) return notConfigured('no log', 'deployment.logs', 'pii-in-logs');
    const leaks = await search(context, signal);
    return 'status' in leaks ? leaks : judge(leaks, deployment);
  },
};

async function search(context: Context, signal: AbortSignal): Promise<Leaks | Outcome> {
  try {
    return await findLeaks(context.deployment, await context.redaction(), signal);
  } catch (error) {
    if (!(error instanceof LogveilError)) throw error;
    return { status: 'unknown', observed: "the rules can't be loaded", recommendation: 'See check 1.' };
  }
}

function judge(leaks: Leaks, deployment: Deployment): Outcome {
  const { findings, files, bytes, gaps, withheld } = leaks;
  const { leakSeverity } = deployment.thresholds;
  const grave = SEVERITIES.slice(SEVERITIES.indexOf(leakSeverity)).reduce(
    (sum, severity) => sum + (leaks.bySeverity[severity] ?? 0),
    0,
  );
  const where = `${plural(files, 'log')}, ${formatSize(bytes)}`;
  const isUnsure = gaps.length > 0 || withheld > 0 || leaks.isCut || files === 0;
  const common = {
    details: [...placesOf(leaks), ...doubtsOf(leaks, deployment)],
    metrics: [
      { name: 'leaks', value: findings, unit: '' as const, warn: '0', fail: '0', min: 0 },
      { name: 'log_bytes', value: bytes, unit: 'B' as const, min: 0 },
    ],
  };
  if (grave > 0) {
    return {
      ...common,
      status: 'fail',
      observed: `${plural(findings, 'finding')} in ${where}`,
      recommendation:
        'Stop shipping these logs, put logveil in front of them, and clean them: `logveil scrub`. Then find who writes it at the places below.',
      signs: [{ trigger: TRIGGER, state: 'fired', reason: `${plural(grave, 'finding')} in current logs` }],
    };
  }
  if (isUnsure) {
    return {
      ...common,
      status: 'unknown',
      observed: `nothing found in ${where}, but not all could be looked at`,
      recommendation: 'See to it that every log can be read; what was not read is not clean.',
    };
  }
  const hasDoubts = findings > 0 || leaks.isStale;
  return {
    ...common,
    status: hasDoubts ? 'warn' : 'pass',
    observed: findings > 0 ? `${plural(findings, 'lesser finding')} in ${where}` : `none in ${where}`,
    ...(hasDoubts && {
      recommendation: leaks.isStale
        ? 'Check that the application still writes its logs, and that `deployment.logs` names them.'
        : 'Look at the places below.',
    }),
    signs: leaks.isStale
      ? []
      : [{ trigger: TRIGGER, state: 'clear', reason: `none at or above ${leakSeverity} in ${where}` }],
  };
}

function placesOf({ places }: Leaks): string[] {
  return listed(
    places.map((place) => {
      const { rule, entity, severity, count } = place;
      return `${shownPlace(place)}: ${rule} (${entity}, ${severity})${count > 1 ? ` x${count}` : ''}`;
    }),
  );
}

function doubtsOf({ gaps, withheld, isCut, isStale, newestMs }: Leaks, deployment: Deployment): string[] {
  const doubts = shownGaps(gaps);
  if (withheld > 0) doubts.push(`${plural(withheld, 'line')} could not be looked at: engine error`);
  if (isCut) doubts.push('the time was up before all was looked at (`deployment.limits.check`)');
  if (isStale && newestMs !== undefined) {
    const age = shownMs(Date.now() - newestMs);
    doubts.push(
      `the newest log was last written ${age} ago (limit ${shownMs(deployment.thresholds.logAge)})`,
    );
  }
  return doubts;
}
