/** Throughput of the hot path on this machine. */
import { CORPUS_NAMES, MEASURES, type Measure } from '../bench/names.ts';
import { benchText } from '../bench/report.ts';
import { runBench } from '../bench/run.ts';
import { writeCorpora } from '../bench/writeCorpora.ts';
import { checkSettings } from '../config/check.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { ENGINES } from '../config/values.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { paintFor } from '../telemetry/colour.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';

export interface BenchFlags {
  readonly megabytes: number;
  readonly runs: number;
  readonly corpus?: string[];
  readonly measure?: Measure[];
  readonly rules?: string[];
  readonly engine?: string;
  readonly format: 'text' | 'json';
  readonly write?: string;
}

/** @throws UsageError, ProblemsError, IoError, WrongCountError */
export async function runBenchCommand(flags: BenchFlags): Promise<ExitCode> {
  const corpora = CORPUS_NAMES.filter((name) => flags.corpus?.includes(name) ?? true);
  const corpusBytes = flags.megabytes * 1e6;
  if (flags.write !== undefined) {
    writeCorpora(flags.write, corpora, corpusBytes);
    return EXIT_CODES.done;
  }
  const { rules, engine } = flags;
  const config = checkSettings({ ...(rules && { rules }), ...(engine && { engine }) }, 'bench');
  const showsSteps = process.stderr.isTTY === true;
  const result = await runBench({
    settings: toRedactionSettings(config, {}),
    // The first engine is the default one.
    engine: config.engine ?? ENGINES[0],
    corpora,
    corpusBytes,
    runs: flags.runs,
    measures: new Set(flags.measure ?? MEASURES),
    onStep: (step) => {
      if (showsSteps) process.stderr.write(`measuring ${step}\n`);
    },
  });
  const text =
    flags.format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : benchText(result, paintFor(STDOUT_FD));
  try {
    await new FileWriter(STDOUT_FD).write(Buffer.from(text));
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error;
  }
  return EXIT_CODES.done;
}
