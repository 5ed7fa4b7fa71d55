/** 4: the health endpoint answers 200. */
import { type Check, type Outcome, shownMs } from '../check.ts';
import { type Deployment, shownUrl } from '../deployment.ts';
import type { Health } from '../probes/health.ts';
import type { Sign } from '../triggers.ts';
import { notConfigured } from './support.ts';

const TRIGGER = 'application-crash';

export const health: Check = {
  number: 4,
  id: 'health',
  title: 'Health endpoint',
  level: 'must',
  group: 'performance',
  triggers: [TRIGGER],
  threshold: () => 'HTTP 200',
  touches: ({ healthUrl }) =>
    healthUrl === undefined ? [] : [`sends one GET to ${shownUrl(healthUrl)} (also for check 5)`],
  async run(context) {
    const asked = context.health();
    if (asked === undefined) return notConfigured('the health endpoint', 'deployment.healthUrl', 'health');
    return judge(await asked, context.deployment);
  },
};

function judge(answer: Health, { healthUrl = '' }: Deployment): Outcome {
  const fired = (reason: string): readonly Sign[] => [{ trigger: TRIGGER, state: 'fired', reason }];
  if (answer.kind === 'unreachable') {
    return {
      status: 'fail',
      observed: `no answer: ${answer.reason}`,
      recommendation: `Is the application running? \`curl -v ${shownUrl(healthUrl)}\``,
      signs: fired('the application does not answer'),
    };
  }
  if (answer.kind === 'silent') {
    return {
      status: 'fail',
      observed: `no answer within ${shownMs(answer.afterMs)}`,
      recommendation:
        'It accepts connections and does not answer: look for blocked workers and a full queue.',
      signs: fired('the application hangs'),
    };
  }
  return judgeAnswer(answer, fired);
}

function judgeAnswer(
  { status, word }: Extract<Health, { kind: 'answered' }>,
  fired: (reason: string) => readonly Sign[],
): Outcome {
  const observed = `HTTP ${status}${word === undefined ? '' : `, it says ${word}`}`;
  const metrics: Outcome['metrics'] = [{ name: 'health_status', value: status, unit: '' }];
  if (status >= 500) {
    const recommendation =
      "Look at the application's log for the error; roll back if it came with this deployment.";
    return { status: 'fail', observed, recommendation, metrics, signs: fired(`HTTP ${status}`) };
  }
  const signs: readonly Sign[] = [{ trigger: TRIGGER, state: 'clear', reason: observed }];
  if (status >= 300 && status < 400) {
    const recommendation =
      'Redirects are not followed, that would be a second request: name the address it leads to.';
    return { status: 'fail', observed, recommendation, metrics, signs };
  }
  if (status < 200 || status >= 400) {
    const recommendation = 'Is this the right address, and may it be asked without a login?';
    return { status: 'fail', observed, recommendation, metrics, signs };
  }
  if (word === 'down') {
    const recommendation = 'It answers 200 and says that it is down: see what its answer names.';
    return {
      status: 'fail',
      observed,
      recommendation,
      metrics,
      signs: fired('the application says it is down'),
    };
  }
  if (status !== 200 || word === 'degraded') {
    const recommendation =
      word === 'degraded'
        ? 'See what its answer names.'
        : 'Expected exactly 200; is this the health endpoint?';
    return { status: 'warn', observed, recommendation, metrics, signs };
  }
  return { status: 'pass', observed, metrics, signs };
}
