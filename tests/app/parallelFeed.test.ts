import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Feed, StreamFeed } from '../../src/app/feed.ts';
import { ParallelFeed, type ParallelOptions, type Sizes } from '../../src/app/jobs/parallelFeed.ts';
import { LiveRedaction } from '../../src/app/liveRedaction.ts';
import { Redaction } from '../../src/app/redaction.ts';
import { openRuleSet } from '../../src/app/ruleSet.ts';
import { type RedactionSettings, toRedactionSettings } from '../../src/config/settings.ts';
import type { Finding } from '../../src/findings/finding.ts';
import type { RuleSet } from '../../src/rules/ruleSet.ts';

/** Small, so that few bytes make many blocks and every seam is met. */
const SIZES: Sizes = { block: 160, small: 24, mostPending: 700, worthStarting: 0 };

const KEY = [
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7',
  '-----END PRIVATE KEY-----',
];

const line = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('plain text', '', 'a=1 b=2', 'GET /index.html 200', '\u00e4\u00f6'),
  },
  { weight: 3, arbitrary: fc.constantFrom('mail jane.doe@example.com', 'ip 203.0.113.9 and 198.51.100.7') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '{"password":"hunter2-xyzzy","n":[1,2]}',
      'x'.repeat(400),
      'y@example.com '.repeat(90),
    ),
  },
  // Whole, begun and never ended, and ended without a begin.
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      KEY.join('\n'),
      KEY[0] as string,
      KEY.slice(1).join('\n'),
      KEY.slice(0, 2).join('\n'),
    ),
  },
);

const source = fc.record({
  lines: fc.array(line, { maxLength: 40 }),
  isEnded: fc.boolean(),
  cuts: fc.array(fc.nat(600), { minLength: 1, maxLength: 12 }),
});

type Sources = readonly { readonly bytes: Buffer; readonly cuts: readonly number[] }[];

/** What came of some sources. */
interface Result {
  readonly output: string;
  readonly findings: string[];
  readonly counts: object;
}

/** A redaction and where what comes of it goes. */
class Run {
  readonly live: LiveRedaction;
  name = '';
  output: Buffer[] = [];
  findings: string[] = [];
  /** Findings that threads have told of. */
  fromThreads = 0;
  readonly add = (finding: Finding): number => this.findings.push(JSON.stringify(finding));
  readonly source = (): string => this.name;
  readonly emit = async (bytes: Buffer): Promise<void> => {
    this.output.push(Buffer.from(bytes));
  };

  constructor(settings: RedactionSettings, ruleSet: RuleSet) {
    this.live = new LiveRedaction(new Redaction(settings, ruleSet));
  }

  addText(text: string, count: number): void {
    this.fromThreads += count;
    this.findings.push(...text.split('\n'));
  }

  async of(feed: Feed, sources: Sources): Promise<Result> {
    this.output = [];
    this.findings = [];
    for (const [index, { bytes, cuts }] of sources.entries()) {
      this.name = `source ${index}`;
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const end = Math.min(bytes.length, at + 1 + (cuts[turn % cuts.length] as number));
        await feed.take(bytes.subarray(at, end));
        at = end;
      }
      await feed.end();
    }
    const { started, seconds, ruleSets, ...counts } = this.live.summary([]);
    expect([started, seconds, ruleSets]).not.toContain(undefined);
    return { output: Buffer.concat(this.output).toString(), findings: this.findings, counts };
  }
}

describe('a stream spread over threads', () => {
  it('gives what one thread gives: output, findings and counts', async () => {
    const settings = toRedactionSettings({ rules: ['default'] }, { LOGVEIL_KEY: '07'.repeat(32) });
    const ruleSet = await openRuleSet(settings.rules);
    const one = new Run(settings, ruleSet);
    const alone = new StreamFeed(one.live.openStream(one.source, one.add), one.emit);
    const several = new Run(settings, ruleSet);
    const options: ParallelOptions = {
      redaction: several.live,
      jobs: 3,
      source: several.source,
      findings: several,
      isCounted: true,
      openStream: (place) => several.live.openStream(several.source, several.add, true, place),
      emit: several.emit,
    };
    const spread = new ParallelFeed(options, SIZES);
    try {
      // Until the threads have their rules all is done here; both have to count the same.
      const warmUp = [{ bytes: Buffer.from('mail jane.doe@example.com\n'.repeat(40)), cuts: [400] }];
      while (several.fromThreads < 100) {
        expect(await several.of(spread, warmUp)).toEqual(await one.of(alone, warmUp));
        await setTimeout(20);
      }
      const property = fc.asyncProperty(fc.array(source, { minLength: 1, maxLength: 3 }), async (given) => {
        const sources = given.map(({ lines, isEnded, cuts }) => ({
          bytes: Buffer.from(lines.join('\n') + (isEnded ? '\n' : '')),
          cuts,
        }));
        expect(await several.of(spread, sources)).toEqual(await one.of(alone, sources));
      });
      await fc.assert(property, { numRuns: 200 });
    } finally {
      await spread.close();
    }
  }, 120_000);
});
