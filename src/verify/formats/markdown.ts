/** Markdown, for tickets and pull requests. */
import { escapeMarkdown } from '../../report/escape.ts';
import type { RunbookStep, Verification } from '../result.ts';
import { headline, wordOf } from './words.ts';

const text = escapeMarkdown;

export function markdownFormat(verification: Verification): string {
  const { checks, triggers, runbook, started, seconds } = verification;
  const open = checks.filter(({ status }) => status !== 'pass' && status !== 'skipped');
  return [
    `# ${text(headline(verification))}`,
    '',
    `${started.slice(0, 19).replace('T', ' ')} UTC, ${seconds.toFixed(1)} s, logveil ${verification.version}`,
    '',
    '| # | check | | result | observed | held to |',
    '|---|---|---|---|---|---|',
    ...checks.map(
      (check) =>
        `| ${check.number} | ${text(check.title)} | ${check.level} | **${wordOf(check)}** | ${text(check.observed)} | ${text(check.threshold)} |`,
    ),
    '',
    ...open.flatMap(({ number, title, recommendation, details }) => [
      `## ${number}. ${text(title)}`,
      '',
      ...(recommendation === undefined ? [] : [text(recommendation), '']),
      ...details.map((line) => `- ${text(line)}`),
      ...(details.length > 0 ? [''] : []),
    ]),
    '## Rollback triggers',
    '',
    '| # | trigger | state | why |',
    '|---|---|---|---|',
    ...triggers.map(
      ({ number, title, state, reason }) =>
        `| ${number} | ${text(title)} | ${state === 'fired' ? '**fired**' : state} | ${text(reason)} |`,
    ),
    '',
    ...runbookMarkdown(runbook),
  ].join('\n');
}

/** The steps, commands in fences of their own. */
export function runbookMarkdown(steps: readonly RunbookStep[]): string[] {
  if (steps.length === 0) return [];
  return [
    '## Roll back',
    '',
    ...steps.flatMap(({ number, title, note, commands }) => [
      `### ${number}. ${title}`,
      '',
      ...(note === undefined ? [] : [note, '']),
      '```sh',
      ...commands,
      '```',
      '',
    ]),
  ];
}
