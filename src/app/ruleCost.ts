/**
 * What each rule costs: a sample is redacted with that rule alone and with none, and the difference is its own. Rules
 * share anchors and automata where many are used together, so the sum is more than all of them cost; the order is what
 * matters.
 */
import { FingerprintKey } from '../findings/fingerprint.ts';
import { Tally } from '../findings/summary.ts';
import { analysePattern } from '../kernel/analysis/shape.ts';
import { KernelEngine } from '../kernel/engine.ts';
import { compileRules } from '../rules/compile.ts';
import type { RuleOfSet } from '../rules/ruleSet.ts';
import { Detector } from '../scan/detector.ts';
import { Policy } from '../scan/policy.ts';
import { StreamRedactor } from '../scan/streamRedactor.ts';
import { anchorOf } from './anchorText.ts';
import { kernelPatterns, readPreparedPatterns } from './preparedPatterns.ts';

/** One rule on one sample. */
export interface RuleCost {
  readonly rule: string;
  /** Beside what reading the sample costs. */
  readonly msPerMib: number;
  readonly findings: number;
  /** Why it costs what it does; empty for a rule that costs next to nothing. */
  readonly reasons: readonly string[];
}

/** Rules below this are not explained: it is the noise of the measurement. */
const CHEAP_MS_PER_MIB = 0.5;
/** The least of some runs is what disturbs least; the first builds the automata. */
const RUNS = 3;
const MOST_REPEATS = 3;
const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
const LEAST_BYTES = 512 * 1024;
const WARM_UP_RULES = 8;
const MIB = 1024 * 1024;

/**
 * @param sample of log lines, not empty
 * @param onRule told how many rules are done
 */
export function measureRules(
  rules: readonly RuleOfSet[],
  sample: Buffer,
  onRule: (done: number) => void,
): RuleCost[] {
  const prepared = readPreparedPatterns();
  const lines = repeated(sample);
  const measure = (measured: readonly RuleOfSet[]): Measurement => new Measurement(measured, lines, prepared);
  // The first runs are slow: the code itself is still being compiled.
  for (const rule of rules.slice(0, WARM_UP_RULES)) measure([rule]);
  const base = Math.min(measure([]).msPerMib, measure([]).msPerMib);
  const costs = rules.map((rule, index) => {
    const cost = costOf(rule, () => measure([rule]), base);
    onRule(index + 1);
    return cost;
  });
  return costs.sort((a, b) => b.msPerMib - a.msPerMib || (a.rule < b.rule ? -1 : 1));
}

/** A short sample as often as makes its time measurable. */
function repeated(sample: Buffer): Buffer {
  const times = Math.ceil(LEAST_BYTES / sample.length);
  return times > 1 ? Buffer.concat(new Array<Buffer>(times).fill(sample)) : sample;
}

function costOf(loaded: RuleOfSet, measure: () => Measurement, base: number): RuleCost {
  const { rule } = loaded;
  const { msPerMib: first, tally, engine } = measure();
  let msPerMib = first;
  // What looks dear is measured again: the machine may have been busy.
  for (let again = 0; again < MOST_REPEATS && msPerMib - base >= CHEAP_MS_PER_MIB; again++)
    msPerMib = Math.min(msPerMib, measure().msPerMib);
  const own = Math.max(0, msPerMib - base);
  const reasons = own < CHEAP_MS_PER_MIB ? [] : reasonsOf(loaded, engine);
  return { rule: rule.id, msPerMib: own, findings: Math.round(tally.findings / RUNS), reasons };
}

function reasonsOf({ rule }: RuleOfSet, engine: KernelEngine): string[] {
  const byReason = new Map<string, number[]>();
  rule.patterns.forEach(({ regex }, index) => {
    for (const reason of patternReasons(regex))
      byReason.set(reason, [...(byReason.get(reason) ?? []), index + 1]);
  });
  const reasons = [...byReason].map(([reason, numbers]) => `pattern ${numbers.join(', ')}: ${reason}`);
  if (rule.keys.length > 0 && rule.keywords.length === 0)
    reasons.push('it has `keys` and no `keywords`: all JSON is read');
  if (engine.fallbacks.length > 0) reasons.push('its automata have too many states: plain RE2 took over');
  else if (engine.flushes > 0)
    reasons.push(`its automata have many states: they were built anew ${engine.flushes} times`);
  return reasons.length > 0 ? reasons : ['many candidates in this sample'];
}

function patternReasons(regex: string): string[] {
  const { cost, declined, unboundedLookahead } = analysePattern(regex);
  if (declined !== undefined) return [`goes to plain RE2: ${declined}`];
  const reasons: string[] = [];
  if (cost === 'every-line') reasons.push('no anchor: every line is searched');
  if (cost === 'common') reasons.push(`a common anchor: ${anchorOf(regex)?.text}`);
  if (unboundedLookahead) reasons.push('may have to read far ahead to know where a match ends');
  return reasons;
}

/** The sample redacted with some rules, again and again. */
class Measurement {
  readonly engine: KernelEngine;
  readonly tally: Tally;
  /** Of the fastest run. */
  readonly msPerMib: number;

  constructor(
    rules: readonly RuleOfSet[],
    sample: Buffer,
    prepared: ReturnType<typeof readPreparedPatterns>,
  ) {
    const compiled = compileRules({ rules, digest: '' }, { keepPrivateIps: true });
    const specs = kernelPatterns(compiled);
    this.engine = new KernelEngine(specs, { prepared: specs.map(({ source }) => prepared[source]) });
    this.tally = new Tally(compiled.rules);
    const key = FingerprintKey.random();
    const none = { ruleActions: new Map(), categoryActions: new Map() };
    const mask = { keepFirst: 0, keepLast: 0, keepFormat: false };
    const stream = new StreamRedactor({
      detector: new Detector(compiled, this.engine),
      policy: new Policy(compiled.rules, { action: 'redact', ...none, mask, key }),
      key,
      tally: this.tally,
      onFinding: ({ rule, action }) => this.tally.addFinding(rule, action),
      maxLineBytes: MAX_LINE_BYTES,
      overlapBytes: MAX_LINE_BYTES / 16,
      keepKeys: true,
      onError: 'withhold',
    });
    let best = Number.POSITIVE_INFINITY;
    for (let run = 0; run < RUNS; run++) {
      // Time of the processor, not of the clock: other programs must not count.
      const start = process.cpuUsage();
      for (let at = 0; at < sample.length; at += CHUNK_BYTES)
        stream.push(sample.subarray(at, at + CHUNK_BYTES));
      stream.end();
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, (user + system) / 1000);
    }
    this.msPerMib = (best * MIB) / sample.length;
  }
}
