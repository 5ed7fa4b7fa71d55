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
import { kernelPatterns } from './preparedPatterns.ts';

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
const CHUNK_BYTES = 256 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
const MIB = 1024 * 1024;

/**
 * @param sample of log lines
 * @param onRule told how many rules are done
 */
export function measureRules(
  rules: readonly RuleOfSet[],
  sample: Buffer,
  onRule: (done: number) => void,
): RuleCost[] {
  const base = new Measurement([], sample).msPerMib;
  const costs = rules.map((rule, index) => {
    const cost = costOf(rule, sample, base);
    onRule(index + 1);
    return cost;
  });
  return costs.sort((a, b) => b.msPerMib - a.msPerMib || (a.rule < b.rule ? -1 : 1));
}

function costOf(loaded: RuleOfSet, sample: Buffer, base: number): RuleCost {
  const { rule } = loaded;
  const { msPerMib, tally, engine } = new Measurement([loaded], sample);
  const own = Math.max(0, msPerMib - base);
  const reasons = own < CHEAP_MS_PER_MIB ? [] : reasonsOf(loaded, engine);
  return { rule: rule.id, msPerMib: own, findings: Math.round(tally.findings / RUNS), reasons };
}

function reasonsOf({ rule }: RuleOfSet, engine: KernelEngine): string[] {
  const reasons: string[] = [];
  rule.patterns.forEach(({ regex }, index) => {
    const { cost, declined, unboundedLookahead } = analysePattern(regex);
    const name = rule.patterns.length === 1 ? 'its pattern' : `pattern ${index + 1}`;
    if (declined !== undefined) reasons.push(`${name} goes to plain RE2: ${declined}`);
    else if (cost === 'every-line') reasons.push(`${name} has no anchor: every line is searched`);
    else if (cost === 'common') reasons.push(`${name} has a common anchor: ${anchorOf(regex)?.text}`);
    if (unboundedLookahead && declined === undefined)
      reasons.push(`${name} may have to read far ahead to know where a match ends`);
  });
  if (rule.keys.length > 0 && rule.keywords.length === 0)
    reasons.push('it has `keys` and no `keywords`: all JSON is read');
  if (engine.fallbacks.length > 0) reasons.push('its automata have too many states: plain RE2 took over');
  else if (engine.flushes > 0)
    reasons.push(`its automata have many states: built anew ${engine.flushes} times`);
  if (reasons.length === 0) reasons.push('many candidates in this sample');
  return reasons;
}

/** The sample redacted with some rules, again and again. */
class Measurement {
  readonly engine: KernelEngine;
  readonly tally: Tally;
  /** Of the fastest run. */
  readonly msPerMib: number;

  constructor(rules: readonly RuleOfSet[], sample: Buffer) {
    const compiled = compileRules({ rules, digest: '' }, { keepPrivateIps: true });
    this.engine = new KernelEngine(kernelPatterns(compiled));
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
      const start = performance.now();
      for (let at = 0; at < sample.length; at += CHUNK_BYTES)
        stream.push(sample.subarray(at, at + CHUNK_BYTES));
      stream.end();
      best = Math.min(best, performance.now() - start);
    }
    this.msPerMib = (best * MIB) / Math.max(1, sample.length);
  }
}
