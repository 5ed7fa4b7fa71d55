/** `logveil bench`: takes all measures on all corpora, after holding what was found to what must be found. */

import { Redaction } from '../app/redaction.ts';
import { loadRuleSet } from '../app/ruleFiles.ts';
import type { RedactionSettings } from '../config/settings.ts';
import { VERSION } from '../version.ts';
import { redactCommandLine } from './childProcess.ts';
import { type Corpus, DEFAULT_SEED, makeCorpus } from './corpora.ts';
import { assertCounts, type CheckKind, CountCheck, type Counts, countsSince } from './countCheck.ts';
import { type Latency, measureLatency } from './latency.ts';
import { describeMachine, type Machine } from './machine.ts';
import { measureMemory, type PeakMemory } from './memory.ts';
import type { Measure } from './names.ts';
import { measureStartup, type Startup } from './startup.ts';
import { CHUNK_BYTES, measureThroughput, pumpOnce, type Throughput } from './throughput.ts';

export const BENCH_SCHEMA = 'logveil.bench/1';

export interface BenchOptions {
  readonly settings: RedactionSettings;
  /** Name of the engine that the settings stand for. */
  readonly engine: string;
  readonly corpora: readonly string[];
  /** Of each corpus. */
  readonly corpusBytes: number;
  readonly runs: number;
  readonly measures: ReadonlySet<Measure>;
  /** Told what is being measured. */
  readonly onStep: (step: string) => void;
}

export interface CorpusResult {
  readonly name: string;
  readonly description: string;
  readonly bytes: number;
  readonly lines: number;
  readonly longestLineBytes: number;
  /** As counted by each pass that was timed. */
  readonly findings: Counts;
  readonly throughput: Throughput | undefined;
  /** Undefined for a corpus that is one line. */
  readonly latency: Latency | undefined;
}

/** The JSON of `--format json`. */
export interface BenchResult {
  readonly schema: typeof BENCH_SCHEMA;
  readonly version: string;
  readonly engine: string;
  readonly rules: number;
  readonly rulesDigest: string;
  readonly started: string;
  readonly machine: Machine;
  readonly seed: number;
  readonly runs: number;
  readonly chunkBytes: number;
  /** How the counts were checked before any time was taken. */
  readonly countsChecked: CheckKind;
  readonly corpora: readonly CorpusResult[];
  readonly memory: PeakMemory | undefined;
  readonly startup: Startup | undefined;
}

/** @throws WrongCountError before any time of a corpus is reported in which something else was found than must be */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { settings, engine, measures, runs, onStep } = options;
  const machine = describeMachine();
  const started = new Date().toISOString();
  const ruleSet = loadRuleSet(settings.rules);
  const redaction = new Redaction(settings, ruleSet);
  const check = new CountCheck(ruleSet);
  const corpora: CorpusResult[] = [];
  const inputs: Buffer[] = [];
  let outputBytes = 0;
  for (const name of options.corpora) {
    onStep(name);
    const corpus = makeCorpus(name, options.corpusBytes);
    const measured = measureCorpus(redaction, corpus, check, runs, measures);
    corpora.push(measured.result);
    inputs.push(corpus.bytes);
    outputBytes += measured.outputBytes;
  }
  // Without a built command there is no process to start; that is so in tests only.
  const command = redactCommandLine(settings.rules, engine);
  onStep('memory');
  const memory =
    command && measures.has('memory') ? await measureMemory(command, inputs, outputBytes) : undefined;
  onStep('start-up');
  const hasEmailRule = ruleSet.rules.some(({ rule }) => rule.id === 'email');
  const startup =
    command && measures.has('startup') ? measureStartup(command, runs, hasEmailRule) : undefined;
  return {
    schema: BENCH_SCHEMA,
    version: VERSION,
    engine,
    rules: redaction.ruleCount,
    rulesDigest: ruleSet.digest,
    started,
    machine,
    seed: DEFAULT_SEED,
    runs,
    chunkBytes: CHUNK_BYTES,
    countsChecked: check.kind,
    corpora,
    memory,
    startup,
  };
}

function measureCorpus(
  redaction: Redaction,
  corpus: Corpus,
  check: CountCheck,
  runs: number,
  measures: ReadonlySet<Measure>,
): { result: CorpusResult; outputBytes: number } {
  const { tally } = redaction;
  const stream = redaction.openStream(() => corpus.name);
  let before = tally.counts().byRule;
  const takeCounts = (): Counts => {
    const counts = countsSince(tally, before);
    before = tally.counts().byRule;
    return counts;
  };
  const outputBytes = pumpOnce(stream, corpus.bytes);
  const findings = takeCounts();
  const expected = check.expectedOf(corpus) ?? findings;
  assertCounts(corpus.name, findings, expected);
  const onPasses = (passes: number): void => {
    const wanted = Object.fromEntries(Object.entries(expected).map(([id, count]) => [id, count * passes]));
    assertCounts(corpus.name, takeCounts(), wanted);
  };
  const throughput = measures.has('throughput')
    ? measureThroughput(stream, corpus.bytes, runs, onPasses)
    : undefined;
  const latency =
    measures.has('latency') && corpus.lines > 1 ? measureLatency(stream, corpus.bytes) : undefined;
  const { name, description, bytes, lines, longestLineBytes } = corpus;
  return {
    result: {
      name,
      description,
      bytes: bytes.length,
      lines,
      longestLineBytes,
      findings,
      throughput,
      latency,
    },
    outputBytes,
  };
}
