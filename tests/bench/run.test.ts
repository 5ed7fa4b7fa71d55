import { describe, expect, it } from 'vitest';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import { makeCorpus } from '../../src/bench/corpora.ts';
import { assertCounts, CountCheck, WrongCountError } from '../../src/bench/countCheck.ts';
import { measureLatency } from '../../src/bench/latency.ts';
import { benchText } from '../../src/bench/report.ts';
import { BENCH_SCHEMA, type BenchOptions, runBench } from '../../src/bench/run.ts';
import { measureThroughput, PassThrough, pumpOnce } from '../../src/bench/throughput.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';
import { plainPaint } from '../../src/telemetry/colour.ts';

function options(part: Partial<BenchOptions>): BenchOptions {
  return {
    settings: toRedactionSettings({}, {}),
    engine: 're2',
    corpora: ['clean', 'access', 'long-line'],
    corpusBytes: 20_000,
    runs: 2,
    measures: new Set(['throughput', 'latency']),
    onStep: () => {},
    ...part,
  };
}

describe('runBench', () => {
  it('reports counts, rates and latencies, and what they were taken on', async () => {
    const result = await runBench(options({}));
    expect(result).toMatchObject({
      schema: BENCH_SCHEMA,
      engine: 're2',
      countsChecked: 'exact',
      machine: { node: process.versions.node, cores: expect.any(Number), cpu: expect.any(String) },
      memory: undefined,
      startup: undefined,
    });
    const [clean, access, longLine] = result.corpora;
    expect(clean?.findings).toEqual({});
    expect(access?.findings).toEqual({ ipv4: access?.lines });
    expect(access?.throughput?.scan.values).toHaveLength(2);
    expect(access?.latency?.lines).toBe(access?.lines);
    expect(longLine?.latency).toBeUndefined();
  });

  it('shows them as a table', async () => {
    const text = benchText(await runBench(options({ measures: new Set(['latency']) })), plainPaint);
    expect(text).toMatch(/^corpus +MB +findings +MB\/s/m);
    expect(text).toMatch(/^access +0\.0 +\d+ +- +- +- +\d+ +\d+ +access log/m);
    expect(text).toContain('Counts checked');
  });

  it('expects of fewer rules only what they can find', async () => {
    const settings = toRedactionSettings({ rules: ['secrets'] }, {});
    const result = await runBench(options({ settings, corpora: ['access', 'dense'], measures: new Set() }));
    expect(result.corpora.map(({ findings }) => Object.keys(findings).includes('ipv4'))).toEqual([
      false,
      false,
    ]);
    expect(Object.keys(result.corpora[1]?.findings ?? {})).toContain('password');
  });

  it('reports nothing when something else is found than must be', async () => {
    // Without private addresses kept, the clean log is not clean.
    const settings = toRedactionSettings({ keepPrivateIps: false }, {});
    const failing = runBench(options({ settings, corpora: ['clean'] }));
    await expect(failing).rejects.toThrow(WrongCountError);
    await expect(failing).rejects.toThrow(/corpus clean: .*ipv4: expected 0, found \d+/);
  });
});

describe('counts', () => {
  it('are wrong when one rule makes up for another', () => {
    expect(() => assertCounts('x', { a: 2, b: 1 }, { a: 1, b: 2 })).toThrow(
      /a: expected 1, found 2; b: expected 2/,
    );
    expect(() => assertCounts('x', { a: 0 }, {})).not.toThrow();
  });

  it('are not known for rules of the user', () => {
    const ruleSet = loadRuleSet(['pii']);
    const ours = new CountCheck(ruleSet);
    const theirs = new CountCheck({
      ...ruleSet,
      rules: ruleSet.rules.map((rule) => ({ ...rule, pack: 'user' })),
    });
    const corpus = makeCorpus('access', 1000);
    expect([ours.kind, ours.expectedOf(corpus)]).toEqual(['exact', { ipv4: corpus.lines }]);
    expect([theirs.kind, theirs.expectedOf(corpus)]).toEqual(['stable', undefined]);
  });
});

describe('measuring', () => {
  const { bytes, lines } = makeCorpus('clean', 200_000);

  it('passes everything through the pass-through, whatever the chunk', () => {
    const stream = new PassThrough();
    expect(pumpOnce(stream, bytes)).toBe(bytes.length);
    expect(stream.push(bytes.subarray(0, 100)).equals(bytes.subarray(0, 100))).toBe(true);
  });

  it('tells of each pass it has timed', () => {
    const passes: number[] = [];
    let pushed = 0;
    const scan = {
      push: (chunk: Buffer): Buffer => {
        pushed += chunk.length;
        return chunk;
      },
      end: () => Buffer.alloc(0),
    };
    measureThroughput(scan, bytes, 2, (count) => passes.push(count));
    expect(passes).toHaveLength(2);
    expect(pushed).toBe((passes[0] + passes[1]) * bytes.length);
  });

  it('pushes one line after the other for the latency', () => {
    const pushed: string[] = [];
    const stream = {
      push: (chunk: Buffer): Buffer => {
        pushed.push(chunk.toString());
        return chunk;
      },
      end: () => Buffer.alloc(0),
    };
    const latency = measureLatency(stream, bytes);
    expect(latency.lines).toBe(Math.min(1000, lines));
    expect(pushed.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(latency.p50).toBeLessThanOrEqual(latency.p99);
    expect(latency.p99).toBeLessThanOrEqual(latency.max);
  });
});
