/** Promise 9: redacting redacted output changes nothing. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Runner, runner, runs } from '../scan/support.ts';
import { writtenRules } from '../support/writtenRules.ts';
import { dockerLines, exampleTexts, exampleValues, pemBlock, piece } from './logs.ts';

const ACTIONS = ['redact', 'mask', 'pseudonymize', 'drop-line'] as const;

function expectIdempotent(redact: Runner, input: Buffer | string): void {
  const once = redact.run(input).output;
  const twice = redact.run(once).output;
  expect(twice.toString('latin1')).toBe(once.toString('latin1'));
}

const part: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...exampleTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...exampleValues) },
  { weight: 1, arbitrary: pemBlock.map((block) => `${block}\n`) },
  { weight: 2, arbitrary: piece },
);
const log: fc.Arbitrary<string> = fc
  .array(fc.tuple(part, fc.constantFrom(', ', ' | ', '\n', '\r\n', ' - ')), { maxLength: 10 })
  .map((parts) => parts.flat().join(''));

describe.each(ACTIONS)('%s', (action) => {
  const redact = runner({ rules: ['all'], action });

  test('logs of examples and noise', () => {
    fc.assert(
      fc.property(log, (text) => expectIdempotent(redact, text)),
      runs(80),
    );
  });

  test('each example of each rule, alone, twice and in a docker line', () => {
    for (const text of exampleTexts) {
      expectIdempotent(redact, text);
      expectIdempotent(redact, `${text}, ${text}`);
      expectIdempotent(redact, dockerLines(text));
    }
  });
});

/** Values that name themselves; what is found by a word before it may differ with what is glued to it. */
const SELF_EVIDENT = [
  'ipv4',
  'ipv6',
  'iban',
  'payment-card',
  'github-token',
  'calcom-api-key',
  'aws-access-key-id',
];
const values = writtenRules
  .filter(({ rule }) => SELF_EVIDENT.includes(rule.id))
  .flatMap(({ rule }) => rule.examples.map(({ match }) => match as string));

describe.each(['redact', 'pseudonymize'] as const)('%s of adjacent values', (action) => {
  const redact = runner({ rules: ['all'], action });
  const glue = fc.constantFrom(
    '',
    '',
    '.',
    '-',
    '_',
    '/',
    ':',
    '@',
    '=',
    '"',
    '[',
    ']',
    '\\',
    'x',
    '1',
    '\0',
    'é',
  );

  test('glued with nothing or one character between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...values), glue), { maxLength: 6 }), (parts) => {
        expectIdempotent(redact, parts.flat().join(''));
      }),
      runs(150),
    );
  });
});

describe('cases that failed once', () => {
  const cases: readonly [string, string][] = [
    [
      'the space behind a value begins the next match',
      'trello: e62c58c7cbff72b80d971e34bbe6ddc2 trello: e62c58c7cbff72b80d971e34bbe6ddc2',
    ],
    [
      'a command twice in a line',
      '+ curl -s -u ana:S3cret9 https://a.example + curl -s -u ana:S3cret9 https://b.example',
    ],
    [
      'text behind the parameters of a header',
      'Authorization: Token token="9f8e7d6c5b4a" YIIJvwYGKwYBBQUCoIIJszCC',
    ],
    ['an address that is part of a password', 'postgres://app:p@ss!w0rd@db1.example.com:5432/shop'],
    [
      'text behind a block',
      '-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END PRIVATE KEY-----203.0.113.5\nend',
    ],
    ['a block without end, dropped', 'a\n-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n(no body)\nend'],
  ];
  test.each(cases)('%s', (_, text) => {
    for (const action of ACTIONS) expectIdempotent(runner({ rules: ['all'], action }), text);
  });
});
