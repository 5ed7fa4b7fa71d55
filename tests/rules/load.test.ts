/** Mistakes in rule files: all at once, each at its place. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import { type Problem, ProblemsError, UsageError } from '../../src/errors.ts';
import { builtInRuleFiles, resolveRuleFiles } from '../../src/rules/packs.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'logveil-rules-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function problemsOf(...paths: string[]): readonly Problem[] {
  try {
    loadRuleSet(paths);
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    expect(error.code).toBe('LOGVEIL_RULES');
    return error.problems;
  }
  return [];
}

const HEAD = 'schema: logveil.rules/1\nrules:\n';
const GOOD = `  - id: good
    description: A rule that is right
    entity: GOOD
    category: pii
    severity: low
    confidence: 0.5
    patterns:
      - regex: 'g[0-9]+'
    examples:
      - text: 'a g12 b'
        match: g12
`;

/** A rule with one line in another's place, and the line and column at which the mistake must be shown. */
function ruleWith(line: RegExp, replacement: string): string {
  expect(GOOD).toMatch(line);
  return HEAD + GOOD.replace(line, replacement);
}

/** Place of the text that marks the mistake, counted from 1. */
function placeOf(text: string, marker: string): readonly [number, number] {
  const before = text.slice(0, text.indexOf(marker)).split('\n');
  expect(text).toContain(marker);
  return [before.length, (before.at(-1) as string).length + 1];
}

const MISTAKES: readonly [string, string, string, RegExp][] = [
  [
    'a misspelt field',
    ruleWith(/^ {4}severity/m, '    allowed: []\n    severity'),
    'allowed',
    /unknown field `allowed`/,
  ],
  ['a field that is missing', ruleWith(/^ {4}severity: low\n/m, ''), 'id: good', /severity/],
  ['an id with capitals', ruleWith(/id: good/, 'id: Good_Rule'), 'id: Good_Rule', /kebab-case/],
  ['an unknown category', ruleWith(/category: pii/, 'category: personal'), 'category', /pii/],
  ['a confidence above 1', ruleWith(/0\.5/, '1.5'), 'confidence', /<=\s?1|at most 1|1/],
  ['look-ahead', ruleWith(/'g\[0-9\]\+'/, "'g(?=1)'"), "regex: 'g(?=1)'", /RE2 accepts/],
  ['a back-reference', ruleWith(/'g\[0-9\]\+'/, "'(g)\\1'"), "regex: '(g)", /RE2 accepts/],
  ['a pattern that matches nothing', ruleWith(/'g\[0-9\]\+'/, "'g*'"), "regex: 'g*'", /empty/],
  ['a pattern that is too large', ruleWith(/'g\[0-9\]\+'/, `'${'g'.repeat(9000)}'`), `regex: 'gggg`, /8192/],
  [
    'a pattern that unfolds beyond bounds',
    ruleWith(/'g\[0-9\]\+'/, "'((g{1,99}){1,99}){1,99}'"),
    "regex: '((g",
    /RE2 accepts/,
  ],
  ['an anchor of the whole text', ruleWith(/'g\[0-9\]\+'/, "'\\Ag12'"), "regex: '\\Ag", /\^/],
  [
    'a group that is not there',
    ruleWith(/'g\[0-9\]\+'/, "'g[0-9]+'\n        group: 2"),
    'group: 2',
    /group from 0 to 0/,
  ],
  [
    'an unknown validator',
    ruleWith(/^ {4}examples/m, '    validators: [luhnn]\n    examples'),
    'luhnn',
    /unknown validator/,
  ],
  [
    'bounds the wrong way round',
    ruleWith(/^ {4}examples/m, '    token: { minLength: 9, maxLength: 3 }\n    examples'),
    'token',
    /lower bound/,
  ],
  [
    'a class that is none',
    ruleWith(/^ {4}examples/m, "    boundary: { before: 'a-z' }\n    examples"),
    "before: 'a-z'",
    /character class/,
  ],
  [
    'a veto that says nothing',
    ruleWith(/^ {4}examples/m, '    vetoes: [{}]\n    examples'),
    '{}',
    /`before`, `value` or both/,
  ],
  [
    'a veto that RE2 refuses',
    ruleWith(/^ {4}examples/m, "    vetoes: [{ before: 'id(?!x)' }]\n    examples"),
    "before: 'id",
    /RE2 accepts/,
  ],
  ['an example that is not found', ruleWith(/'g\[0-9\]\+'/, "'h[0-9]+'"), "text: 'a g12 b'", /finds nothing/],
  ['an example found elsewhere', ruleWith(/match: g12/, 'match: g1'), "text: 'a g12 b'", /bytes 2-5/],
  [
    'a match that is no part of the text',
    ruleWith(/match: g12/, 'match: x12'),
    'match: x12',
    /part of the example/,
  ],
  ['a near miss that hits', `${HEAD}${GOOD}    nearMisses: ['ok', 'no g7']\n`, "'no g7'", /nothing/],
  ['no way to find anything', ruleWith(/ {4}patterns:\n.*\n/, ''), 'id: good', /at least one of/],
  ['another schema', HEAD.replace('/1', '/9') + GOOD, 'schema', /logveil\.rules\/1/],
  ['YAML that is none', `${HEAD}  - id: [\n`, '', /YAML/],
  [
    'a key given twice',
    ruleWith(/^ {4}severity: low/m, '    severity: low\n    severity: high'),
    'severity: high',
    /YAML/,
  ],
];

