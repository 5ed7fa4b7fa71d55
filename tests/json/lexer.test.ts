import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonLexer, MAX_DEPTH } from '../../src/json/lexer.ts';
import { TokenFlag, TokenKind } from '../../src/json/tokens.ts';
import {
  bytesOf,
  damagedJson,
  fragmentsOf,
  jsonPieces,
  jsonText,
  leavesOf,
  leavesOfValue,
  lexLine,
  logLine,
  rangesOf,
  withPlainNumbers,
} from './support.ts';

const { Key, String: Str, Number: Num, Literal, Quoted } = TokenKind;

/** Tokens as `[text, kind, structural]`. */
const tokensOf = (line: string): [string, number, boolean][] =>
  rangesOf(lexLine(line)).map(({ text, kind, structural }) => [text, kind, structural]);

/** The strings of a text may hold anything; JSON.parse judges the rest. */
function parses(text: string): boolean {
  try {
    JSON.parse(text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, '"s"'));
    return true;
  } catch {
    return false;
  }
}

describe('fragments', () => {
  test('an object with all kinds of values', () => {
    expect(tokensOf('{"a":"x","b":[1,true],"c":{"d":null}}')).toEqual([
      ['"a"', Key, true],
      ['"x"', Str, true],
      ['"b"', Key, true],
      ['1', Num, true],
      ['true', Literal, true],
      ['"c"', Key, true],
      ['"d"', Key, true],
      ['null', Literal, true],
    ]);
  });

  test('after a prefix, before text, several in a line', () => {
    const line = '<13>Nov 22 host app[77]: {"a":1} took 3s [1] {"b":[]}';
    expect(fragmentsOf(lexLine(line))).toEqual(['[77]', '{"a":1}', '[1]', '{"b":[]}']);
  });

  test.each([
    ['[203.0.113.9] - -', []],
    ['[2024-01-01T10:00:00] x', []],
    ['[INFO] {"a":1}', ['{"a":1}']],
    ['[1] {"a":1}', ['[1]', '{"a":1}']],
    ['["x" {"a":1}', ['{"a":1}']],
    ['[main {"a":1} oops', ['{"a":1}']],
    ['[1,{"a":1},[2],{"b":2} oops', ['{"a":1}', '[2]', '{"b":2}']],
    ['[t{"a":1}', ['{"a":1}']],
    ['{"a":1}}', ['{"a":1}']],
    ['{"a":01}', []],
    ['{"a":1,}', []],
    ['{a:1}', []],
    ['[1,]', []],
    ['[-]', []],
    ['[1.]', []],
    ['[truefalse]', []],
    ['{"a":1]', []],
    ['{{"a":1}', ['{"a":1}']],
  ])('in %s', (line, fragments) => {
    const tokens = lexLine(line);
    expect(fragmentsOf(tokens)).toEqual(fragments);
    const inside = fragments.flatMap((fragment) => leavesOf(lexLine(fragment)).map(({ value }) => value));
    const structural = leavesOf(tokens).filter((_, token) => tokens.isStructural(token));
    expect(structural.map(({ value }) => value)).toEqual(inside);
  });

  test('an error takes the structure from the open containers only', () => {
    expect(tokensOf('["x",{"a":1},"y" oops')).toEqual([
      ['"x"', Str, false],
      ['"a"', Key, true],
      ['1', Num, true],
      ['"y"', Str, false],
    ]);
  });

  test('a cut line keeps its structure to the end', () => {
    for (const [line, last, flags] of [
      ['x {"a":"b', '"b', TokenFlag.Open],
      ['x {"a":"b\\', '"b\\', TokenFlag.Open | TokenFlag.Escaped],
      ['x {"a', '"a', TokenFlag.Open],
      ['x {"a":12', '12', TokenFlag.Open],
      ['x {"a":tr', 'tr', TokenFlag.Open],
      ['x {"a":[1,', '1', 0],
    ] as const) {
      const tokens = lexLine(line);
      const token = tokens.count - 1;
      expect(rangesOf(tokens)[token]).toMatchObject({ text: last, structural: true });
      expect(tokens.flags[token]).toBe(flags | TokenFlag.Structural);
      expect(fragmentsOf(tokens)).toEqual([line.slice(2)]);
      expect(tokens.fragmentFlags[0]).toBe(TokenFlag.Open);
    }
  });

  test('strings may hold control characters, invalid UTF-8 and unknown escapes', () => {
    const line = Buffer.concat([bytesOf('{"a":"\t\\x22\\q'), Buffer.from([0xff, 0xc3]), bytesOf('"}')]);
    const tokens = lexLine(line);
    expect([tokens.count, tokens.fragmentCount, tokens.ends[1]]).toEqual([2, 1, line.length - 1]);
    expect(tokens.isStructural(1) && tokens.isEscaped(1) && !tokens.isOpen(1)).toBe(true);
  });

  test('nesting to the limit is JSON, one level deeper is not', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(fragmentsOf(lexLine(nested(MAX_DEPTH)))).toEqual([nested(MAX_DEPTH)]);
    expect(fragmentsOf(lexLine(nested(MAX_DEPTH + 1)))).toEqual(['[]']);
  });

  test('tokens, values and key paths are those of JSON.parse', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const tokens = lexLine(text);
        expect(fragmentsOf(tokens)).toEqual([text]);
        expect(withPlainNumbers(leavesOf(tokens))).toEqual(leavesOfValue(JSON.parse(text)));
        for (let token = 0; token < tokens.count; token++) {
          const source = tokens.bytes.subarray(tokens.starts[token], tokens.ends[token]);
          expect(tokens.isEscaped(token)).toBe(source.includes(0x5c));
          expect(tokens.isStructural(token)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('deep nesting keeps its paths', () => {
    const depth = 500;
    const text = `${'[{"k":'.repeat(depth)}1${'}]'.repeat(depth)}`;
    expect(leavesOf(lexLine(text))).toEqual(leavesOfValue(JSON.parse(text)));
  });

  test('a text in brackets is one whole fragment exactly when JSON.parse accepts it', () => {
    const bracketed = fc
      .tuple(fc.constantFrom('{', '['), jsonPieces, fc.constantFrom('', '}', ']'))
      .map((parts) => bytesOf(parts.join('')));
    const damaged = damagedJson.filter((line) => line[0] === 0x5b || line[0] === 0x7b);
    fc.assert(
      fc.property(fc.oneof(bracketed, damaged), (line) => {
        const tokens = lexLine(line);
        const isWhole =
          tokens.fragmentCount === 1 &&
          tokens.fragmentStarts[0] === 0 &&
          tokens.fragmentFlags[0] === 0 &&
          line.toString('latin1', tokens.fragmentEnds[0]).trim() === '';
        expect(isWhole).toBe(parses(line.toString('latin1')));
      }),
      { numRuns: 2000 },
    );
  });

  test('whatever the line, complete fragments parse and hold exactly the structural tokens', () => {
    fc.assert(
      fc.property(logLine, (line) => {
        const tokens = lexLine(line);
        const { fragmentStarts, fragmentEnds, fragmentFlags, starts, ends } = tokens;
        let previous = 0;
        for (let fragment = 0; fragment < tokens.fragmentCount; fragment++) {
          expect(fragmentStarts[fragment]).toBeGreaterThanOrEqual(previous);
          previous = fragmentEnds[fragment];
          // Invalid UTF-8 only occurs in strings, so reading it as Latin-1 changes nothing else.
          const text = line.toString('latin1', fragmentStarts[fragment], previous);
          if (fragmentFlags[fragment] === 0) expect(parses(text)).toBe(true);
          else expect([fragmentFlags[fragment], previous]).toEqual([TokenFlag.Open, line.length]);
        }
        expect(previous).toBeLessThanOrEqual(line.length);
        let end = 0;
        for (let token = 0; token < tokens.count; token++) {
          expect(starts[token]).toBeGreaterThanOrEqual(end);
          end = ends[token];
          expect(end).toBeGreaterThan(starts[token]);
          const inFragment = fragmentStarts
            .subarray(0, tokens.fragmentCount)
            .some((start, fragment) => start <= starts[token] && end <= fragmentEnds[fragment]);
          expect(tokens.isStructural(token)).toBe(inFragment);
        }
        expect(end).toBeLessThanOrEqual(line.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('quoted runs', () => {
  test.each([
    ['msg="say \\"hi\\"" n=1', ['"say \\"hi\\""']],
    ['a="plain" b="x\\ty"', ['"x\\ty"']],
    ['msg="no \\"end', []],
    ['"', []],
    ['path=C:\\dir "a\\nb"', ['"a\\nb"']],
    ['args={\\"a\\":\\"b\\"} msg="x\\ny"', ['"x\\ny"']],
  ])('in %s', (line, runs) => {
    const tokens = lexLine(line);
    expect(rangesOf(tokens)).toEqual(runs.map((text) => ({ text, kind: Quoted, structural: false })));
  });

  test('JSON in careless quotes is JSON', () => {
    for (const line of [
      'body="{"a":1}"',
      'body="got { "a":1}" x',
      '5" disk {"a":1}',
      '"say \\"x\\" {"a":1}',
    ]) {
      const tokens = lexLine(line);
      expect(fragmentsOf(tokens).map((text) => JSON.parse(text))).toEqual([{ a: 1 }]);
    }
  });

  test('what the quoted text says before JSON begins is reported open', () => {
    const tokens = lexLine('"say \\"x\\" {"a":1}');
    expect(rangesOf(tokens)[0]).toEqual({ text: '"say \\"x\\" ', kind: Quoted, structural: false });
    expect(tokens.isOpen(0)).toBe(true);
    expect(tokens.interiorEnd(0)).toBe(tokens.ends[0]);
  });

  test('a brace in a quoted text is not JSON', () => {
    expect(fragmentsOf(lexLine('msg="f() { return [1]; }" x'))).toEqual([]);
  });
});

describe('reuse', () => {
  test('tokens of the line before are gone', () => {
    const lexer = new JsonLexer();
    lexer.lex(bytesOf('{"a":[1,2,3]}'), 0, 13);
    expect([lexer.tokens.count, lexer.tokens.fragmentCount]).toEqual([4, 1]);
    lexer.lex(bytesOf('text [1]'), 0, 4);
    expect([lexer.tokens.count, lexer.tokens.fragmentCount]).toEqual([0, 0]);
  });
});
