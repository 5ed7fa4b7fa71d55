/** What the tests of detection and redaction share: redactions with a fixed key, toy rules, and runs over chunks. */
import { Redaction } from '../../src/app/redaction.ts';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import type { SanitizerOptions } from '../../src/app/sanitizer.ts';
import { checkSettings } from '../../src/config/check.ts';
import { type RedactionSettings, toRedactionSettings } from '../../src/config/settings.ts';
import type { PatternEngine } from '../../src/engine/engine.ts';
import { Re2Engine } from '../../src/engine/re2Engine.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { FingerprintKey } from '../../src/findings/fingerprint.ts';
import { Tally } from '../../src/findings/summary.ts';
import { type CompiledRules, compileRules } from '../../src/rules/compile.ts';
import type { LoadedRule, RuleSet } from '../../src/rules/ruleSet.ts';
import { type Rule, ruleSchema } from '../../src/rules/schema.ts';
import { Detector } from '../../src/scan/detector.ts';
import { Policy } from '../../src/scan/policy.ts';
import { StreamRedactor } from '../../src/scan/streamRedactor.ts';

export const KEY_HEX = '0123456789abcdef'.repeat(4);
export const KEY = FingerprintKey.fromHex(KEY_HEX, 'option');

/** How often a property is tried; `FC_NUM_RUNS` sets another number for a run that has time. */
export function runs(count: number): { numRuns: number } {
  const wanted = Number(process.env.FC_NUM_RUNS);
  return { numRuns: wanted > 0 ? wanted : count };
}

export type TestOptions = Omit<SanitizerOptions, 'key' | 'keyFile'>;

/** The engine of tests that do not name one; `LOGVEIL_TEST_ENGINE=kernel` runs them all on the other. */
const ENGINE = process.env.LOGVEIL_TEST_ENGINE;

function settingsOf(options: TestOptions): RedactionSettings {
  const chosen = { ...(ENGINE !== undefined && { engine: ENGINE }), ...options };
  return { ...toRedactionSettings(checkSettings(chosen, 'options'), {}), key: KEY };
}

const ruleSets = new Map<string, RuleSet>();

/** The rules of packs, loaded once. */
export function packs(...names: string[]): RuleSet {
  const key = names.join();
  const known = ruleSets.get(key) ?? loadRuleSet(names);
  ruleSets.set(key, known);
  return known;
}

/** A rule of which only what matters to a test is written. */
export type ToyRule = Partial<Omit<Rule, 'patterns'>> & {
  id: string;
  patterns?: (string | Rule['patterns'][number])[];
};

export function toyRules(...rules: ToyRule[]): RuleSet {
  return {
    rules: rules.map((toy): LoadedRule => {
      const { patterns = [], ...rest } = toy;
      const rule = ruleSchema.parse({
        description: 'toy',
        entity: toy.id.toUpperCase().replaceAll('-', '_'),
        category: 'pii',
        severity: 'low',
        confidence: 0.5,
        examples: [{ text: 'x', match: 'x' }],
        ...rest,
        patterns: patterns.map((pattern) => (typeof pattern === 'string' ? { regex: pattern } : pattern)),
      });
      return {
        rule,
        pack: 'user',
        problemAt: (_, message) => ({ file: 'toy', line: 1, column: 1, message }),
      };
    }),
    digest: 'toy',
  };
}

interface Result {
  readonly output: Buffer;
  readonly findings: readonly Finding[];
}

export interface Runner {
  readonly redaction: Redaction;
  /** Redacts a source, given as one chunk or as several. */
  run(...chunks: (Buffer | string)[]): Result;
}

const runners = new Map<string, Runner>();

/** Redacts sources, each from its beginning to its end; compiled once for equal options. */
export function runner(options: TestOptions = {}, rules?: RuleSet): Runner {
  const key = rules === undefined ? JSON.stringify(options) : undefined;
  const known = key === undefined ? undefined : runners.get(key);
  if (known !== undefined) return known;
  const redaction = new Redaction(settingsOf(options), rules ?? packs(...(options.rules ?? ['default'])));
  const made: Runner = {
    redaction,
    run: (...chunks) => {
      const findings: Finding[] = [];
      const stream = redaction.openStream(
        () => 'test',
        (finding) => findings.push(finding),
      );
      return { output: feed(stream, chunks), findings };
    },
  };
  if (key !== undefined) runners.set(key, made);
  return made;
}

/** All output of a stream for one source. */
export function feed(stream: StreamRedactor, chunks: readonly (Buffer | string)[]): Buffer {
  const parts: Buffer[] = [];
  for (const chunk of chunks) parts.push(Buffer.from(stream.push(Buffer.from(chunk as string))));
  parts.push(Buffer.from(stream.end()));
  return Buffer.concat(parts);
}

export interface EngineStream {
  readonly stream: StreamRedactor;
  readonly tally: Tally;
  readonly detector: Detector;
}

/** A stream over an engine of the test's own. */
export function streamWith(
  rules: RuleSet,
  makeEngine: (compiled: CompiledRules) => PatternEngine = ({ patterns }) => new Re2Engine(patterns),
  options: TestOptions = {},
): EngineStream {
  const settings = settingsOf(options);
  const compiled = compileRules(rules, { keepPrivateIps: settings.keepPrivateIps });
  const detector = new Detector(compiled, makeEngine(compiled));
  const tally = new Tally(compiled.rules);
  const { maxLineBytes, overlapBytes, keepKeys, onError } = settings;
  const stream = new StreamRedactor({
    detector,
    policy: new Policy(compiled.rules, settings),
    key: KEY,
    tally,
    onFinding: (event) =>
      tally.addFinding(event.rule, event.action, KEY.fingerprint(event.rule.entity, event.value)),
    maxLineBytes,
    overlapBytes,
    keepKeys,
    onError,
  });
  return { stream, tally, detector };
}

/** The chunks of bytes cut at these places, in any order and as often as they occur. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

export function inSingleBytes(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

/** Spans as `start-end rule`, to read in a failure. */
export function spansOf(findings: readonly Finding[]): string[] {
  return findings.map(({ offset, length, rule }) => `${offset}-${offset + length} ${rule}`);
}
