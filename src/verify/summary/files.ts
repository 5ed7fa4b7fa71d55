/** The summary of a day, as Markdown and as a page, readable by its owner only. */
import { join } from 'node:path';
import { escapeHtml, escapeMarkdown } from '../../report/escape.ts';
import { writeWhole } from '../../sinks/wholeFile.ts';
import type { Deployment } from '../deployment.ts';
import { page, verificationBody } from '../formats/html.ts';
import { headline } from '../formats/words.ts';
import type { Status } from '../result.ts';
import type { Change, CheckHistory, History } from './history.ts';

/**
 * Writes `verify-<time>.md` and `.html`; nothing where no folder is named, or nothing was seen.
 * @throws IoError
 */
export function writeSummary(folder: string | undefined, deployment: Deployment, history: History): void {
  if (folder === undefined || history.rounds === 0) return;
  const now = new Date();
  const name = join(folder, `verify-${now.toISOString().slice(0, 19).replaceAll(':', '')}Z`);
  const title = `${deployment.name}: ${history.rounds} rounds, ${shown(history.since)} to ${shown(now)}`;
  writeWhole(`${name}.md`, markdown(title, history), 'the summary');
  writeWhole(`${name}.html`, html(title, history), 'the summary');
}

const shown = (time: Date | string): string =>
  `${(typeof time === 'string' ? time : time.toISOString()).slice(0, 16).replace('T', ' ')} UTC`;

const STATUSES: readonly Status[] = ['pass', 'warn', 'fail', 'unknown', 'skipped'];
const countsOf = ({ counts }: CheckHistory): number[] => STATUSES.map((status) => counts[status]);
const badOf = ({ lastBad }: CheckHistory): string =>
  lastBad === undefined ? '' : `${lastBad.status}, ${shown(lastBad.at)}: ${lastBad.observed}`;
const changeOf = ({ from, to }: Change): string => (from === undefined ? to : `${from} to ${to}`);

function droppedOf({ dropped }: History): string[] {
  return dropped === 0 ? [] : [`${dropped} older changes are not listed.`];
}

function markdown(title: string, history: History): string {
  const text = escapeMarkdown;
  return [
    `# ${text(title)}`,
    '',
    ...(history.latest === undefined ? [] : [`At the end: ${text(headline(history.latest))}`, '']),
    `| # | check | ${STATUSES.join(' | ')} | last that was not a pass |`,
    `|---|---|${STATUSES.map(() => '---:').join('|')}|---|`,
    ...history.checks.map(
      (check) =>
        `| ${check.number} | ${text(check.title)} | ${countsOf(check).join(' | ')} | ${text(badOf(check))} |`,
    ),
    '',
    '## Changes',
    '',
    ...history.changes.map(
      (change) =>
        `- ${shown(change.at)}, ${text(change.what)}: **${changeOf(change)}**, ${text(change.observed)}`,
    ),
    ...droppedOf(history),
    '',
  ].join('\n');
}

function html(title: string, history: History): string {
  const text = escapeHtml;
  const { latest } = history;
  return page(title, [
    `<h1>${text(title)}</h1>`,
    '<div class="scroll"><table>',
    `<thead><tr><th></th><th>Check</th>${STATUSES.map((status) => `<th>${status}</th>`).join('')}<th>Last that was not a pass</th></tr></thead><tbody>`,
    ...history.checks.map(
      (check) =>
        `<tr><td class="number">${check.number}</td><td>${text(check.title)}</td>${countsOf(check)
          .map((count, index) => `<td class="${count > 0 ? STATUSES[index] : 'soft'}">${count}</td>`)
          .join('')}<td>${text(badOf(check))}</td></tr>`,
    ),
    '</tbody></table></div>',
    '<h2>Changes</h2>',
    '<ul>',
    ...history.changes.map(
      (change) =>
        `<li>${shown(change.at)}, ${text(change.what)}: <b class="${change.to}">${changeOf(change)}</b>, ${text(change.observed)}</li>`,
    ),
    '</ul>',
    ...droppedOf(history).map((line) => `<p>${line}</p>`),
    ...(latest === undefined
      ? []
      : [
          `<h2 class="${latest.status}">At the end: ${text(headline(latest))}</h2>`,
          ...verificationBody(latest),
        ]),
  ]);
}
