/** When a line was written: by its own time, or that of the nearest line above, within a bound. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { History } from '../../src/audit/history.ts';
import { LineFacts } from '../../src/audit/lineFacts.ts';
import { lineTime, mayTellTime } from '../../src/audit/lineTime.ts';
import type { ScanOptions } from '../../src/audit/scan.ts';

const OPTIONS: ScanOptions = {
  listing: 'none',
  showsLines: false,
  binary: 'report',
  maxExpansion: 1000,
  maxLocations: 1,
  hashesFiles: false,
};
const MODIFIED_MS = Date.UTC(2026, 5, 1);

const timed = fc
  .record({ day: fc.integer({ min: 1, max: 28 }), form: fc.integer({ min: 0, max: 5 }) })
  .map(({ day, form }) => {
    const two = String(day).padStart(2, '0');
    const forms = [
      `2026-01-${two} 10:11:12 error`,
      `10.0.0.1 - - [${two}/Feb/2026:10:11:12 +0000] "GET /"`,
      `Mon Mar ${day} 10:11:12 2026 up`,
      `Apr ${day} 10:11:12 host app: up`,
      `{"ts":"${Date.UTC(2026, 4, day)}"}`,
      `x ts=${Date.UTC(2026, 4, day) / 1000}.5`,
    ];
    return forms[form] as string;
  });
const timeless = fc.oneof(
  fc.constantFrom('', '    at run (a.js:1:2)', 'at 12:3', 'order 123456789', 'from 2026-01-02 on'),
  fc.string({ maxLength: 40 }).map((text) => text.replaceAll('\n', ' ')),
  // Far enough that the bound in bytes counts.
  fc.constant('x'.repeat(5000)),
);

test('the nearest time above holds for a line without one, however often it is asked for', () => {
  const lines = fc.array(fc.oneof({ arbitrary: timeless, weight: 30 }, { arbitrary: timed, weight: 1 }), {
    minLength: 1,
    maxLength: 300,
    size: 'max',
  });
  fc.assert(
    fc.property(lines, fc.array(fc.nat(), { maxLength: 60 }), (texts, asked) => {
      const history = new History();
      history.begin(0);
      history.add(Buffer.from(texts.map((text) => `${text}\n`).join('')));
      const facts = new LineFacts(history, OPTIONS, () => true);
      facts.begin({ service: 'app', modifiedMs: MODIFIED_MS });
      const starts: number[] = [];
      let start = 0;
      for (const text of texts) {
        starts.push(start);
        start += Buffer.byteLength(text) + 1;
      }
      const wanted = asked.map((number) => number % texts.length).sort((a, b) => a - b);
      for (const line of wanted) {
        expect(facts.of(starts[line] as number, []).timeMs).toBe(nearestTime(texts, starts, line));
      }
    }),
    { numRuns: 150 },
  );
});

test('a line that tells a time is never passed over', () => {
  const text = fc.oneof(
    timed,
    timeless,
    fc.tuple(timeless, timed, timeless).map((parts) => parts.join(' ')),
  );
  fc.assert(
    fc.property(text, (line) => {
      const prefix = Buffer.from(line).subarray(0, 256);
      if (lineTime(prefix.toString('latin1'), MODIFIED_MS) !== undefined) {
        expect(mayTellTime(prefix)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

/** Looks at every line above, one by one: up to 100 of them, within 16 KiB. */
function nearestTime(texts: readonly string[], starts: readonly number[], line: number): number | undefined {
  const at = starts[line] as number;
  for (let above = line; above >= 0 && line - above < 100; above--) {
    const start = starts[above] as number;
    if (above !== line && start <= at - 16 * 1024) return undefined;
    const prefix = Buffer.from(texts[above] as string).subarray(0, 256);
    const time = lineTime(prefix.toString('latin1'), MODIFIED_MS);
    if (time !== undefined) return time;
  }
  return undefined;
}
