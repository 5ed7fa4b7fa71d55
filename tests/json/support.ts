/** What the JSON tests share: lexing in one call, plain descriptions of tokens, and generators of JSON text. */
import fc from 'fast-check';
import { DecodedString, decodeString } from '../../src/json/decode.ts';
import { JsonLexer } from '../../src/json/lexer.ts';
import { type JsonTokens, NO_KEY, TokenKind } from '../../src/json/tokens.ts';

export interface Leaf {
  readonly kind: TokenKind;
  /** Decoded text for strings, the spelling for numbers and literals. */
  readonly value: string;
  /** Names of the keys above, the nearest first. */
  readonly path: readonly string[];
}

export const bytesOf = (text: string): Buffer => Buffer.from(text);

export function lexLine(line: Uint8Array | string): JsonTokens {
  const bytes = typeof line === 'string' ? bytesOf(line) : line;
  const lexer = new JsonLexer();
  lexer.lex(bytes, 0, bytes.length);
  return lexer.tokens;
}

export function isStringKind(kind: number): boolean {
  return kind === TokenKind.Key || kind === TokenKind.String || kind === TokenKind.Quoted;
}

export function decoded(bytes: Uint8Array, start: number, end: number, quoted = false): Buffer {
  const out = new DecodedString(0);
  decodeString(bytes, start, end, out, quoted);
  return Buffer.from(out.bytes.subarray(0, out.length));
}

export function pathOf(tokens: JsonTokens, token: number): string[] {
  const path: string[] = [];
  for (let key = tokens.keys[token]; key !== NO_KEY; key = tokens.parentKey(key)) {
    path.push(Buffer.from(tokens.keyName(key)).toString());
  }
  return path;
}

/** All tokens, keys too, in order. */
export function leavesOf(tokens: JsonTokens): Leaf[] {
  const leaves: Leaf[] = [];
  for (let token = 0; token < tokens.count; token++) {
    const kind = tokens.kinds[token] as TokenKind;
    const value = isStringKind(kind)
      ? decoded(
          tokens.bytes,
          tokens.interiorStart(token),
          tokens.interiorEnd(token),
          kind === TokenKind.Quoted,
        )
      : Buffer.from(tokens.bytes.subarray(tokens.starts[token], tokens.ends[token]));
    leaves.push({ kind, value: value.toString(), path: pathOf(tokens, token) });
  }
  return leaves;
}

/** Lone surrogates become U+FFFD, as in UTF-8. */
const wellFormed = (text: string): string => Buffer.from(text).toString();

/** The same list, made from the parsed value; numbers by value, as their spelling is lost. */
export function leavesOfValue(value: unknown, path: readonly string[] = []): Leaf[] {
  if (Array.isArray(value)) return value.flatMap((element) => leavesOfValue(element, path));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, member]) => {
      const name = wellFormed(key);
      return [{ kind: TokenKind.Key, value: name, path }, ...leavesOfValue(member, [name, ...path])];
    });
  }
  if (typeof value === 'string') return [{ kind: TokenKind.String, value: wellFormed(value), path }];
  const kind = typeof value === 'number' ? TokenKind.Number : TokenKind.Literal;
  return [{ kind, value: JSON.stringify(value), path }];
}

/** Numbers written the one way JSON.stringify writes them. */
export function withPlainNumbers(leaves: readonly Leaf[]): Leaf[] {
  return leaves.map((leaf) =>
    leaf.kind === TokenKind.Number ? { ...leaf, value: JSON.stringify(Number(leaf.value)) } : leaf,
  );
}

/** What of a token must not depend on how the line was read. */
export function rangesOf(tokens: JsonTokens): { text: string; kind: number; structural: boolean }[] {
  return Array.from({ length: tokens.count }, (_, token) => ({
    text: Buffer.from(tokens.bytes.subarray(tokens.starts[token], tokens.ends[token])).toString(),
    kind: tokens.kinds[token],
    structural: tokens.isStructural(token),
  }));
}

