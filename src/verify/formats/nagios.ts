/**
 * As Nagios, Icinga and others read it: the state and the sum on the first line, perfdata behind `|`, then long output.
 * https://www.monitoring-plugins.org/doc/guidelines.html, sections 2.1 to 2.6
 */
import type { Metric, Verification } from '../result.ts';
import { headline, wordOf } from './words.ts';

export function nagiosFormat(verification: Verification): string {
  const { checks, triggers, runbook } = verification;
  const perfdata = [
    ...checks.flatMap(({ metrics }) => metrics),
    { name: 'time', value: verification.seconds, unit: 's' as const, min: 0 },
  ].map(perf);
  const long = [
    ...checks
      .filter(({ status }) => status !== 'pass' && status !== 'skipped')
      .map(
        (check) => `${wordOf(check)} ${check.number} ${check.title}: ${check.observed} (${check.threshold})`,
      ),
    ...triggers
      .filter(({ state }) => state === 'fired')
      .map(({ number, title, reason }) => `Rollback trigger ${number}: ${title}: ${reason}`),
    ...(runbook.length > 0
      ? ['Runbook: docs/emergency-rollback-procedure.md; `logveil verify` prints it filled.']
      : []),
  ];
  // A further `|` would begin more perfdata.
  const text = long.map((line) => line.replaceAll('|', '/'));
  return `${[`${headline(verification)} | ${perfdata.join(' ')}`, ...text].join('\n')}\n`;
}

/** `'label'=value[UOM];[warn];[crit];[min];[max]`, without what is empty at its end. */
function perf({ name, value, unit, warn = '', fail = '', min, max }: Metric): string {
  return `'${name}'=${value}${unit};${warn};${fail};${min ?? ''};${max ?? ''}`.replace(/;+$/, '');
}
