/** For people: one line a check, what is to be done below it, and the runbook where a rollback is called for. */
import type { Paint, Style } from '../../telemetry/colour.ts';
import type { CheckResult, RunbookStep, Status, Trigger, Verification } from '../result.ts';
import { headline, wordOf } from './words.ts';

const STYLES: Readonly<Record<Status, Style>> = {
  pass: 'green',
  warn: 'yellow',
  fail: 'red',
  unknown: 'magenta',
  skipped: 'dim',
};
const TITLE_WIDTH = 36;
const INDENT = ' '.repeat(13);

export function textFormat(verification: Verification, paint: Paint): string {
  const { checks, triggers, runbook, status, seconds, started } = verification;
  const when = `${started.slice(0, 19).replace('T', ' ')} UTC, ${seconds.toFixed(1)} s`;
  return [
    `${paint('bold', paint(STYLES[status], headline(verification)))} ${paint('dim', `(${when})`)}`,
    '',
    ...checks.flatMap((check) => checkLines(check, paint)),
    '',
    ...triggerLines(triggers, paint),
    ...runbookLines(runbook, paint),
    '',
  ].join('\n');
}

function checkLines(check: CheckResult, paint: Paint): string[] {
  const { number, title, level, status, observed, threshold, recommendation, details } = check;
  const word = paint(STYLES[status], wordOf(check).padEnd(8));
  const head = `${word} ${String(number).padStart(2)}  ${title.padEnd(TITLE_WIDTH)} ${paint('dim', level.padEnd(6))} ${observed}`;
  const isDone = status === 'pass' || status === 'skipped';
  return [
    head,
    `${INDENT}${paint('dim', `held to: ${threshold}`)}`,
    ...(isDone ? [] : details.map((line) => `${INDENT}- ${line}`)),
    ...(recommendation === undefined ? [] : [`${INDENT}${paint('bold', 'do:')} ${recommendation}`]),
  ];
}

function triggerLines(triggers: readonly Trigger[], paint: Paint): string[] {
  const words = {
    fired: paint('red', 'FIRED  '),
    clear: paint('green', 'clear  '),
    unknown: paint('magenta', 'unknown'),
  };
  return [
    paint('bold', 'Rollback triggers'),
    ...triggers.map(
      ({ number, title, state, reason }) =>
        `${words[state]}  ${number}  ${title.padEnd(TITLE_WIDTH)} ${reason}`,
    ),
  ];
}

function runbookLines(steps: readonly RunbookStep[], paint: Paint): string[] {
  if (steps.length === 0) return [];
  return [
    '',
    paint('bold', 'Roll back: docs/emergency-rollback-procedure.md, filled for this deployment'),
    ...steps.flatMap(({ number, title, note, commands }) => [
      '',
      paint('bold', `${number}. ${title}`),
      ...(note === undefined ? [] : [`   ${note}`]),
      ...commands.map((command) => `   ${paint('cyan', command)}`),
    ]),
  ];
}
