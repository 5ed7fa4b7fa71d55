/** 5: the response time, taken from the one GET of check 4. */
import { type Check, shownMs } from '../check.ts';
import { notConfigured } from './support.ts';

const seconds = (ms: number): number => Number((ms / 1000).toFixed(4));

export const responseTime: Check = {
  number: 5,
  id: 'response-time',
  title: 'Response time',
  level: 'should',
  group: 'performance',
  triggers: [],
  threshold: ({ thresholds }) =>
    `under ${shownMs(thresholds.responseWarn)}; fails from ${shownMs(thresholds.responseFail)}`,
  touches: () => [],
  async run(context) {
    const asked = context.health();
    if (asked === undefined) {
      return notConfigured('the health endpoint', 'deployment.healthUrl', 'response-time');
    }
    const answer = await asked;
    const { responseWarn, responseFail } = context.deployment.thresholds;
    if (answer.kind === 'unreachable') {
      return { status: 'unknown', observed: 'no answer to take the time of', recommendation: 'See check 4.' };
    }
    const ms = answer.kind === 'silent' ? answer.afterMs : answer.totalMs;
    if (answer.kind === 'silent' && ms < responseFail) {
      return {
        status: 'unknown',
        observed: `no answer within ${shownMs(ms)}`,
        recommendation: 'See check 4.',
      };
    }
    const status = ms >= responseFail ? 'fail' : ms >= responseWarn ? 'warn' : 'pass';
    const isCold = status !== 'pass';
    return {
      status,
      observed: answer.kind === 'silent' ? `more than ${shownMs(ms)}` : shownMs(Math.round(ms)),
      ...(isCold && {
        recommendation:
          'One answer is a sample: compare with what users see, then look at slow queries, workers and opcache.',
      }),
      details:
        answer.kind === 'answered' ? [`first byte after ${shownMs(Math.round(answer.firstByteMs))}`] : [],
      metrics: [
        {
          name: 'response_time',
          value: seconds(ms),
          unit: 's',
          warn: String(seconds(responseWarn)),
          fail: String(seconds(responseFail)),
          min: 0,
        },
      ],
    };
  },
};
