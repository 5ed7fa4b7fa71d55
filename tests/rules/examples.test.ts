/** Every shipped rule keeps its promises through the whole pipeline: alone, and beside all others. */
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/findings/finding.ts';
import { dockerLines } from '../property/logs.ts';
import { type Runner, runner } from '../scan/support.ts';
import { writtenRules } from '../support/writtenRules.ts';

const everything = runner({ rules: ['all'] });

function spanOf(text: string, match: string | readonly [number, number]): readonly [number, number] {
  if (typeof match !== 'string') return match;
  const start = Buffer.from(text).indexOf(match);
  return [start, start + Buffer.byteLength(match)];
}

/** The bytes of the span that no finding covers. */
function uncovered(findings: readonly Finding[], [start, end]: readonly [number, number]): number[] {
  const bytes = Array.from({ length: end - start }, (_, index) => start + index);
  return bytes.filter((at) => !findings.some(({ offset, length }) => offset <= at && at < offset + length));
}

function expectFound(
  redact: Runner,
  text: string,
  match: string | readonly [number, number],
): readonly Finding[] {
  const { output, findings } = redact.run(text);
  const span = spanOf(text, match);
  expect(span[0]).toBeGreaterThanOrEqual(0);
  expect(uncovered(findings, span)).toEqual([]);
  expect(output.toString()).toContain('[REDACTED:');
  return findings;
}

describe.each(writtenRules.map((loaded) => [loaded.rule.id, loaded] as const))('%s', (id, loaded) => {
  const { examples, nearMisses } = loaded.rule;
  const alone = runner({}, { rules: [loaded], digest: '' });

  test.each(examples.map(({ text, match }) => [text, match] as const))('finds %j', (text, match) => {
    const findings = expectFound(alone, text, match);
    const [start, end] = spanOf(text, match);
    expect(findings).toContainEqual(
      expect.objectContaining({ rule: id, offset: start, length: end - start }),
    );
    expectFound(everything, text, match);
  });

  test('finds them as the log of a container', () => {
    for (const { text, match } of examples) {
      // The escapes of a value that is escaped already are its own; multi-line values have tests of their own.
      if (typeof match !== 'string' || text.includes('\\') || text.includes('\n')) continue;
      const line = dockerLines(text);
      const output = JSON.parse(everything.run(line).output.toString());
      expect(Object.keys(output)).toEqual(['log', 'stream', 'time']);
      const before = text.split(match).length;
      expect(output.log.split(match).length).toBeLessThan(before);
    }
  });

  test('leaves near misses alone', () => {
    for (const text of nearMisses) {
      const { output, findings } = alone.run(text);
      expect(findings).toEqual([]);
      expect(output.toString()).toBe(text);
    }
  });
});

test('the id, entity and place of each rule are in its finding', () => {
  for (const { rule } of writtenRules.slice(0, 40)) {
    const { text } = rule.examples[0] as { text: string };
    const { findings } = everything.run(`x\n${text}`);
    for (const finding of findings) {
      expect(finding).toMatchObject({
        schema: 'logveil.finding/1',
        source: 'test',
        keyId: expect.stringMatching(/^k[0-9a-f]{8}$/),
      });
      expect(finding.line).toBeGreaterThan(1);
      expect(finding.fingerprint).toMatch(/^[0-9a-f]{32}$/);
      expect(Object.keys(finding)).not.toContain('value');
    }
  }
});
