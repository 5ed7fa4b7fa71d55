/** Reviews beside a stream: gathered, dealt with now and then, never in its way. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/findings/finding.ts';
import type { Leak } from '../../../src/services/incidents/incident.ts';
import { ReviewWatch } from '../../../src/services/incidents/watch.ts';

function finding(number: number, facts: Partial<Finding> = {}): Finding {
  return {
    schema: 'logveil.finding/1',
    ...{
      rule: 'calcom-api-key',
      entity: 'CALCOM_API_KEY',
      category: 'secret',
      gdpr: [],
      severity: 'critical',
    },
    ...{
      confidence: 1,
      source: 'stdin',
      line: 1,
      column: 1,
      offset: 0,
      length: 1,
      action: 'redact',
      keyId: 'k',
    },
    fingerprint: number.toString(16).padStart(32, '0'),
    ...facts,
  };
}

describe('the watch', () => {
  const report = { outcome: { kind: 'nothing' } as const, damaged: [] };

  it('hands on each value once, with its count, and passes over what is mild or suppressed', async () => {
    const seen: (readonly Leak[])[] = [];
    const watch = new ReviewWatch({
      reviews: {
        review: async (leaks) => {
          seen.push(leaks);
          return report;
        },
      },
      minSeverity: 'high',
      everyMs: 60_000,
      onReport: () => {},
      onFailure: () => {},
    });
    for (const number of [1, 2, 1, 1]) watch.add(finding(number));
    watch.add(finding(3, { severity: 'medium' }));
    watch.add(finding(4, { suppressed: 'comment' }));
    await watch.close();
    expect(
      seen.flat().map(({ fingerprint, findings }) => [Number.parseInt(fingerprint, 16), findings]),
    ).toEqual([
      [1, 3],
      [2, 1],
    ]);
  });

  it('keeps what a failure left, and tells of it', async () => {
    const failures: unknown[] = [];
    const seen: number[] = [];
    const watch = new ReviewWatch({
      reviews: {
        review: async (leaks) => {
          seen.push(leaks.length);
          if (seen.length === 1) throw new Error('disk');
          return report;
        },
      },
      minSeverity: 'critical',
      everyMs: 1,
      onReport: () => {},
      onFailure: (error) => failures.push(error),
    });
    watch.add(finding(1));
    while (seen.length < 3) await new Promise((done) => setTimeout(done, 1));
    await watch.close();
    expect(failures).toHaveLength(1);
    expect(seen.slice(0, 3)).toEqual([1, 1, 0]);
  });

  it('has a bound', async () => {
    let most = 0;
    const watch = new ReviewWatch({
      reviews: {
        review: async (leaks) => {
          most = Math.max(most, leaks.length);
          return report;
        },
      },
      minSeverity: 'critical',
      everyMs: 60_000,
      onReport: () => {},
      onFailure: () => {},
    });
    for (let number = 0; number < 20_000; number++) watch.add(finding(number));
    await watch.close();
    expect(most).toBe(10_000);
  });
});
