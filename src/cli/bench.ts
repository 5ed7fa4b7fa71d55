/** `logveil bench`, as the command line knows it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { CORPUS_NAMES, MEASURES } from '../bench/names.ts';
import { ENGINES } from '../config/values.ts';
import type { ExitCode } from './exitCodes.ts';
import type { BenchFlags } from './runBench.ts';

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
    .action(async (flags: BenchFlags) => {
      const { runBenchCommand } = await import('./runBench.ts');
      finish(await runBenchCommand(flags));
    });
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
