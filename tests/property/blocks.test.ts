/**
 * Where lines are redacted as blocks, the way of a single line has the last word: rules made to meet what sets the two
 * apart, over texts made of little else.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kernelPatterns } from '../../src/app/preparedPatterns.ts';
import type { PatternEngine } from '../../src/engine/engine.ts';
import { KernelEngine } from '../../src/kernel/engine.ts';
import type { CompiledRules } from '../../src/rules/compile.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';
import {
  cut,
  type EngineStream,
  feed,
  runner,
  runs,
  streamWith,
  type TestOptions,
  toyRules,
} from '../scan/support.ts';

const rules = toyRules(
  // Values with blanks around numbers and literals, which in an array are replaced apart from them.
  { id: 'digits', patterns: ['[0-9]{8}\\s?'], confidence: 0.6 },
  { id: 'literal', patterns: ['true', '\\bnull\\b', ' false '] },
  // Values at the ends of a line or of a string in it, and in the structure of an array.
  { id: 'ends', patterns: ['^tok\\S*', '\\bend$'], confidence: 0.55 },
  { id: 'structure', patterns: ['"[a-c]{2,}"', '\\[[x-z]{3,}\\]', ',[k-m]{3,},'], confidence: 0.35 },
  { id: 'not-ascii', patterns: ['[^\\x00-\\x7f]+x?'], confidence: 0.3 },
  {
    id: 'mail',
    patterns: ['[a-z]+@[a-z.]+'],
    boundary: { before: '[a-z0-9._]', after: '[a-z0-9]' },
    confidence: 0.7,
  },
  {
    id: 'near-words',
    patterns: ['\\b[0-9]{1,4}\\b', '[0-9]{9}'],
    context: { words: ['ssn', 'tax id'], before: 12, after: 8, required: true, alone: true, boost: 0.2 },
  },
  {
    id: 'better-near-words',
    patterns: ['\\b[A-F]{4}\\b'],
    context: { words: ['code'], before: 20, after: 20, required: false, alone: false, boost: 0.3 },
    confidence: 0.4,
    allow: { patterns: [], values: ['ABCD'], stopwords: ['FFF'] },
  },
  {
    id: 'password',
    category: 'secret',
    patterns: [{ regex: 'pass(?:word)?[=: "]+([^\\s"]{4,})', group: 1 }],
    keys: ['^pass(word)?$'],
    keywords: ['pass'],
    vetoes: [{ value: '^none' }],
    confidence: 0.8,
  },
  {
    id: 'key',
    category: 'secret',
    multiline: {
      begin: '-----BEGIN KEY-----',
      end: '-----END KEY-----',
      body: '^[A-Za-z0-9+/=]{8,}$',
      maxBytes: 256,
      maxGapLines: 1,
    },
    confidence: 0.9,
  },
);

const wide = (maxLength: number): fc.ArrayConstraints => ({ maxLength, size: 'max' });
const piece = fc.constantFrom(
  ...['[REDACTED:mail]', '[REDACTED:1a]', '[REDACTED:-a]', '[REDACTED:12345678]', '[mail:0123456789]'],
  ...['[LOGVEIL: line withheld: engine error]', '12345678', '123456789', '1234', 'true', 'null', ' false '],
  ...['bob@ex.com', 'a@b', 'password=', 'pass: ', 'secretpw', 'none12', '"pass":', '{', '}', '[', ']', '"'],
  ...["'", ',', ':', ' ', '\t', '\\', '\\n', '\\q', '\\"', '\\u0040', '\\x40', 'ssn', 'tax_id', 'code'],
  ...['ABCD', 'ABCF', 'FFFF', 'tok12', 'end', '\r', '\0', '\x80', '\xff', '\xc3\xa9', '\xe2\x82', '"ab"'],
  ...['[xyz]', ',kkk,', '{"a":[1,2,{"ssn":1234}]}', '["x",12345678]', 'text ', 'x'.repeat(120)],
  ...['-----BEGIN KEY-----', '-----END KEY-----', 'ABCDEFGHabcdefgh12'],
  ...['\x1b[31m', '\x1b[0m', '\x1b[', '\\033[1m', '\\e[0;38m', '#033[2K', '^[[m', '\\u001b[36m', '='],
);
const lineEnd = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r\r\n', '\n\n');
/** Of few pieces each, so that they meet in every way. */
const pieces = fc
  .array(piece, { minLength: 3, maxLength: 8, size: 'max' })
  .chain((few) => fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...few) }, lineEnd), wide(40)))
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

/** JSON without an escape, whose keys may matter; some of it damaged by one byte. */
const name = fc.constantFrom(
  ...['pass', 'password', 'ssn', 'code', 'the code', 'mail', 'a', 'pass:', ' pass', '', 'bob@ex.com'],
);
const value = fc.constantFrom(
  ...['bob@ex.com', 'to bob@ex.com, a', '123456789', '1234', 'ABCF', 'ABCD', 'secretpw', 'none12', 'x, 1234'],
  ...[
    'tok12',
    ' end',
    '[xyz]',
    '{123456789}',
    ':12345678',
    ',kkk,',
    '}',
    'pass',
    '12345678\t',
    'password=secret',
  ],
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    value.map((text) => `"${text}"`),
    fc.constantFrom(
      '12345678',
      '123456789',
      '1234',
      '-1.5e3',
      'true',
      ' null ',
      '{}',
      '[ ]',
      'tok12',
      'bob@ex.com',
    ),
    fc
      .array(fc.tuple(name, tie('json')), { minLength: 1, maxLength: 4 })
      .map((entries) => `{${entries.map(([key, one]) => `"${key}": ${one}`).join(',')}}`),
    fc.array(tie('json'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  ),
}));
const jsonLine = fc
  .tuple(fc.constantFrom('', '', 'text 1234 ', 'it"s '), json, fc.constantFrom('', '', ' code', '"'))
  .chain(([before, one, after]) => {
    const line = `${before}${one}${after}`;
    const damaged = fc
      .tuple(fc.nat(line.length), fc.constantFrom('', '"', ':', ',', '}', '{', ' ', 'x', '8'))
      .map(([at, byte]) => line.slice(0, at) + byte + line.slice(at + 1));
    return fc.oneof({ weight: 2, arbitrary: fc.constant(line) }, damaged);
  });
