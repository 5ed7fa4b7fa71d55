/** The totals agree with the findings. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSanitizer } from '../../src/app/sanitizer.ts';
import { log } from '../property/logs.ts';
import { KEY_HEX, runs } from '../scan/support.ts';

describe('totals', () => {
  test('of a run are those of its findings', () => {
    const sanitizer = createSanitizer({ rules: ['all'], key: KEY_HEX });
    let findings = 0;
    let bytesIn = 0;
    let bytesOut = 0;
    const prints = new Set<string>();
    fc.assert(
      fc.property(log, (bytes) => {
        for (const finding of sanitizer.scan(bytes)) {
          findings++;
          prints.add(finding.fingerprint);
        }
        bytesIn += 2 * bytes.length;
        const { length } = sanitizer.redact(bytes);
        // Scanning made the same output and let it go.
        bytesOut += 2 * length;
      }),
      runs(40),
    );
    const summary = sanitizer.summary();
    const sum = (counts: Readonly<Record<string, number>>): number =>
      Object.values(counts).reduce((a, b) => a + b, 0);
    expect(summary).toMatchObject({
      bytesIn,
      bytesOut,
      findings: 2 * findings,
      distinct: { count: prints.size, exact: true },
    });
    for (const counts of [
      summary.byRule,
      summary.byEntity,
      summary.byCategory,
      summary.bySeverity,
      summary.byAction,
    ]) {
      expect(sum(counts)).toBe(2 * findings);
    }
    expect(findings).toBeGreaterThan(20);
  });

  test('never hold a value', () => {
    const sanitizer = createSanitizer({ rules: ['all'], key: KEY_HEX });
    const findings = sanitizer.scan('ana@example.com password=Zr9kd!x9 4111111111111111');
    const told = JSON.stringify([findings, sanitizer.summary()]);
    expect(findings).toHaveLength(3);
    expect(told).not.toMatch(/ana@|Zr9kd|4111111111111111/);
  });
});
