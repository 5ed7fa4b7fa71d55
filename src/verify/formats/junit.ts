/** JUnit's XML, as CI systems read it: a check is a case. A warning is a case that passed, with a word in its output. */
import type { CheckResult, Verification } from '../result.ts';
import { headline, wordOf } from './words.ts';

export function junitFormat(verification: Verification): string {
  const { checks, counts, seconds, started, deployment } = verification;
  const attributes = [
    `name="logveil verify"`,
    `tests="${checks.length}"`,
    `failures="${counts.fail}"`,
    `errors="${counts.unknown}"`,
    `skipped="${counts.skipped}"`,
    `time="${seconds}"`,
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes.join(' ')}>`,
    `  <testsuite ${attributes.join(' ')} timestamp="${started.slice(0, 19)}" hostname="${escapeXml(deployment)}">`,
    ...checks.map((check) => `    ${testCase(check)}`),
    `    <system-out>${escapeXml([headline(verification), ...runbook(verification)].join('\n'))}</system-out>`,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(check: CheckResult): string {
  const {
    number,
    id,
    title,
    level,
    status,
    observed,
    threshold,
    recommendation = '',
    seconds,
    details,
  } = check;
  const head = `<testcase classname="logveil.verify.${level}" name="${escapeXml(`${number} ${title} (${id})`)}" time="${seconds}">`;
  const text = escapeXml(
    [observed, `held to: ${threshold}`, recommendation, ...details].filter((line) => line !== '').join('\n'),
  );
  const message = escapeXml(observed);
  const body = {
    pass: `<system-out>${text}</system-out>`,
    warn: `<system-out>${wordOf(check)}: ${text}</system-out>`,
    fail: `<failure type="${level}" message="${message}">${text}</failure>`,
    unknown: `<error type="unknown" message="${message}">${text}</error>`,
    skipped: `<skipped message="${message}"/>`,
  }[status];
  return `${head}${body}</testcase>`;
}

function runbook({ runbook: steps }: Verification): string[] {
  return steps.flatMap(({ number, title, commands }) => [
    `${number}. ${title}`,
    ...commands.map((command) => `   ${command}`),
  ]);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** For text and attributes; what XML 1.0 has no place for becomes U+FFFD, half of a surrogate pair too. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
