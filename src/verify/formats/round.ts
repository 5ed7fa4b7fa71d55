/** One round of a watch, for people: the sum, and what has changed. */
import { printable } from '../../audit/printable.ts';
import type { Paint, Style } from '../../telemetry/colour.ts';
import type { Verification } from '../result.ts';
import type { Change } from '../summary/history.ts';
import { formatted } from './all.ts';
import { cleaned, headline } from './words.ts';

const STYLES: Readonly<Record<string, Style>> = {
  ...{ pass: 'green', clear: 'green', warn: 'yellow', fail: 'red', fired: 'red', unknown: 'magenta' },
};

export function roundText(result: Verification, changes: readonly Change[], paint: Paint): string {
  const isFirst = changes.some(({ what, from }) => from === undefined && what.startsWith('trigger'));
  const hasFired = changes.some(({ to }) => to === 'fired');
  // The whole of it at the begin, and when a rollback is called for: then the steps must be at hand.
  if (isFirst || hasFired) return formatted(result, 'text', paint);
  const style = STYLES[result.status] ?? 'dim';
  return [
    `${paint('dim', new Date().toISOString().slice(11, 19))} ${paint(style, headline(cleaned(result)))}`,
    ...changes.map(
      ({ what, from, to, observed }) =>
        `         ${what}: ${from} to ${paint(STYLES[to] ?? 'dim', to)}, ${printable(observed)}`,
    ),
    '',
  ].join('\n');
}
