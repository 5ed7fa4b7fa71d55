/** SARIF against the schema of its standard, and against what code scanning asks for beyond it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { History } from '../../src/audit/history.ts';
import { TextColumns } from '../../src/audit/textColumns.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { letters } from '../support/generators.ts';
import { audit } from './support.ts';

/** Microsoft's package carries the schema as OASIS has it; it is of draft 4, of which it uses what draft 7 has too. */
function schema(): object {
  const path = createRequire(import.meta.url).resolve(
    '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  const { id: _, $schema: __, ...rest } = JSON.parse(readFileSync(path, 'utf8'));
  return rest;
}

const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
formats.default(ajv);
const validate = ajv.compile(schema());

const LINES = [
  '2026-05-01 10:00:00 für 😀 user-1@toy.example and user-2@toy.example',
  `key tok_${letters(1)}`,
  'BEGIN TOY',
  'AAAA',
  'END TOY behind user-1@toy.example',
  'user-1@toy.example user-1@toy.example',
  '',
];

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly message: { readonly text: string };
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string; readonly uriBaseId?: string };
        readonly region: {
          readonly startLine: number;
          readonly startColumn: number;
          readonly endLine: number;
          readonly endColumn: number;
          readonly properties: { readonly byteOffset: number; readonly byteLength: number };
        };
      };
    },
  ];
}

it('keeps to the schema, with gaps, a comparison and odd names too', async () => {
  const folder = temporaryFolder();
  const text = LINES.join('\n');
  writeFiles(folder, {
    'logs/with space#%41.log': text,
    'logs/line\nbreak "quoted".log': text,
    'logs/picture.png': Buffer.from('89504e470d0a1a0a0000000d', 'hex'),
    'logs/empty.log': '',
  });
  await audit(folder, ['logs', '--format', 'json', '-o', 'old.json']);
  writeFiles(folder, { 'logs/new.log': 'user-77@toy.example\n' });
  const runs = [
    ['logs'],
    [folder],
    ['./logs', '--diff', 'old.json'],
    ['logs', '--max-locations', '1', '--max-values', '2'],
    ['logs/empty.log'],
    ['nowhere'],
  ];
  for (const args of runs) {
    const { stdout } = await audit(folder, [...args, '--format', 'sarif']);
    validate(JSON.parse(stdout.toString()));
    expect(validate.errors ?? []).toEqual([]);
  }
});

it('has what code scanning requires of rules and results', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'logs/a.log': LINES.join('\n') });
  const { stdout } = await audit(folder, ['./logs', '--format', 'sarif']);
  const [run] = JSON.parse(stdout.toString()).runs;
  const { rules } = run.tool.driver;
  for (const { shortDescription, fullDescription, help, defaultConfiguration, properties } of rules) {
    for (const { text } of [shortDescription, fullDescription, help]) expect(text).not.toBe('');
    expect(['note', 'warning', 'error']).toContain(defaultConfiguration.level);
    expect(Number(properties['security-severity'])).toBeGreaterThan(0);
    expect(properties.tags).toContain('security');
  }
  const results: readonly Result[] = run.results;
  expect(results).toHaveLength(7);
  expect(run.columnKind).toBe('utf16CodeUnits');
  const places = new Set<string>();
  for (const { ruleId, ruleIndex, partialFingerprints, locations } of results) {
    expect(rules[ruleIndex].id).toBe(ruleId);
    const { artifactLocation, region } = locations[0].physicalLocation;
    expect(artifactLocation).toEqual({ uri: 'logs/a.log', uriBaseId: '%SRCROOT%' });
    const { byteOffset, byteLength } = region.properties;
    const value = Buffer.from(LINES.join('\n')).toString('utf8', byteOffset, byteOffset + byteLength);
    expect(textOf(LINES, region)).toBe(value);
    expect(partialFingerprints.primaryLocationLineHash).toMatch(/^[0-9a-f]{32}:\d+$/);
    places.add(`${ruleId} ${partialFingerprints.primaryLocationLineHash}`);
  }
  // None is taken for another's repetition.
  expect(places.size).toBe(7);
});

/** The text of a region, columns in UTF-16 code units. */
function textOf(
  lines: readonly string[],
  region: Result['locations'][0]['physicalLocation']['region'],
): string {
  const { startLine, startColumn, endLine, endColumn } = region;
  const covered = lines.slice(startLine - 1, endLine);
  const last = covered.length - 1;
  covered[last] = (covered[last] as string).slice(0, endColumn - 1);
  covered[0] = (covered[0] as string).slice(startColumn - 1);
  return covered.join('\n');
}

test('columns count code units, in whatever order places come', () => {
  const line = fc
    .string({ unit: 'binary', maxLength: 60 })
    .map((text) => Buffer.from(text).toString().replaceAll('\n', ' '));
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 5 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 20 }),
      (lines, asked) => {
        const history = new History();
        history.begin(0);
        history.add(Buffer.from(lines.join('\n')));
        const columns = new TextColumns(history);
        for (const [one, two, three] of asked) {
          const number = one % lines.length;
          const characters = [...(lines[number] as string)];
          const before = characters.slice(0, two % (characters.length + 1)).join('');
          const value = characters
            .slice([...before].length)
            .slice(0, three % 7)
            .join('');
          const lineStart = Buffer.byteLength(
            lines
              .slice(0, number)
              .map((text) => `${text}\n`)
              .join(''),
          );
          const column = Buffer.byteLength(before) + 1;
          expect(
            columns.of({ offset: lineStart + column - 1, column, length: Buffer.byteLength(value) }),
          ).toEqual([before.length + 1, 0, before.length + value.length + 1]);
        }
      },
    ),
    { numRuns: 200 },
  );
});
