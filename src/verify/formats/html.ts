/** One page without scripts or anything from elsewhere. */
import { escapeHtml } from '../../report/escape.ts';
import type { CheckResult, RunbookStep, Trigger, Verification } from '../result.ts';
import { headline, wordOf } from './words.ts';

const text = escapeHtml;

/** Text has a contrast of at least 4.5 on its ground (WCAG 2.2, 1.4.3), in light and dark. */
const STYLE = `
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1b2733; --soft: #4c5b6b; --line: #d5dce3; --sheet: #f4f6f8;
  --pass: #1f6b4a; --warn: #8a4b08; --fail: #8a1f3d; --unknown: #6b3a86; --skipped: #4c5b6b; }
@media (prefers-color-scheme: dark) { :root { --ground: #14191f; --ink: #e6ebf0; --soft: #a9b5c1; --line: #35404c; --sheet: #1b222a;
  --pass: #7fd0a8; --warn: #eab667; --fail: #f3a3b6; --unknown: #d0a5e8; --skipped: #a9b5c1; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem clamp(1rem, 4vw, 3rem) 4rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem; }
p { max-width: 46rem; margin: .3rem 0; }
.soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
td.number { text-align: right; padding-right: .8rem; color: var(--soft); }
.word { font-weight: 700; white-space: nowrap; }
.pass, .clear { color: var(--pass); } .warn { color: var(--warn); } .fail, .fired { color: var(--fail); }
.unknown { color: var(--unknown); } .skipped { color: var(--skipped); }
ul { margin: .3rem 0 0; padding-left: 1.1rem; }
pre { background: var(--sheet); border: 1px solid var(--line); padding: .7rem .9rem; overflow-x: auto; font-size: .88rem; }
@media print { body { max-width: none; padding: 0; } pre { white-space: pre-wrap; } }`;

/** A whole page; the body is escaped already. */
export function page(title: string, body: readonly string[]): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${text(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...body,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

export function htmlFormat(verification: Verification): string {
  const { status, started, seconds, version } = verification;
  const title = headline(verification);
  return page(title, [
    `<h1 class="${status}">${text(title)}</h1>`,
    `<p class="soft">${text(started.slice(0, 19).replace('T', ' '))} UTC, ${seconds.toFixed(1)} s, logveil ${text(version)}</p>`,
    ...verificationBody(verification),
  ]);
}

/** Checks, triggers and runbook, without the headline. */
export function verificationBody({ checks, triggers, runbook }: Verification): string[] {
  return [
    '<h2>Checks</h2>',
    '<div class="scroll"><table>',
    '<thead><tr><th></th><th>Check</th><th>Result</th><th>Observed</th><th>Held to</th></tr></thead><tbody>',
    ...checks.map(row),
    '</tbody></table></div>',
    '<h2>Rollback triggers</h2>',
    '<div class="scroll"><table><tbody>',
    ...triggers.map(triggerRow),
    '</tbody></table></div>',
    ...runbookBody(runbook),
  ];
}

function row(check: CheckResult): string {
  const { number, title, level, status, observed, threshold, recommendation, details } = check;
  const isOpen = status !== 'pass' && status !== 'skipped';
  const list =
    isOpen && details.length > 0
      ? `<ul>${details.map((line) => `<li>${text(line)}</li>`).join('')}</ul>`
      : '';
  const advice = recommendation === undefined ? '' : `<p>${text(recommendation)}</p>`;
  return [
    `<tr><td class="number">${number}</td>`,
    `<td>${text(title)} <span class="soft">${level}</span></td>`,
    `<td class="word ${status}">${wordOf(check)}</td>`,
    `<td>${text(observed)}${list}${advice}</td>`,
    `<td class="soft">${text(threshold)}</td></tr>`,
  ].join('');
}

function triggerRow({ number, title, state, reason }: Trigger): string {
  return `<tr><td class="number">${number}</td><td>${text(title)}</td><td class="word ${state}">${state}</td><td>${text(reason)}</td></tr>`;
}

function runbookBody(steps: readonly RunbookStep[]): string[] {
  if (steps.length === 0) return [];
  return [
    '<h2>Roll back</h2>',
    ...steps.flatMap(({ number, title, note, commands }) => [
      `<h3>${number}. ${text(title)}</h3>`,
      ...(note === undefined ? [] : [`<p>${text(note)}</p>`]),
      `<pre>${commands.map(text).join('\n')}</pre>`,
    ]),
  ];
}
