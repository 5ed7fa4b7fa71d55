/** Words that several formats share. */
import { printable } from '../../audit/printable.ts';
import type { CheckResult, Verification } from '../result.ts';

/** As the Monitoring Plugins name their states. */
const STATES = { pass: 'OK', warn: 'WARNING', fail: 'CRITICAL', unknown: 'UNKNOWN' } as const;

/** `LOGVEIL CRITICAL - api: 2 of 12 checks fail, 1 warns`, without a `|`. */
export function headline({ status, deployment, counts, checks, triggers }: Verification): string {
  const looked = checks.length - counts.skipped;
  const fired = triggers.filter(({ state }) => state === 'fired').map(({ title }) => title.toLowerCase());
  const parts = [
    counts.fail > 0 ? `${counts.fail} of ${looked} checks failed` : '',
    counts.unknown > 0 ? `${counts.unknown} could not look` : '',
    counts.warn > 0 ? `${counts.warn} warned` : '',
    status === 'pass' ? `${looked} of ${looked} checks passed` : `${counts.pass} passed`,
    counts.skipped > 0 ? `${counts.skipped} left out` : '',
    fired.length > 0 ? `roll back: ${fired.join(', ')}` : '',
  ];
  const said = parts.filter((part) => part !== '').join(', ');
  return `LOGVEIL ${STATES[status]} - ${deployment}: ${said}`.replaceAll('|', '/');
}

/** `PASS`, as wide as any of them. */
export const wordOf = ({ status }: CheckResult): string =>
  ({ pass: 'PASS', warn: 'WARN', fail: 'FAIL', unknown: 'UNKNOWN', skipped: 'SKIPPED' })[status];

/** A copy without what a terminal would obey: names of files and of the deployment come from outside. */
export function cleaned(verification: Verification): Verification {
  const clean = (_name: string, value: unknown): unknown =>
    typeof value === 'string' ? printable(value.replace(/\p{Cs}/gu, '?')) : value;
  return JSON.parse(JSON.stringify(verification), clean) as Verification;
}