const log = fc.oneof(
  pieces,
  fc.array(jsonLine, { minLength: 1, maxLength: 6 }).map((lines) => Buffer.from(`${lines.join('\n')}\n`)),
);

/** A placeholder of no known rule, an unknown escape, blanks in an array: what is written, or found, was another. */
const ONCE_DIFFERENT = [
  'x [REDACTED:1a]bob@ex.com\n',
  'x "tok\\q12" y\n',
  '[12345678 ]\n["x", 12345678\t, 1]\n[ false ] \n["[12345678 ]"]\n',
].map((text): [Buffer<ArrayBuffer>, number[]] => [Buffer.from(text), []]);

const SETTINGS: readonly [string, TestOptions][] = [
  ['redacted', {}],
  ['redacted, the smallest lines', { maxLine: 256 }],
  ['masked, or dropped with their line', { actions: { categories: { pii: 'drop-line', secret: 'mask' } } }],
  [
    'kept, or removed',
    { maxLine: 256, actions: { rules: { mail: 'remove' }, categories: { secret: 'keep' } } },
  ],
];

const KINDS: readonly [string, RegExp][] = [
  ['by themselves', /^(?:digits|literal|mail|ends)$/],
  ['with words and keys', /^(?:mail|near-words|better-near-words|password|structure)$/],
  ['all', /./],
];
const only = (ids: RegExp): RuleSet => ({
  ...rules,
  rules: rules.rules.filter(({ rule }) => ids.test(rule.id)),
});
const COMBINATIONS = SETTINGS.flatMap(([name, options]) =>
  KINDS.map(([kind, ids]) => [`${name}; rules: ${kind}`, options, only(ids)] as const),
);

describe.each(COMBINATIONS)('%s', (_, options, chosen) => {
  const reference = runner({ ...options, engine: 're2' }, chosen);
  const kernel = runner({ ...options, engine: 'kernel' }, chosen);

  test('as the reference does', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(), { maxLength: 6 }), (bytes, places) => {
        const expected = reference.run(bytes);
        const found = kernel.run(...cut(bytes, places));
        expect(found.output.toString('latin1')).toBe(expected.output.toString('latin1'));
        expect(found.findings).toEqual(expected.findings);
      }),
      { ...runs(400), examples: ONCE_DIFFERENT },
    );
  });
});

describe('an engine that fails', () => {
  type Failing = 'next' | 'find';
  /** Fails in one call only. */
  function failingOnce(method: Failing, after: number): EngineStream {
    const makeEngine = (compiled: CompiledRules): PatternEngine => {
      const engine = new KernelEngine(kernelPatterns(compiled), { windowBytes: 4096, tableBytes: 1 << 20 });
      let calls = 0;
      const failOnce = (): void => {
        if (calls++ === after) throw new Error('failed');
      };
      const { next, find } = engine;
      engine.next = () => {
        if (method === 'next') failOnce();
        return next.call(engine);
      };
      engine.find = (...parts) => {
        if (method === 'find') failOnce();
        return find.call(engine, ...parts);
      };
      return engine;
    };
    return streamWith(few, makeEngine);
  }
  const few = only(/^(?:mail|digits|key)$/);
  const TWO_KEYS = Buffer.from('-----BEGIN KEY-----\r\n\nx -----BEGIN KEY-----\n\n\nx bob@ex.com\n');
  const counted = ({ tally }: EngineStream): unknown => [
    tally.lines,
    tally.linesChanged,
    tally.anomalies,
    tally.counts(),
  ];

  test('in a block: its lines are looked at one by one, none twice', () => {
    fc.assert(
      fc.property(log, fc.nat(12), (bytes, after) => {
        const expected = streamWith(few);
        const found = failingOnce('next', after);
        const output = feed(found.stream, [bytes]).toString('latin1');
        expect(output).toBe(feed(expected.stream, [bytes]).toString('latin1'));
        expect(counted(found)).toEqual(counted(expected));
      }),
      runs(60),
    );
  });

  test('in lines that were handed over: no line is counted twice', () => {
    fc.assert(
      fc.property(log, fc.nat(12), (bytes, after) => {
        const expected = streamWith(few);
        feed(expected.stream, [bytes]);
        const found = failingOnce('find', after);
        try {
          feed(found.stream, [bytes]);
        } catch (error) {
          // While a multi-line value is written there is no line to withhold: the run ends.
          expect((error as Error).message).toBe('failed');
          return;
        }
        expect(found.tally.lines).toBe(expected.tally.lines);
      }),
      {
        ...runs(60),
        examples: Array.from({ length: 12 }, (_, after): [Buffer<ArrayBuffer>, number] => [TWO_KEYS, after]),
      },
    );
  });
});
