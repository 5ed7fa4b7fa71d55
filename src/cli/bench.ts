/** `logveil bench`: throughput of the hot path on this machine. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { CORPUS_NAMES } from '../bench/corpora.ts';
import { benchText } from '../bench/report.ts';
import { MEASURES, type Measure, runBench } from '../bench/run.ts';
import { writeCorpora } from '../bench/writeCorpora.ts';
import { checkSettings } from '../config/load.ts';
import { ENGINES } from '../config/schema.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { BrokenPipe, FileWriter } from '../sinks/fileWriter.ts';
import { paintFor } from '../telemetry/colour.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';

/** Small enough for all corpora to take some seconds on the slowest engine, larger than a line looked at whole. */
const DEFAULT_MEGABYTES = 2;
const MAX_MEGABYTES = 1024;
const DEFAULT_RUNS = 3;
const MAX_RUNS = 1000;

const EXAMPLES = `
Examples:
  logveil bench                                  all measures on all corpora, some 20 seconds
  logveil bench --corpus dense --measure throughput --megabytes 64
  logveil bench --format json > bench.json       with the machine it ran on
  logveil bench --write corpora --megabytes 128  the corpora as files, for other tools

Settings of logveil.yaml and LOGVEIL_* do not apply, so that results can be compared.`;

interface BenchFlags {
  readonly megabytes: number;
  readonly runs: number;
  readonly corpus?: string[];
  readonly measure?: Measure[];
  readonly rules?: string[];
  readonly engine?: string;
  readonly format: 'text' | 'json';
  readonly write?: string;
}

export function benchCommand(finish: (code: ExitCode) => void): Command {
  return new Command('bench')
    .description('measure the hot path on this machine')
    .option(
      '--megabytes <n>',
      'size of each corpus, in 10^6 bytes',
      numberUpTo(MAX_MEGABYTES),
      DEFAULT_MEGABYTES,
    )
    .option('--runs <n>', 'how often each measure is taken', numberUpTo(MAX_RUNS), DEFAULT_RUNS)
    .option(
      '--corpus <name>',
      `what to run on; repeatable: ${CORPUS_NAMES.join(', ')} (default: all)`,
      oneOf(CORPUS_NAMES),
    )
    .option(
      '--measure <name>',
      `what to measure; repeatable: ${MEASURES.join(', ')} (default: all)`,
      oneOf(MEASURES),
    )
    .option('--rules <pack|path>', 'as for redact; repeatable', (value, earlier: string[] = []) => [
      ...earlier,
      value,
    ])
    .addOption(new Option('--engine <name>', 'what searches the patterns').choices(ENGINES))
    .addOption(new Option('--format <name>', 'how to report').choices(['text', 'json']).default('text'))
    .option('--write <folder>', 'write the corpora and their counts, and measure nothing')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: BenchFlags) => finish(await runBenchCommand(flags)));
}

async function runBenchCommand(flags: BenchFlags): Promise<ExitCode> {
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

function numberUpTo(limit: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= limit) return value;
    throw new InvalidArgumentError(`expected a whole number from 1 to ${limit}`);
  };
}

function oneOf<T extends string>(names: readonly T[]): (text: string, earlier?: T[]) => T[] {
  return (text, earlier = []) => {
    const name = names.find((candidate) => candidate === text);
    if (name === undefined) throw new InvalidArgumentError(`expected one of ${names.join(', ')}`);
    return [...earlier, name];
  };
}
