/** Promise 4: a line that was valid JSON is valid JSON afterwards, with the same keys and without the values. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spell } from '../json/support.ts';
import { runner, runs } from '../scan/support.ts';

const redact = runner({ rules: ['all'] });
const redactText = (text: string): string => redact.run(text).output.toString();

const VALUES = [
  'ana.silva@example.com',
  '203.0.113.77',
  '4111111111111111',
  'GB29NWBK60161331926819',
  '+44 20 7946 0958',
  '2001:db8::ff00:42:8329',
  'AGE-SECRET-KEY-10CZRCP2MLLWHNES7J4GEHMW3WLDESRXUKATTNESTGMDU9456GAHH6PEDM2',
];
const CARDS = [4111111111111111, 5555555555554444];

/** A JSON document that knows which of its leaves must change. */
type Node =
  | { readonly kind: 'plain'; readonly value: string | number | boolean | null }
  | { readonly kind: 'planted'; readonly text: string; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'nested'; readonly inner: Node; readonly picks: readonly number[] }
  | { readonly kind: 'array'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Node])[] };

const plain: fc.Arbitrary<Node> = fc
  .constantFrom<string | number | boolean | null>(
    ...[
      'ok',
      'two words',
      '',
      'é漢',
      'a "quoted" word',
      'C:\\logs',
      'tab\there',
      'a/b',
      '{curly',
      '[x]',
      '1',
    ],
    ...[0, -1, 17, 2.5, 1e21, true, false, null],
  )
  .map((value) => ({ kind: 'plain', value }));
const planted: fc.Arbitrary<Node> = fc
  .tuple(
    fc.constantFrom('', 'to ', '"', 'é ', '\n', '{ '),
    fc.constantFrom(...VALUES),
    fc.constantFrom('', ' ok', '"', '\n', ' }'),
  )
  .map(([before, value, after]) => ({ kind: 'planted', text: before + value + after, value }));
const number: fc.Arbitrary<Node> = fc.constantFrom(...CARDS).map((value) => ({ kind: 'number', value }));
const keys = fc.constantFrom(
  'msg',
  'a',
  'user',
  'items',
  'ké',
  'with "quote"',
  'ana@example.com',
  'password',
  'b',
  'slash/',
);

const { document } = fc.letrec<{ node: Node; document: Node }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: plain },
    { weight: 4, arbitrary: planted },
    { weight: 1, arbitrary: number },
    { weight: 3, arbitrary: tie('document') },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie('document'), fc.array(fc.nat({ max: 59 }), { minLength: 1, maxLength: 8 }))
        .map(([inner, picks]): Node => ({ kind: 'nested', inner, picks })),
    },
  ),
  document: fc.oneof(
    fc.array(tie('node'), { maxLength: 4 }).map((items): Node => ({ kind: 'array', items })),
    fc
      .uniqueArray(fc.tuple(keys, tie('node')), { maxLength: 5, selector: ([key]) => key })
      .map((members): Node => ({ kind: 'object', members })),
  ),
}));

function toValue(node: Node): unknown {
  switch (node.kind) {
    case 'plain':
    case 'number':
      return node.value;
    case 'planted':
      return node.text;
    case 'nested':
      return spellWith(toValue(node.inner), node.picks);
    case 'array':
      return node.items.map(toValue);
    case 'object':
      return Object.fromEntries(node.members.map(([key, member]) => [key, toValue(member)]));
  }
}

function spellWith(value: unknown, picks: readonly number[]): string {
  let next = 0;
  return spell(value, (choices) => (picks[next++ % picks.length] as number) % choices);
}

/** Literals stay, and so does what says that there is no value. */
function isSecret(value: string | number | boolean | null): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /\w{2}/.test(value));
}

