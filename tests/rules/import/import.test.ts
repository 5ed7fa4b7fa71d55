/** Rules of other tools: what is made of them, what is left out and told, and that what they allow stays theirs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ImportedRules, importForeign, readForeign } from '../../../src/app/ruleImport.ts';
import { createSanitizer } from '../../../src/app/sanitizer.ts';
import { readFilter } from '../../../src/rules/import/filter.ts';
import { outerGroups, translateRegex } from '../../../src/rules/import/regex.ts';
import { writeRuleFile } from '../../../src/rules/import/write.ts';
import { loadRules } from '../../../src/rules/load.ts';
import type { Rule } from '../../../src/rules/schema.ts';
import { checkExamples } from '../../../src/scan/exampleCheck.ts';
import { KEY_HEX } from '../../scan/support.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { randomNumbers } from '../../support/generators.ts';

function imported(file: string, text: string, taken: readonly string[] = []): ImportedRules {
  const foreign = readForeign(file, text);
  if (!('rules' in foreign)) throw new Error(foreign.map(({ message }) => message).join());
  const random = randomNumbers(7);
  return importForeign(foreign, new Set(taken), '', (limit) => Math.floor(random() * limit));
}

/** The rules as they are after they were written and read again. */
function written(text: ImportedRules): readonly Rule[] {
  const path = join(temporaryFolder(), 'imported.yaml');
  writeFileSync(path, writeRuleFile(['test'], text.rules));
  return loadRules([{ file: 'imported.yaml', path, pack: 'user' }], checkExamples).rules.map(
    ({ rule }) => rule,
  );
}

const notesOf = ({ notes }: ImportedRules): string[] =>
  notes.map(({ line, message }) => `${line}: ${message}`);

const GITLEAKS = `
title = "test"
[allowlist]
regexes = ['''^allowed-everywhere''', '''(?<!x)y''']
paths = ["vendor"]

[[rules]]
id = "acme_token"
description = """
Token of
ACME"""
regex = '''(?i)acme[ \\t:=]{1,4}([a-z0-9]{20})(?:\\s|$)'''
entropy = 2.5
keywords = ["acme"]
[[rules.allowlists]]
stopwords = ["sample"]
regexes = ["^test"]
[[rules.allowlists]]
condition = "AND"
paths = ["a"]
regexes = ["^never"]

[[rules]]
id = "group"
regex = '''(alpha|beta)-([0-9]{12})'''
secretGroup = 2
keywords = ["elsewhere"]

[[rules]]
id = "two"
regex = '''one=([0-9]{6})|two=([a-f]{6})'''

[[rules]]
id = "files"
path = '''\\.p12$'''

[[rules]]
id = "look"
regex = '''a(?=b)'''

[[rules]]
id = "acme.token"
regex = '''zzz[0-9]{9}'''
`;

describe('gitleaks', () => {
  const result = imported('gitleaks.toml', GITLEAKS, ['two']);

  test('becomes rules that pass their check', () => {
    const rules = written(result);
    expect(rules.map(({ id }) => id)).toEqual(['acme-token', 'group', 'gitleaks-two', 'gitleaks-acme-token']);
    expect(rules[0]).toMatchObject({
      description: 'Token of ACME',
      entity: 'ACME_TOKEN',
      category: 'secret',
      patterns: [{ group: 1 }],
      keywords: ['acme'],
      entropy: { min: 2.5 },
      allow: { patterns: ['^allowed-everywhere', '^test'], stopwords: ['sample'] },
    });
    expect(rules[1]).toMatchObject({ patterns: [{ group: 2 }], keywords: [] });
    expect(rules[2].patterns.map(({ group }) => group)).toEqual([1, 2]);
    for (const { examples } of rules) expect(examples.length).toBeGreaterThan(0);
    expect(rules[1].examples[0].match).toMatch(/^\d{12}$/);
  });

  test('is the same each time', () => {
    expect(imported('gitleaks.toml', GITLEAKS, ['two'])).toEqual(result);
  });

  test('has what can’t be imported listed with its place', () => {
    expect(notesOf(result)).toEqual([
      expect.stringMatching(/^3: allowed paths are not imported/),
      expect.stringMatching(/^3: 1 allowed patterns are not imported: RE2/),
      expect.stringMatching(/^7: `acme_token`: an allowlist is not imported: it asks for several/),
      expect.stringMatching(/^23: `group`: its keywords are looked for in a whole file/),
      expect.stringMatching(/^29: `two`: its id is taken; it is imported as `gitleaks-two`/),
      expect.stringMatching(/^29: `two`: its pattern has 2 groups/),
      expect.stringMatching(/^35: `files` is not imported: it looks at paths/),
      expect.stringMatching(/^39: `look` is not imported: expected a pattern RE2 accepts/),
      expect.stringMatching(/^41: `acme.token`: its id is taken/),
    ]);
  });

  test('what it allows is allowed for its own rules only', () => {
    const path = join(temporaryFolder(), 'own.yaml');
    writeFileSync(path, writeRuleFile([], result.rules));
    const sanitizer = createSanitizer({ rules: ['default', path], key: KEY_HEX });
    const text = 'acme: test0123456789abcdef mail test@example.com password=allowed-everywhere7';
    expect(sanitizer.redact(text)).toBe(
      'acme: test0123456789abcdef mail [REDACTED:email] password=[REDACTED:password]',
    );
  });
});

