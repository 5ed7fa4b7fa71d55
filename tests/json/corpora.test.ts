/** Every JSON line of the real logs is read as JSON.parse reads it. Runs where the logs are at hand. */
import { describe, expect, test } from 'vitest';
import { TokenFlag } from '../../src/json/tokens.ts';
import { corpusFiles, readCorpus, skipReason } from '../corpus/files.ts';
import { leavesOf, leavesOfValue, lexLine, withPlainNumbers } from './support.ts';

/** The object or array that the whole line is, undefined if it is none. */
function parseLine(line: string): object | undefined {
  if (!/^\s*[{[]/.test(line)) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Members with equal names collapse in a parsed value, so such lines cannot be compared by their leaves. */
function hasSameLength(line: string, value: object): boolean {
  return lexLine(JSON.stringify(value)).count === lexLine(line).count;
}

const reason = skipReason();

describe.skipIf(reason !== undefined)(`real logs${reason ?? ''}`, () => {
  test.each(corpusFiles())('%s', (file) => {
    for (const line of readCorpus(file).toString().split('\n')) {
      const tokens = lexLine(line);
      const value = parseLine(line);
      if (value === undefined) continue;
      expect(tokens.fragmentCount).toBe(1);
      expect([tokens.fragmentStarts[0], tokens.fragmentEnds[0], tokens.fragmentFlags[0]]).toEqual([
        line.length - line.trimStart().length,
        Buffer.byteLength(line.trimEnd()),
        0,
      ]);
      const flags = tokens.flags.subarray(0, tokens.count);
      expect(flags.every((bits) => (bits & TokenFlag.Structural) !== 0)).toBe(true);
      if (!hasSameLength(line, value)) continue;
      const byPath = (leaves: readonly object[]): string[] =>
        leaves.map((leaf) => JSON.stringify(leaf)).sort();
      // Integer-like keys change places in a parsed object.
      expect(byPath(withPlainNumbers(leavesOf(tokens)))).toEqual(byPath(leavesOfValue(value)));
    }
  });
});