export function fragmentsOf(tokens: JsonTokens): string[] {
  return Array.from({ length: tokens.fragmentCount }, (_, fragment) =>
    Buffer.from(
      tokens.bytes.subarray(tokens.fragmentStarts[fragment], tokens.fragmentEnds[fragment]),
    ).toString(),
  );
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Writes a value as JSON with spaces and escapes chosen by `pick`, which returns an integer below its argument. */
export function spell(value: unknown, pick: (choices: number) => number): string {
  const space = (): string => ['', '', '', ' ', '\t', '  '][pick(6)];
  const unicodeEscape = (unit: number): string => {
    const hex = unit.toString(16).padStart(4, '0');
    return `\\u${pick(2) === 0 ? hex : hex.toUpperCase()}`;
  };
  const spellString = (text: string): string => {
    let spelled = '"';
    for (const character of text) {
      const code = character.codePointAt(0) as number;
      const mustEscape = code < 0x20 || character === '"' || character === '\\';
      const isLone = code >= 0xd800 && code <= 0xdfff;
      const choice = pick(6);
      if (choice === 0 || isLone) {
        for (let i = 0; i < character.length; i++) spelled += unicodeEscape(character.charCodeAt(i));
      } else if (mustEscape || choice === 1) {
        spelled += SHORT_ESCAPES[character] ?? (mustEscape ? unicodeEscape(code) : character);
      } else {
        spelled += character;
      }
    }
    return `${spelled}"`;
  };
  const spellValue = (inner: unknown): string => {
    if (typeof inner === 'string') return spellString(inner);
    if (typeof inner !== 'object' || inner === null) return JSON.stringify(inner);
    const [open, close, members] = Array.isArray(inner)
      ? ['[', ']', inner.map(spellValue)]
      : [
          '{',
          '}',
          Object.entries(inner).map(
            ([key, member]) => `${spellString(key)}${space()}:${space()}${spellValue(member)}`,
          ),
        ];
    return open + space() + members.join(`${space()},${space()}`) + space() + close;
  };
  return spellValue(value);
}

const documents = fc
  .jsonValue({ maxDepth: 6, stringUnit: 'binary' })
  .map((value) => (typeof value === 'object' && value !== null ? value : [value]));

/** Text of one JSON object or array. */
export const jsonText: fc.Arbitrary<string> = fc
  .tuple(documents, fc.infiniteStream(fc.nat({ max: 59 })))
  .map(([value, stream]) => spell(value, (choices) => (stream.next().value as number) % choices));

/** Parts of JSON and of what surrounds it in logs; put together at random they hit the grammar's edges. */
export const jsonPieces: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom('{', '}', '[', ']', ',', ':', '"a":', '"b"', ' ', '"') },
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          ...['1', '0', '-', '.5', 'e3', 'E+', '12.5e-7', 'true', 'false', 'null', 'tru', 'nul'],
          ...[
            '"x\\"y"',
            '"\\u00e9\\ud83d\\ude00"',
            '"\\',
            '\\',
            '\\"',
            '\\u12',
            'msg=',
            'é',
            '😀',
            '\t',
            '\u0001',
            'x',
          ],
        ),
      },
      { weight: 2, arbitrary: jsonText },
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''));

/** JSON with one byte changed, which may leave it valid. */
export const damagedJson: fc.Arbitrary<Buffer> = fc
  .tuple(jsonText, fc.nat(), fc.constantFrom(...'{}[],:"\\x1 '))
  .map(([text, at, change]) => {
    const bytes = bytesOf(text);
    bytes[at % bytes.length] = change.charCodeAt(0);
    return bytes;
  });

/** Lines of a log that may hold JSON: text and JSON mixed, JSON with one byte changed, and plain bytes. */
export const logLine: fc.Arbitrary<Buffer> = fc.oneof(
  jsonPieces.map(bytesOf),
  damagedJson,
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);
