/** What a verification would touch; nothing of it is done. */
import type { Paint } from '../telemetry/colour.ts';
import type { Check } from './check.ts';
import type { Deployment } from './deployment.ts';

export function dryRun(deployment: Deployment, checks: readonly Check[], paint: Paint): string {
  const lines = checks.flatMap((check) => {
    const { number, title } = check;
    if (deployment.skip.includes(check.id)) return [`${number}. ${title}: left out`];
    const touched = check.touches(deployment);
    return [
      paint('bold', `${number}. ${title}`),
      ...(touched.length === 0 ? ['   nothing of its own'] : touched.map((one) => `   ${one}`)),
    ];
  });
  return `${['Nothing is written anywhere. It would:', '', ...lines].join('\n')}\n`;
}
