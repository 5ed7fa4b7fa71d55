/** Generators of log text in which rules find much: examples of the shipped rules, noise, and hostile pieces between. */
import fc from 'fast-check';
import { writtenRules } from '../support/writtenRules.ts';

/** Texts of rule examples and near misses, the multi-line ones too. */
export const exampleTexts: readonly string[] = writtenRules.flatMap(({ rule }) => [
  ...rule.examples.map(({ text }) => text),
  ...rule.nearMisses,
]);

/** The values in them that rules redact. */
export const exampleValues: readonly string[] = writtenRules.flatMap(({ rule }) =>
  rule.examples.flatMap(({ match }) => (typeof match === 'string' ? [match] : [])),
);

const BASE64_LINE = 'MIIEowIBAAKCAQEAx81hK20pqLz94TmVk29XqT71mLzPw84vZk31xPq8vTn5Lw0R';

/** A private key in PEM, whole, cut, nested, or with another thing in it. */
export const pemBlock: fc.Arbitrary<string> = fc
  .record({
    kind: fc.constantFrom('PRIVATE KEY', 'RSA PRIVATE KEY', 'OPENSSH PRIVATE KEY', 'PGP PRIVATE KEY BLOCK'),
    lines: fc.array(
      fc.oneof(
        { weight: 8, arbitrary: fc.constant(BASE64_LINE) },
        {
          weight: 1,
          arbitrary: fc.constantFrom('Proc-Type: 4,ENCRYPTED', '', '=Xy3z', 'no body here, (really)'),
        },
        { weight: 1, arbitrary: fc.constant('-----BEGIN PRIVATE KEY-----') },
      ),
      { maxLength: 14 },
    ),
    hasEnd: fc.boolean(),
    newline: fc.constantFrom('\n', '\r\n', '\\n', '\\\\n'),
  })
  .map(({ kind, lines, hasEnd, newline }) =>
    [`-----BEGIN ${kind}-----`, ...lines, ...(hasEnd ? [`-----END ${kind}-----`] : [])].join(newline),
  );

/** Lines as container runtimes write them. */
export const dockerLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-03-14T09:21:07.1Z' }))
    .join('\n');

const noise: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    ...[
      ' ',
      '  ',
      '\t',
      ',',
      ';',
      '"',
      '\\"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ':',
      '=',
      '@',
      '.',
      '/',
      '-',
      '+',
      '&',
      "'",
    ],
    ...[
      '\0',
      '\u001a',
      'é',
      '😀',
      '漢字',
      'GET /index.html HTTP/1.1',
      'level=info',
      'password=',
      '"password":"',
    ],
    ...[
      '[REDACTED:email]',
      '[email:0123456789]',
      '[LOGVEIL: line withheld: engine error]',
      '[REDACTED:',
      '\\u0040',
    ],
    ...['{"a":1}', '{"msg":"', '"}', '4111', '203.0.', 'a', '0', 'Authorization: Bearer ', '://', '%40'],
  ),
  fc.string({ maxLength: 12 }),
);

export const piece: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...exampleTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...exampleValues) },
  { weight: 4, arbitrary: noise },
);

const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const ENCODINGS: readonly ((text: string) => string)[] = [
  encodeURIComponent,
  (text) => encodeURIComponent(encodeURIComponent(text)),
  percent,
  (text) => text.replace(/[^A-Za-z0-9 ]/g, (char) => `&#${char.codePointAt(0)};`),
  (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('@', '&#x40;'),
  (text) =>
    text.replace(
      /[^A-Za-z0-9 ]/g,
      (char) => `\\x${(char.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`,
    ),
  (text) =>
    text.replace(/[^ -~]|[@:=.]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  (text) => JSON.stringify({ password: text, note: text }).replaceAll('"', '\\"'),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Buffer.from(`user=${text}`).toString('base64url'),
  (text) => encodeURIComponent(JSON.stringify({ password: text })),
];

/** An example or a value as it stands where something has encoded it, once or twice. */
export const encoded: fc.Arbitrary<string> = fc
  .tuple(
    fc.oneof(fc.constantFrom(...exampleValues), fc.constantFrom(...exampleTexts)),
    fc.array(fc.constantFrom(...ENCODINGS), { minLength: 1, maxLength: 2 }),
  )
  .map(([text, encodings]) => encodings.reduce((inner, encode) => encode(inner), text));

/** One line without its end. */
export const line: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .array(fc.oneof(encoded, encoded, piece), { maxLength: 4 })
      .map((pieces) => pieces.join(' ')),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.oneof(encoded, piece), { maxLength: 3 })
      .map((pieces) => JSON.stringify({ msg: pieces.join(' '), url: pieces[0] })),
  },
  { weight: 6, arbitrary: fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join('')) },
  { weight: 2, arbitrary: fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(' ')) },
  {
    weight: 1,
    arbitrary: fc.array(piece, { maxLength: 3 }).map((pieces) => JSON.stringify({ msg: pieces.join(' ') })),
  },
  { weight: 1, arbitrary: fc.constant('') },
);

const section: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: line },
  { weight: 2, arbitrary: pemBlock },
  { weight: 1, arbitrary: pemBlock.map(dockerLines) },
  { weight: 1, arbitrary: fc.tuple(piece, pemBlock, piece).map((parts) => parts.join('')) },
);

const invalidBytes = fc.constantFrom(
  Buffer.from([0xff]),
  Buffer.from([0xc3]),
  Buffer.from([0xe2, 0x82]),
  Buffer.from([0xed, 0xa0, 0x80]),
  Buffer.from([0x00, 0x80]),
);

/** A log of some lines: any line ends, with or without the last, here and there bytes that are no UTF-8. */
export const log: fc.Arbitrary<Buffer> = fc
  .array(
    fc.tuple(
      section,
      fc.constantFrom('\n', '\n', '\r\n', '\r', '\n\n'),
      fc.option(invalidBytes, { freq: 6, nil: Buffer.alloc(0) }),
      fc.nat(),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .chain((sections) =>
    fc.boolean().map((hasLastEnd) => {
      const parts = sections.flatMap(([text, lineEnd, bytes, at], index) => {
        const content = Buffer.from(text);
        const place = at % (content.length + 1);
        const isLast = index === sections.length - 1;
        return [
          content.subarray(0, place),
          bytes,
          content.subarray(place),
          Buffer.from(isLast && !hasLastEnd ? '' : lineEnd),
        ];
      });
      return Buffer.concat(parts);
    }),
  );
