/** Documents, baselines, comparisons, SARIF: what other programs read. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { auditResultSchema } from '../../src/audit/result.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { letters } from '../support/generators.ts';
import { audit } from './support.ts';

const LOG = [
  '2026-05-01 10:00:00 to user-1@toy.example and user-2@toy.example',
  `2026-05-02 10:00:00 key tok_${letters(1)}`,
  '2026-05-02 11:00:00 to user-1@toy.example',
  `2026-05-03 10:00:00 user-9@toy.example logveil:allow`,
  '',
].join('\n');

it('the document keeps to its schema, and its numbers agree', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'logs/shop/a.log': LOG, 'logs/mail.log.1': LOG });
  const args = ['logs', '--format', 'json', '--sha256', '--max-locations', '3'];
  const document = auditResultSchema.parse(JSON.parse((await audit(folder, args)).stdout.toString()));
  const { totals, aggregates, values, inventory, coverage, accuracy } = document;
  expect([totals.findings, totals.suppressed, totals.distinct.count]).toEqual([8, 2, 3]);
  for (const groups of [
    aggregates.byRule,
    aggregates.byEntity,
    aggregates.byCategory,
    aggregates.byService,
    aggregates.byDay,
    inventory,
    accuracy.confidence,
  ]) {
    const counts: readonly { readonly findings: number }[] = groups;
    expect(counts.reduce((sum, { findings }) => sum + findings, 0)).toBe(8);
  }
  expect(aggregates.byService.map(({ name }) => name)).toEqual(['mail', 'shop']);
  expect(aggregates.byDay.map(({ day }) => day)).toEqual(['2026-05-01', '2026-05-02']);
  expect(
    values.map(({ findings, locations, locationsNotListed }) => [
      findings,
      locations.length,
      locationsNotListed,
    ]),
  ).toEqual([
    [4, 3, 1],
    [2, 2, 0],
    [2, 2, 0],
  ]);
  expect(coverage.entries.every(({ sha256 }) => sha256?.length === 64)).toBe(true);
});

it('a baseline accepts what is known; a new value in a known line is new', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'a.log': LOG });
  const first = await audit(folder, ['a.log', '--write-baseline', 'known.json', '--format', 'summary']);
  expect(first.code).toBe(1);
  expect(statSync(join(folder, 'known.json')).mode & 0o777).toBe(0o600);
  const again = await audit(folder, ['a.log', '--baseline', 'known.json', '--format', 'jsonl']);
  // The comment's finding is told still, and accepted.
  expect([again.code, again.stdout.toString()]).toEqual([
    0,
    expect.stringContaining('"suppressed":"comment"'),
  ]);
  writeFiles(folder, { 'a.log': LOG.replace('and user-2', 'and user-5@toy.example or user-2') });
  const changed = await audit(folder, ['a.log', '--baseline', 'known.json', '--format', 'json']);
  const { totals, baseline } = JSON.parse(changed.stdout.toString());
  expect([changed.code, totals.findings, totals.baseline, baseline.findings]).toEqual([1, 1, 4, 4]);
  const other = await audit(folder, ['a.log', '--baseline', 'known.json'], { LOGVEIL_KEY: 'ab'.repeat(32) });
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('the same key')]);
});

it('two audits are compared by value', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'a.log': LOG });
  await audit(folder, ['a.log', '--format', 'json', '-o', 'old.json']);
  writeFiles(folder, { 'a.log': LOG.replaceAll('user-1@', 'user-7@') });
  const { stdout } = await audit(folder, ['a.log', '--format', 'json', '--diff', 'old.json']);
  expect(JSON.parse(stdout.toString()).diff).toMatchObject({
    complete: true,
    values: { added: 1, gone: 1, kept: 2 },
  });
  const sarif = JSON.parse(
    (await audit(folder, ['a.log', '--format', 'sarif', '--diff', 'old.json'])).stdout.toString(),
  );
  expect(sarif.runs[0].results.map((result: { baselineState: string }) => result.baselineState)).toEqual([
    'new',
    'new',
    'unchanged',
    'unchanged',
  ]);
});

it('SARIF is as its standard says', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'logs/with space#.log': LOG });
  const { stdout } = await audit(folder, ['logs', '--format', 'sarif']);
  const log = JSON.parse(stdout.toString());
  expect([log.version, log.runs.length]).toEqual(['2.1.0', 1]);
  const [run] = log.runs;
  const { driver } = run.tool;
  expect(driver.name).toBe('logveil');
  for (const result of run.results) {
    expect(driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(['none', 'note', 'warning', 'error']).toContain(result.level);
    expect(result.message.text).not.toBe('');
    const { artifactLocation, region } = result.locations[0].physicalLocation;
    expect(artifactLocation.uri).toBe('logs/with%20space%23.log');
    expect(region.startLine).toBeGreaterThan(0);
    expect(Object.values(result.partialFingerprints).every((text) => typeof text === 'string')).toBe(true);
  }
  expect(run.invocations[0].executionSuccessful).toBe(true);
  expect(Date.parse(run.invocations[0].startTimeUtc)).not.toBeNaN();
  expect(run.automationDetails.guid).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(run.results).toHaveLength(4);
});

it('nothing that was found stands in any result, state or message', async () => {
  const folder = temporaryFolder();
  const secret = `tok_${letters(3)}`;
  // Once where a rule sees it, once where none does.
  writeFiles(folder, {
    'a.log': `Feb  3 04:05:06 ${secret} p: ${secret}x user-1@toy.example service=${secret}\n`,
  });
  for (const format of ['text', 'summary', 'jsonl', 'json', 'sarif', 'csv']) {
    const args = [
      'a.log',
      '--format',
      format,
      '--service-field',
      'service',
      '--summary',
      's.json',
      '--stats',
      '-v',
      '-o',
      'out',
    ];
    const { code, stdout, stderr } = await audit(folder, args);
    expect(code).toBe(1);
    const all =
      stdout.toString() +
      stderr +
      readFileSync(join(folder, 'out'), 'utf8') +
      readFileSync(join(folder, 's.json'), 'utf8');
    expect(all).not.toContain(secret);
    expect(all).not.toContain('user-1@toy');
  }
});

it.each([
  [['--since', 'yesterday'], 'expected a day'],
  [['--newer-than', 'x'], 'expected an age'],
  [['--min-size', 'many'], 'expected a size'],
  [['--sample', '2'], 'from 0 to 1'],
  [['--workers', '0'], 'from 1 to'],
  [['--include', '[a'], 'a bracket or brace'],
  [['--baseline', 'a.log'], 'expected JSON'],
  [['--diff', 'missing.json'], 'no such file'],
])('%s is refused', async (args, message) => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'a.log': 'x\n' });
  const { code, stderr } = await audit(folder, ['a.log', ...args]);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