test('betterleaks: filters become entropy and allowed values; what is about other findings is left out', () => {
  const result = imported(
    'b.toml',
    `betterleaksMinVersion = "v1.6.0"
prefilter = "matchesAny(x)"
filter = '''(matchesAny(finding["secret"], [
  \`^\\$\\{\\w+}$\`,
  \`^(?:x+)$\`
]) || containsAny(finding["secret"], ["abcdefghij"]))'''
[[rules]]
id = "a"
regex = '''acme_[0-9a-z]{20}'''
filter = 'filter.entropy(finding["secret"]) < 3.1 || other(finding)'
validate = "http.get()"
[[rules]]
id = "b"
regex = "id_[0-9]{9}"
skipReport = true
[[rules]]
id = "c"
regex = "(sec)_([0-9]{9})"
valueGroup = 2
[[rules.required]]
id = "b"
`,
  );
  expect(result.format).toBe('betterleaks');
  const [rule] = written(result);
  expect(rule).toMatchObject({
    id: 'a',
    entropy: { min: 3.1 },
    allow: { patterns: ['^\\$\\{\\w+}$', '^(?:x+)$'], stopwords: ['abcdefghij'] },
  });
  expect(result.rules).toHaveLength(2);
  expect(written(result)[1]).toMatchObject({ id: 'c', patterns: [{ group: 2 }] });
  expect(notesOf(result)).toEqual([
    expect.stringContaining('2: not imported: it is about paths'),
    expect.stringContaining('10: `a`: not imported: 1 parts of its filter'),
    expect.stringContaining('15: `b` is not imported: its findings are parts of others'),
    expect.stringContaining('17: `c`: not imported: findings of other rules that it asks for'),
  ]);
});

test('kingfisher and noseyparker: extended patterns, examples, requirements', () => {
  const result = imported(
    'k.yml',
    `rules:
  - name: ACME key
    id: kingfisher.acme.1
    pattern: |
      (?x)(?i)
      \\b acme [_\\ -]?    # name
      key \\s* [:=] \\s*
      ( [a-f0-9]{16} )    (?# the key )
      \\b
    min_entropy: 2.0
    confidence: high
    pattern_requirements: { min_digits: 2, ignore_if_contains: [TEST], min_uppercase: 1 }
    examples: ['acme_key = 0123456789abcdef', 'nothing']
    negative_examples: ['acme_key = short', 'acme_key = 0123456789abcdef']
    references: ['https://example.com/acme', 'none']
  - name: hidden
    id: k.2
    visible: false
    pattern: abc
  - { name: no pattern, id: k.3 }
`,
  );
  expect(written(result)).toMatchObject([
    {
      id: 'kingfisher-acme-1',
      confidence: 0.9,
      patterns: [{ regex: '(?i)\\bacme[_ -]?key\\s*[:=]\\s*([a-f0-9]{16})\\b', group: 1 }],
      entropy: { min: 2 },
      token: { minDigits: 2 },
      allow: { stopwords: ['TEST'] },
      examples: [{ text: 'acme_key = 0123456789abcdef', match: '0123456789abcdef' }],
      nearMisses: ['acme_key = short'],
      references: ['https://example.com/acme'],
    },
  ]);
  expect(notesOf(result)).toEqual([
    expect.stringContaining('2: `kingfisher.acme.1`: 1 of its 2 examples'),
    expect.stringContaining('min_uppercase'),
    expect.stringContaining('`k.2` is not imported'),
    expect.stringContaining('`k.3` is not imported: it has no `pattern`'),
  ]);
});

test.each([
  ['x.toml', '[[rules', /valid TOML/],
  ['x.toml', 'a = 1', /expected rules of gitleaks/],
  ['x.yaml', 'a: [', /valid YAML/],
  ['x.yaml', 'rules: 5', /expected array/],
  ['x.yaml', 'rules: [{ id: a }]', /TOML|expected rules of gitleaks/],
  ['x', 'hunter2 is no rule', /expected/],
])('%s with `%s` is refused without being quoted', (file, text, told) => {
  const result = readForeign(file, text);
  const messages = 'rules' in result ? [] : result.map(({ message }) => message);
  expect(messages.join()).toMatch(told);
  expect(messages.join()).not.toContain('hunter2');
});

describe('patterns', () => {
  test.each([
    ['(?x) a b # c\n d', 'abd'],
    ['(?xi)a\\ b [ x\\#] \\# (?#no)c', '(?i)a[ ]b[x#]#c'],
    ['\\Aab\\z', '^ab$'],
    ['a\\\\A\\\\z', 'a\\\\A\\\\z'],
    [' plain ', 'plain'],
  ])('%s becomes %s', (from, to) => {
    expect(translateRegex(from)).toMatchObject({ source: to });
  });

  test('with extended syntax inside are refused, those that reach over lines told of', () => {
    expect(translateRegex('a(?x: b)')).toHaveProperty('refused');
    for (const regex of ['a\\nb', 'BEGIN[\\s\\S-]{9}END', 'a(?s:.)b'])
      expect(translateRegex(regex)).toMatchObject({ notes: [expect.stringContaining('over lines')] });
  });

  test.each([
    ['a(b)(?:c)((d)e)', [1, 2]],
    ['[(](?P<n>x)\\((y)', [1, 2]],
    ['[]()](z)[[:alpha:](]', [1]],
    ['none', []],
  ])('%s has the outer groups %j', (regex, groups) => {
    expect(outerGroups(regex)).toEqual(groups);
  });
});

test('filters that drop findings for other reasons are not taken for what they are not', () => {
  expect(readFilter('entropy(finding["secret"]) <= 3.5 && x')).toMatchObject({
    minEntropy: undefined,
    notUnderstood: 1,
  });
  expect(readFilter('(a) || (b)')).toMatchObject({ notUnderstood: 2 });
  expect(readFilter('containsAny(finding["secret"], ["a||b", "c\\"d"])')).toMatchObject({
    stopwords: ['a||b', 'c"d'],
    notUnderstood: 0,
  });
  expect(readFilter('')).toMatchObject({ notUnderstood: 0 });
});
