/**
 * The suite every engine must pass: the spans it finds are those of plain RE2. The reference here works in its own
 * way, on strings in place of bytes, so that it shares no mistake with an engine over bytes.
 */
import fc from 'fast-check';
import RE2 from 're2';
import { describe, expect, test } from 'vitest';
import type { PatternEngine, PatternSpec } from '../../src/engine/engine.ts';
import { compileRules } from '../../src/rules/compile.ts';
import { toValidUtf8 } from '../../src/scan/utf8.ts';
import { corpusFiles, linesOf, skipReason } from '../corpus/files.ts';
import { exampleTexts, line } from '../property/logs.ts';
import { packs, runs } from '../scan/support.ts';

export type EngineFactory = (patterns: readonly PatternSpec[]) => PatternEngine;

type Span = readonly [start: number, end: number, valueStart: number, valueEnd: number];

/** All matches of a pattern in a text, one behind the other, in bytes. */
function reference(regex: RE2, group: number, text: string): Span[] {
  const spans: Span[] = [];
  const bytesTo = (index: number): number => Buffer.byteLength(text.slice(0, index));
  regex.lastIndex = 0;
  for (let found = regex.exec(text); found !== null; found = regex.exec(text)) {
    const start = bytesTo(found.index);
    const end = start + Buffer.byteLength(found[0]);
    const value = found.indices?.[group];
    spans.push([start, end, value ? bytesTo(value[0]) : start, value ? bytesTo(value[1]) : start]);
    if (found[0] === '') break;
  }
  return spans;
}

function search(engine: PatternEngine, pattern: number, view: Buffer): Span[] {
  const spans: Span[] = [];
  for (let from = 0; from <= view.length && engine.find(pattern, view, from); ) {
    const { start, end, valueStart, valueEnd } = engine.match;
    spans.push([start, end, valueStart, valueEnd]);
    if (end === start) break;
    from = end;
  }
  return spans;
}

class Comparison {
  readonly #engine: PatternEngine;
  readonly #patterns: readonly { readonly spec: PatternSpec; readonly regex: RE2 }[];
  hits = 0;

  constructor(makeEngine: EngineFactory, specs: readonly PatternSpec[]) {
    this.#engine = makeEngine(specs);
    this.#patterns = specs.map((spec) => ({ spec, regex: new RE2(spec.source, 'gd') }));
  }

  check(text: string): void {
    const view = Buffer.from(text);
    const selected = [...this.#engine.select(view)];
    expect(selected).toEqual([...new Set(selected)].sort((a, b) => a - b));
    this.#patterns.forEach(({ spec, regex }, index) => {
      const expected = reference(regex, spec.group, text);
      if (expected.length > 0 && !selected.includes(index)) {
        expect.fail(`select leaves out ${spec.source} in ${JSON.stringify(text)}`);
      }
      const spans = search(this.#engine, index, view);
      if (spans.length > 0 || expected.length > 0) {
        expect(spans, `${spec.source} in ${JSON.stringify(text)}`).toEqual(expected);
      }
      this.hits += expected.length;
    });
  }

  /** A search may begin anywhere, and judges what stands before by the whole view. */
  checkFrom(text: string, at: number): void {
    const view = Buffer.from(text);
    const from = Buffer.byteLength([...text].slice(0, at % ([...text].length + 1)).join(''));
    const fromIndex = view.subarray(0, from).toString().length;
    this.#patterns.forEach(({ spec, regex }, index) => {
      regex.lastIndex = fromIndex;
      const found = regex.exec(text);
      const isFound = this.#engine.find(index, view, from);
      expect(isFound, `${spec.source} in ${JSON.stringify(text)} from ${from}`).toBe(found !== null);
      if (found !== null)
        expect(this.#engine.match.start).toBe(Buffer.byteLength(text.slice(0, found.index)));
    });
  }
}

