/** The commands that work on rules, as a user runs them. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, runShell } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';

const OWN = `schema: logveil.rules/1
rules:
  - id: acme-key
    description: Key of ACME
    entity: ACME_KEY
    category: secret
    severity: high
    confidence: 0.9
    patterns: [{ regex: 'acme_[0-9a-f]{8}' }]
    examples: [{ text: 'x acme_01234567', match: acme_01234567 }]
    nearMisses: [acme_zz]
`;

describe('rules list', () => {
  test('filters and counts', async () => {
    const { stdout, code } = await runCli([
      'rules',
      'list',
      '--category',
      'secret',
      '--severity',
      'critical',
      '--text',
      'STRIPE',
    ]);
    expect(code).toBe(0);
    const lines = stdout.toString().trim().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ of \d+ rules$/);
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/ secret +critical /);
    expect(lines.length).toBeGreaterThan(2);
  });

  test('as JSON, with two values of one filter', async () => {
    const { stdout } = await runCli([
      'rules',
      'list',
      'pii/de',
      'pii/fr',
      '--pack',
      'pii/fr',
      '--entity',
      'FR_NIR',
      '--entity',
      'FR_VAT',
      '--format',
      'json',
    ]);
    const { count, of, rules, pack } = JSON.parse(stdout.toString()) as {
      count: number;
      of: number;
      rules: { pack: string }[];
      pack: Record<string, number>;
    };
    expect(of).toBeGreaterThan(count);
    expect(rules).toHaveLength(count);
    expect(rules.every((rule) => rule.pack === 'pii/fr')).toBe(true);
    expect(Object.values(pack).reduce((a, b) => a + b, 0)).toBe(count);
  });

  test('refuses a category that does not exist', async () => {
    const { code, stderr } = await runCli(['rules', 'list', '--category', 'nope']);
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are');
  });
});

test('rules check tells all problems of all names at once', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'bad.yaml': OWN.replace('acme_[0-9a-f]{8}', '(?=x)'),
    'miss.yaml': OWN.replace('acme-key', 'acme-two').replace(
      'nearMisses: [acme_zz]',
      'nearMisses: [acme_aaaaaaaa]',
    ),
    'in/yaml.yaml': 'a: [\n',
  });
  const { code, stderr } = await runCli(['rules', 'check', 'nope', 'bad.yaml', 'in', 'miss.yaml', 'pii/de'], {
    cwd: folder,
  });
  expect(code).toBe(2);
  for (const told of ['nope:1:1:', 'bad.yaml:9:18:', 'in/yaml.yaml:2:1:', 'miss.yaml:11:18:', '4 problems'])
    expect(stderr).toContain(told);
});

describe('rules test', () => {
  test('sends the examples of own rules through all rules in use', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, { 'own.yaml': OWN });
    const good = await runCli(['rules', 'test', '--rules', 'default', '--rules', 'own.yaml', 'acme-key'], {
      cwd: folder,
    });
    expect([good.code, good.stdout.toString()]).toEqual([
      0,
      expect.stringMatching(/^1 rules among \d+: 1 examples and 1 near misses, 0 fail\n$/),
    ]);
  });

  test('tells where an example fails, and why', async () => {
    const folder = temporaryFolder();
    writeFiles(folder, {
      'own.yaml': OWN.replace(
        "patterns: [{ regex: 'acme_[0-9a-f]{8}' }]",
        "patterns: [{ regex: 'acme_[0-9a-f]{8}' }]\n    token: { minDigits: 9 }",
      ),
      'logveil.yaml': 'rules: [./own.yaml]\n',
    });
    const { code, stderr, stdout } = await runCli(['rules', 'test'], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toContain(
      'own.yaml:11:18: acme-key: expected bytes 2-15 to be redacted, nothing is found there: pattern 1 matches, but token: digits: at least 9 expected, it has 8',
    );
    expect(stdout.toString()).toContain('1 fail');
  });

  test('refuses an id that is no rule', async () => {
    const { code, stderr } = await runCli(['rules', 'test', '--rules', 'pii', 'nope']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('not nope')]);
  });
});

describe('rules explain', () => {
  const SECRET = 'Zr9kd4xQp2Lm8Vt6Bn3Ws7Yc1';

  test('masks values, found or not, in text and JSON', async () => {
    for (const format of ['text', 'json']) {
      const input = `mail ana@example.com password=${SECRET}\ncard 4111 1111 1111 1112\n`;
      const { code, stdout, stderr } = await runCli(['rules', 'explain', '--format', format], { input });
      expect(code).toBe(0);
      expect(`${stdout}${stderr}`).not.toMatch(new RegExp(`ana@|${SECRET}|4111`));
      expect(stdout.toString()).toContain('luhn');
    }
  });

  test('takes a line of a file, in which a value of many lines goes on', async () => {
    const folder = temporaryFolder();
    const body = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
    writeFiles(folder, {
      'app.log': `one\n-----BEGIN PRIVATE KEY-----\n${body}\n${body}\n-----END PRIVATE KEY-----\nsix ana@example.com\n`,
    });
    const third = await runCli(['rules', 'explain', '--line', '3', 'app.log'], { cwd: folder });
    expect(third.stdout.toString()).toMatch(
      /^line 3: 64 bytes, 1 finding\n\nprivate-key .* from line 2 on: a value of many lines/,
    );
    const sixth = await runCli(['rules', 'explain', '--line', '6', 'app.log'], { cwd: folder });
    expect(sixth.stdout.toString()).toMatch(/^line 6: 19 bytes, 1 finding\n\nemail {2}finding/);
    const none = await runCli(['rules', 'explain', '--line', '60', 'app.log'], { cwd: folder });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('fewer than 60 lines')]);
  });

  test('reveals values on a terminal only', async () => {
    const { code, stderr } = await runCli(['rules', 'explain', '--reveal', 'x']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a terminal')]);
  });

  test('tells why a rule that is asked for has no candidate', async () => {
    const { stdout } = await runCli(['rules', 'explain', '--rule', 'email', 'nothing here']);
    expect(stdout.toString()).toContain('its anchor is missing: `@');
  });
});

test('rules cost sorts by time and says why', async () => {
  const folder = temporaryFolder();
  const slow = OWN.replace('acme-key', 'slow')
    .replace('acme_[0-9a-f]{8}', '[a-z]*[0-9a-z_]+7')
    .replace('match: acme_01234567', 'match: acme_01234567')
    .replace('nearMisses: [acme_zz]', '');
  writeFiles(folder, { 'own.yaml': OWN, 'slow.yaml': slow });
  const { code, stdout, stderr } = await runCli(
    ['rules', 'cost', 'own.yaml', 'slow.yaml', '--format', 'json'],
    { cwd: folder },
  );
  expect([code, stderr]).toEqual([0, '']);
  const { rules } = JSON.parse(stdout.toString()) as {
    rules: { rule: string; msPerMib: number; reasons: string[] }[];
  };
  expect(rules.map(({ rule }) => rule)).toEqual(['slow', 'acme-key']);
  expect(rules[0].reasons.join()).toMatch(/anchor|far ahead|states/);
});

test('rules new writes a rule that passes its check, and no file twice', async () => {
  const folder = temporaryFolder();
  const args = [
    'rules',
    'new',
    'acme-key',
    '--pattern',
    'acmekey=([0-9a-f]{20})(?:\\s|$)',
    '--output',
    'new.yaml',
  ];
  expect((await runCli(args, { cwd: folder })).code).toBe(0);
  const text = readFileSync(join(folder, 'new.yaml'), 'utf8');
  expect(text).toContain('group: 1');
  expect((await runCli(['rules', 'check', 'new.yaml'], { cwd: folder })).code).toBe(0);
  const again = await runCli(args, { cwd: folder });
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('is there already')]);
  const piped = await runShell('"$@" rules new acme-key > p.yaml && "$@" rules check p.yaml', [], {
    cwd: folder,
  });
  expect([piped.code, piped.stderr]).toEqual([0, '']);
  for (const bad of [['Bad_Id'], ['x', '--pattern', '(?=x)'], ['x', '--pattern', 'a*'], ['email']]) {
    const { code, stderr } = await runCli(['rules', 'new', ...bad], { cwd: folder });
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected')]);
  }
});

test('an audit marks what a comment allows, counts it apart, and does not fail on it', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'app.conf': 'owner=ana@example.com # logveil:allow=email\nhost=203.0.113.9 # logveil:allow=email\n',
    'ok.conf': 'a ana@example.com and 203.0.113.9 # logveil:allow',
  });
  const run = (path: string, format = 'jsonl') =>
    runCli(['audit', path, '--fail-on', 'low', '--format', format, '--stats'], { cwd: folder });
  const found = await run('app.conf');
  expect(found.code).toBe(1);
  const findings = found.stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(findings.map(({ rule, suppressed }) => [rule, suppressed])).toEqual([
    ['email', 'comment'],
    ['ipv4', undefined],
  ]);
  expect(found.stderr).toContain('1 findings');
  expect(found.stderr).toContain('1  suppressed by comments');
  const clean = await run('ok.conf', 'text');
  expect(clean.code).toBe(0);
  expect(clean.stdout.toString()).toContain('2 findings suppressed by comments');
  expect(statSync(join(folder, 'ok.conf')).size).toBeGreaterThan(0);
});