function check(node: Node, after: unknown, isPassword: boolean): void {
  switch (node.kind) {
    case 'plain':
      if (!isPassword) expect(after).toBe(node.value);
      else if (isSecret(node.value)) expect(after).toMatch(/\[REDACTED:/);
      return;
    case 'planted':
    case 'number':
      expect(typeof after).toBe('string');
      expect(after).not.toContain(String(node.value));
      expect(after).toContain('[REDACTED:');
      return;
    case 'nested': {
      expect(typeof after).toBe('string');
      // Under a password's key the whole string is the password.
      if (!isPassword) check(node.inner, JSON.parse(after as string), false);
      return;
    }
    case 'array':
      expect(Array.isArray(after)).toBe(true);
      expect(after).toHaveLength(node.items.length);
      for (const [index, item] of node.items.entries()) check(item, (after as unknown[])[index], isPassword);
      return;
    case 'object': {
      const names = node.members.map(([key]) => key);
      expect(Object.keys(after as object)).toEqual(names);
      for (const [key, member] of node.members) {
        check(member, (after as Record<string, unknown>)[key], isPassword || key === 'password');
      }
    }
  }
}

const picks = fc.array(fc.nat({ max: 59 }), { minLength: 1, maxLength: 30 });

describe('generated documents', () => {
  test('alone on a line', () => {
    fc.assert(
      fc.property(document, picks, (node, spelling) => {
        check(node, JSON.parse(redactText(spellWith(toValue(node), spelling))), false);
      }),
      runs(300),
    );
  });

  test('with text before and behind', () => {
    const prefixes = fc.constantFrom(
      'Mar 14 09:21:07 web-2 app[4111]: ',
      '2026-03-14T09:21:07Z INFO ',
      'body=',
      '<14>1 - ',
    );
    const suffixes = fc.constantFrom('', ' took=3ms', '\r', ' (end)');
    const filled = document.filter((node) => JSON.stringify(toValue(node)).includes('"'));
    fc.assert(
      fc.property(filled, picks, prefixes, suffixes, (node, spelling, prefix, suffix) => {
        const output = redactText(prefix + spellWith(toValue(node), spelling) + suffix);
        expect(output.startsWith(prefix)).toBe(true);
        expect(output.endsWith(suffix)).toBe(true);
        check(node, JSON.parse(output.slice(prefix.length, output.length - suffix.length)), false);
      }),
      runs(150),
    );
  });

  test('in the lines of a container runtime', () => {
    const prefixes = fc.constantFrom('', 'INFO  [main] ');
    fc.assert(
      fc.property(document, picks, prefixes, (node, spelling, prefix) => {
        const log = `${prefix}${spellWith(toValue(node), spelling)}\n`;
        const line = JSON.stringify({ log, stream: 'stdout', time: '2026-03-14T09:21:07.1Z' });
        const output = JSON.parse(redactText(line));
        expect(Object.keys(output)).toEqual(['log', 'stream', 'time']);
        expect(output.stream).toBe('stdout');
        if (prefix !== '' && !log.includes('"')) return;
        check(node, JSON.parse(output.log.slice(prefix.length)), false);
      }),
      runs(150),
    );
  });

  test('in windows of a long line', () => {
    const small = runner({ rules: ['all'], maxLine: 1024, overlap: 256 });
    fc.assert(
      fc.property(fc.array(document, { minLength: 4, maxLength: 12 }), (items) => {
        const node: Node = { kind: 'array', items };
        const text = JSON.stringify(toValue(node));
        // Escapes of escapes make a value longer than the overlap.
        fc.pre(!text.includes('\\\\'));
        check(node, JSON.parse(small.run(text).output.toString()), false);
      }),
      runs(60),
    );
  });
});

describe('examples', () => {
  const cases: readonly [string, string, string][] = [
    ['an escaped @', '{"m":"ana\\u0040example.com"}', '{"m":"[REDACTED:email]"}'],
    [
      'escaped slashes',
      '{"u":"https:\\/\\/ana:S3cret9@git\\/shop"}',
      '{"u":"https:\\/\\/ana:[REDACTED:url-credentials]@git\\/shop"}',
    ],
    ['a number', '{"pan":4111111111111111}', '{"pan":"[REDACTED:payment-card]"}'],
    [
      'a number in a nested document',
      '{"b":"{\\"pan\\":4111111111111111}"}',
      '{"b":"{\\"pan\\":\\"[REDACTED:payment-card]\\"}"}',
    ],
    [
      'a password two levels deep',
      '{"a":"{\\"b\\":\\"{\\\\\\"password\\\\\\":\\\\\\"x7 Kq\\\\\\"}\\"}"}',
      '{"a":"{\\"b\\":\\"{\\\\\\"password\\\\\\":\\\\\\"[REDACTED:password-field]\\\\\\"}\\"}"}',
    ],
    ['a key', '{"ana@example.com":1}', '{"ana@example.com":1}'],
    ['what may become a key', '{"a":1,"ana@example.com', '{"a":1,"[REDACTED:email]'],
    ['what may be a key', '{"a":1,"ana@example.com"', '{"a":1,"[REDACTED:email]"'],
    ['a key without a value', '{"a":1,"ana@example.com" :', '{"a":1,"ana@example.com" :'],
    ['a key of an empty list', '{"ana@example.com": []}', '{"ana@example.com": []}'],
    [
      'a list in a string with a line end',
      '{"log":"[4111111111111111]\\n"}',
      '{"log":"[\\"[REDACTED:payment-card]\\"]\\n"}',
    ],
    ['a list of numbers in text', 'sshd[4111]: [4111111111111111]', 'sshd[4111]: [[REDACTED:payment-card]]'],
  ];
  test.each(cases)('%s', (_, input, output) => {
    expect(redactText(input)).toBe(output);
  });
});