describe('one mistake', () => {
  test.each(MISTAKES)('%s', (name, text, marker, message) => {
    const path = file(`${name.replaceAll(' ', '-')}.yaml`, text);
    const problems = problemsOf(path);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
    const problem = problems.find((each) => message.test(each.message)) as Problem;
    expect(problem.file).toBe(path);
    if (marker !== '') expect([problem.line, problem.column]).toEqual(placeOf(text, marker));
  });

  test('a good file has none', () => {
    expect(problemsOf(file('good.yaml', HEAD + GOOD))).toEqual([]);
    expect(problemsOf(file('crlf.yaml', (HEAD + GOOD).replaceAll('\n', '\r\n')))).toEqual([]);
  });
});

test('the mistakes of all rules of all files are shown at once', () => {
  const first =
    HEAD +
    GOOD.replace('low', 'none') +
    GOOD.replace('id: good', 'id: second').replace("'g[0-9]+'", "'(?!x)'");
  const second =
    HEAD +
    GOOD.replace('id: good', 'id: third').replace('0.5', 'much') +
    GOOD.replace('id: good', 'id: second');
  const paths = [file('first.yaml', first), file('second.yaml', second)];
  const problems = problemsOf(...paths);
  const places = problems.map(({ file: name, line }) => `${name.slice(folder.length + 1)}:${line}`);
  expect(new Set(places)).toEqual(
    new Set(['first.yaml:7', 'first.yaml:21', 'second.yaml:8', 'second.yaml:14']),
  );
  expect(() => loadRuleSet(paths)).toThrow(/first\.yaml:7:5: .*\n/);
});

describe('packs', () => {
  const ids = (...names: string[]): string[] => loadRuleSet(names).rules.map(({ rule }) => rule.id);
  const inPacks = (accept: (pack: string) => boolean): string[] =>
    builtInRuleFiles()
      .filter(({ pack }) => accept(pack))
      .map(({ path }) => path);
  const pathsOf = (...names: string[]): string[] => resolveRuleFiles(names).map(({ path }) => path);

  test('names', () => {
    expect(pathsOf('all')).toEqual(inPacks(() => true));
    expect(pathsOf('default')).toEqual(inPacks((pack) => pack === 'secrets' || pack === 'pii'));
    expect(pathsOf('secrets')).toEqual(inPacks((pack) => pack === 'secrets'));
    expect(ids('pii')).toContain('email');
    expect(ids('pii')).not.toContain('jwt');
  });

  test('each region is a pack of its own, and those of the EU together', () => {
    const regions = new Set(
      builtInRuleFiles()
        .map(({ pack }) => pack)
        .filter((pack) => pack.startsWith('pii/')),
    );
    for (const region of regions)
      expect(pathsOf(region)).toEqual(expect.arrayContaining(inPacks((pack) => pack === region)));
    if (regions.has('pii/de')) {
      expect(pathsOf('pii/eu')).toEqual(expect.arrayContaining(pathsOf('pii/de')));
      expect(pathsOf('pii/eu').some((path) => /pii\/(?:us|uk|gb)\//.test(path))).toBe(false);
    }
    for (const path of pathsOf('default')) expect(path).not.toMatch(/pii\/[a-z]{2}\//);
  });

  test('each file once, in the order of the names', () => {
    expect(pathsOf('secrets', 'all', 'secrets')).toHaveLength(pathsOf('all').length);
    expect(pathsOf('secrets', 'pii')[0]).toMatch(/secrets/);
    expect(pathsOf('pii', 'secrets')[0]).toMatch(/pii/);
  });

  test('files and folders of one’s own, with packs or alone', () => {
    const own = join(folder, 'own');
    mkdirSync(join(own, 'deep'), { recursive: true });
    writeFileSync(join(own, 'b.yaml'), HEAD + GOOD);
    writeFileSync(join(own, 'deep', 'a.yml'), HEAD + GOOD.replace('id: good', 'id: other'));
    writeFileSync(join(own, 'notes.txt'), 'no rules');
    expect(ids(own)).toEqual(['good', 'other']);
    expect(ids(join(own, 'b.yaml'))).toEqual(['good']);
    expect(ids('pii', own).slice(-2)).toEqual(['good', 'other']);
    expect(loadRuleSet([own]).rules.map(({ pack }) => pack)).toEqual(['user', 'user']);
  });

  test('what stands for nothing is refused', () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    for (const name of ['nonesuch', 'pii/xx', join(folder, 'missing.yaml'), empty]) {
      expect(() => loadRuleSet([name]), name).toThrow(UsageError);
    }
    expect(() => loadRuleSet(['secret'])).toThrow(/default, all, .*secrets/);
  });

  test('the digest is that of the rules, whatever their files are called', () => {
    const one = loadRuleSet([file('one.yaml', HEAD + GOOD)]);
    const same = loadRuleSet([file('same.yaml', `# a comment\n${HEAD}${GOOD}`)]);
    const other = loadRuleSet([file('other.yaml', HEAD + GOOD.replace('0.5', '0.6'))]);
    expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(same.digest).toBe(one.digest);
    expect(other.digest).not.toBe(one.digest);
  });
});
