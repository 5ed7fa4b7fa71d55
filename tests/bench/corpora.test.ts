import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Redaction } from '../../src/app/redaction.ts';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import { makeCorpus } from '../../src/bench/corpora.ts';
import { CORPUS_NAMES } from '../../src/bench/names.ts';
import { pumpOnce } from '../../src/bench/throughput.ts';
import { writeCorpora } from '../../src/bench/writeCorpora.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';

const MEGABYTE = 1_000_000;
/** Longer than a line that is looked at whole, so that the long line takes its windows. */
const LONG_LINE_BYTES = 1_300_000;

const settings = toRedactionSettings({}, {});
const ruleSet = loadRuleSet(settings.rules);

const sizeOf = (name: string): number => (name === 'long-line' ? LONG_LINE_BYTES : MEGABYTE);

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe.each(CORPUS_NAMES)('corpus %s', (name) => {
  it('is the same for the same seed, and another one for another', () => {
    const first = makeCorpus(name, 50_000, 17);
    expect(digest(makeCorpus(name, 50_000, 17).bytes)).toBe(digest(first.bytes));
    expect(digest(makeCorpus(name, 50_000, 18).bytes)).not.toBe(digest(first.bytes));
  });

  it('is the beginning of a larger one', () => {
    const small = makeCorpus(name, 50_000).bytes;
    const large = makeCorpus(name, 200_000).bytes;
    // Only the last byte may differ: the one line ends with its line end.
    expect(large.subarray(0, small.length - 1).equals(small.subarray(0, -1))).toBe(true);
  });

  it('has the size and the lines it says', () => {
    const { bytes, lines, longestLineBytes } = makeCorpus(name, 100_000);
    expect(bytes.length).toBeGreaterThanOrEqual(100_000);
    expect(bytes.length).toBeLessThan(120_000);
    expect(bytes.at(-1)).toBe(0x0a);
    const texts = bytes.toString().split('\n').slice(0, -1);
    expect(texts).toHaveLength(lines);
    expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBe(longestLineBytes);
  });

  it('holds what it says', () => {
    const corpus = makeCorpus(name, sizeOf(name));
    const redaction = new Redaction(settings, ruleSet);
    pumpOnce(
      redaction.openStream(() => name),
      corpus.bytes,
    );
    const { tally } = redaction;
    expect(tally.counts().byRule).toEqual(Object.fromEntries(corpus.expected));
    expect(tally.lines).toBe(corpus.lines);
    expect(tally.anomalies.longLines).toBe(name === 'long-line' ? 1 : 0);
    expect(tally.anomalies.linesWithheld).toBe(0);
    // One value a line, so that the counts of findings and of changed lines agree.
    const values = [...corpus.expected.values()].reduce((sum, count) => sum + count, 0);
    expect(tally.linesChanged).toBe(Math.min(values, corpus.lines));
  });
});

describe('makeCorpus', () => {
  it('refuses a name it does not know', () => {
    expect(() => makeCorpus('nope', 1000)).toThrow(/expected one of clean, /);
  });

  it('makes valid JSON where it says JSON', () => {
    const lines = makeCorpus('json', 100_000).bytes.toString().trimEnd().split('\n');
    expect(() => lines.map((line) => JSON.parse(line))).not.toThrow();
  });
});

describe('writeCorpora', () => {
  const folder = mkdtempSync(join(tmpdir(), 'logveil-corpora-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('writes each corpus, and its counts beside it', () => {
    writeCorpora(join(folder, 'deep', 'er'), ['access', 'clean'], 20_000);
    const manifest = JSON.parse(readFileSync(join(folder, 'deep', 'er', 'corpora.json'), 'utf8'));
    const access = makeCorpus('access', 20_000);
    expect(manifest.corpora.map(({ name }: { name: string }) => name)).toEqual(['access', 'clean']);
    expect(manifest.corpora[0]).toMatchObject({
      file: 'access.log',
      bytes: access.bytes.length,
      lines: access.lines,
      expected: { ipv4: access.lines },
    });
    expect(readFileSync(join(folder, 'deep', 'er', 'access.log')).equals(access.bytes)).toBe(true);
  });

  it('says so when it can not write', () => {
    expect(() => writeCorpora('/dev/null/x', ['clean'], 1000)).toThrow(
      /can't be written: a part of the path/,
    );
  });
});
