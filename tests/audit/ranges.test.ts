/** However a file is cut into ranges, and however many search: the findings are those of one reader. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler, letters } from '../support/generators.ts';
import { audit, ENVIRONMENT, withRules } from './support.ts';

const line = fc.oneof(
  fc.integer({ min: 0, max: 300 }).map((length) => filler(length, length + 1).toString()),
  fc
    .integer({ min: 1, max: 99 })
    .map((n) => `2026-01-02T03:04:05Z to user-${n}@toy.example and user-${n + 1}@toy.example`),
  fc.integer({ min: 1, max: 9 }).map((n) => `key tok_${letters(n)} end`),
  fc
    .integer({ min: 0, max: 40 })
    .map((n) => ['BEGIN TOY', ...Array(n).fill('QUJDREVGR0g='.repeat(4)), 'END TOY'].join('\n')),
  // Without an end, and with one that comes too late.
  fc
    .integer({ min: 0, max: 120 })
    .map((n) => ['BEGIN TOY', ...Array(n).fill('QUJDREVGR0g='.repeat(5))].join('\n')),
  fc.integer({ min: 1, max: 9 }).map((n) => `${filler(3000, n)} user-${n}@toy.example ${filler(2000, n)}`),
);
const log = fc.tuple(
  fc.array(line, { minLength: 5, maxLength: 120 }),
  fc.constantFrom('\n', '\r\n'),
  fc.boolean(),
);

it('ranges and threads find what one stream finds', { timeout: 120_000 }, async () => {
  const property = fc.asyncProperty(
    log,
    fc.integer({ min: 300, max: 9000 }),
    async ([lines, end, isEnded], size) => {
      const folder = temporaryFolder();
      const text = lines.join(end) + (isEnded ? end : '');
      writeFiles(folder, { 'a.log': text });
      const rules = withRules(folder);
      const args = ['--max-line', '2KiB', '--format', 'jsonl', '-o'];
      const redacted = await runCli(
        [...rules, '--max-line', '2KiB', '--action', 'keep', '--findings', 'all.jsonl', 'a.log'],
        {
          cwd: folder,
          env: ENVIRONMENT,
        },
      );
      expect(redacted.code).toBe(0);
      const whole = readFileSync(join(folder, 'all.jsonl'), 'utf8');
      const ranges = { LOGVEIL_TEST_RANGE_BYTES: String(size) };
      for (const [workers, env] of [
        ['1', {}],
        ['1', ranges],
        ['2', ranges],
      ] as const) {
        const result = await audit(folder, ['a.log', ...args, 'out.jsonl', '--workers', workers], env);
        expect(result.stderr).toBe('');
        expect(readFileSync(join(folder, 'out.jsonl'), 'utf8')).toBe(whole);
      }
    },
  );
  await fc.assert(property, { numRuns: 8 });
});

it('all formats are the same with one worker and with two', async () => {
  const folder = temporaryFolder();
  const lines = Array.from(
    { length: 4000 },
    (_, i) => `2026-02-0${1 + (i % 9)} 10:00:00 svc user-${i % 70}@toy.example ${filler(60, i + 1)}`,
  );
  writeFiles(folder, {
    'logs/a.log': lines.join('\n'),
    'logs/b/c.log': `tok_${letters(1)}\n`,
    'logs/b/d.log': 'clean\n',
  });
  for (const format of ['text', 'summary', 'csv', 'sarif', 'json']) {
    const outputs = [];
    for (const workers of ['1', '2']) {
      const result = await audit(folder, ['logs', '--format', format, '--workers', workers], {
        LOGVEIL_TEST_RANGE_BYTES: '20000',
      });
      expect(result.code).toBe(1);
      outputs.push(stable(result.stdout.toString()));
    }
    expect(outputs[1]).toBe(outputs[0]);
  }
});

/** What differs from run to run. */
function stable(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replace(/"(started|ended|startTimeUtc|endTimeUtc)":"[^"]*"/g, '"$1":"<time>"')
    .replace(/"seconds":[\d.]+,"workers":\d+/, '"seconds":0,"workers":0')
    .replace(/lines, [\d.]+ s/, 'lines, 0 s');
}