const atom = fc.constantFrom(
  ...['a', 'b', '1', '2', '@', '-', ' ', 'é', '\\.', '"'],
  ...[
    '[a-c]',
    '[0-9]',
    '[^a]',
    '[^\\s"]',
    '\\w',
    '\\d',
    '\\s',
    '.',
    '[\\x{C0}-\\x{52F}]',
    '\\b',
    '^',
    '$',
    '(?i:AB)',
  ],
);
const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '*?', '+?', '{2}', '{1,3}', '{2,}', '{0,2}?');
const { pattern } = fc.letrec<{ pattern: string; piece: string }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    {
      weight: 6,
      arbitrary: fc.tuple(atom, quantifier).map(([a, q]) => (/^(?:\\b|\^|\$)$/.test(a) ? a : a + q)),
    },
    { weight: 2, arbitrary: fc.tuple(tie('pattern'), quantifier).map(([inner, q]) => `(${inner})${q}`) },
    { weight: 1, arbitrary: fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`) },
  ),
  pattern: fc.array(tie('piece'), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join('')),
}));
/** As the rules may have them: none matches nothing, and the group exists. */
const spec: fc.Arbitrary<PatternSpec> = fc
  .tuple(pattern, fc.nat({ max: 2 }))
  .filter(([source]) => !new RE2(source).test('') && !new RE2(source).test(' '.repeat(3)))
  .map(([source, group]) => ({
    source,
    group: Math.min(group, (new RE2(`(?:${source})|`).exec('')?.length ?? 1) - 1),
  }));
const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'A', 'B', '1', '2', '@', '-', ' ', 'é', '.', '"', '😀', '\u001a', '\0'),
  maxLength: 30,
});

export function engineSuite(name: string, makeEngine: EngineFactory): void {
  describe(`${name} finds what RE2 finds`, () => {
    test('generated patterns in generated texts', () => {
      fc.assert(
        fc.property(
          fc.array(spec, { minLength: 1, maxLength: 6 }),
          fc.array(text, { minLength: 1, maxLength: 6 }),
          (specs, texts) => {
            const comparison = new Comparison(makeEngine, specs);
            for (const each of texts) comparison.check(each);
          },
        ),
        runs(200),
      );
    });

    test('generated patterns, searched from any place', () => {
      fc.assert(
        fc.property(fc.array(spec, { minLength: 1, maxLength: 4 }), text, fc.nat(), (specs, each, at) => {
          new Comparison(makeEngine, specs).checkFrom(each, at);
        }),
        runs(150),
      );
    });

    test('more patterns than one set holds', () => {
      const specs = Array.from({ length: 300 }, (_, index) => ({ source: `key${index}\\b`, group: 0 }));
      const comparison = new Comparison(makeEngine, specs);
      comparison.check('key0 key299 key300 key17 key17x');
      expect(comparison.hits).toBe(3);
    });

    describe('the patterns of all shipped rules', () => {
      const { patterns } = compileRules(packs('all'), { keepPrivateIps: true });
      // Rules share patterns, and equal patterns find the same.
      const distinct = new Map(patterns.map((pattern) => [`${pattern.group} ${pattern.source}`, pattern]));
      const comparison = new Comparison(makeEngine, [...distinct.values()]);

      test('in the examples', () => {
        for (const each of exampleTexts) for (const part of each.split('\n')) comparison.check(part);
        expect(comparison.hits).toBeGreaterThan(exampleTexts.length / 2);
      });

      test('in generated lines', () => {
        fc.assert(
          fc.property(line, (each) =>
            comparison.check(toValidUtf8(Buffer.from(each.replaceAll('\n', ' '))).toString()),
          ),
          runs(60),
        );
      });

      const reason = skipReason();
      test.skipIf(reason !== undefined)(`in lines of real logs${reason ?? ''}`, () => {
        const perFile = process.env.FC_NUM_RUNS === undefined ? 2 : 50;
        for (const file of corpusFiles()) {
          const lines = linesOf(file);
          for (let i = 0; i < perFile && i < lines.length; i++) {
            const each = lines[Math.floor((i * lines.length) / perFile)] as Buffer;
            comparison.check(toValidUtf8(each).toString());
          }
        }
      });
    });
  });
}
