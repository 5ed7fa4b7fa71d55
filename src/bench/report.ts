/** The result of a benchmark as a table for people. */
import type { Paint } from '../telemetry/colour.ts';
import type { BenchResult, CorpusResult } from './run.ts';
import type { Spread } from './statistics.ts';

const MIB = 1024 * 1024;

/** @returns lines that end with a line end */
export function benchText(result: BenchResult, paint: Paint): string {
  const { machine, memory, startup } = result;
  const rows = [
    `logveil ${result.version}, engine ${result.engine}, ${result.rules} rules (${result.rulesDigest.slice(0, 12)}), ${result.runs} run${result.runs === 1 ? '' : 's'}`,
    `Node ${machine.node}, ${machine.cpu}, ${machine.cores} cores, load ${machine.load}`,
    '',
    ...table([HEADINGS, ...result.corpora.map(corpusCells)]).map((line, index) =>
      index === 0 ? paint('bold', line) : line,
    ),
    '',
  ];
  if (memory !== undefined)
    rows.push(
      `peak memory  ${memoryText(memory.peakRssBytes)} over ${megabytes(memory.inputBytes)} of all of them`,
    );
  if (startup !== undefined) {
    rows.push(
      `start-up     ${shown(startup.command, 0)} ms with one line, node -e 0 ${shown(startup.node, 0)} ms, ratio ${shown(startup.ratio, 1)}`,
    );
  }
  rows.push(
    paint('dim', 'Median (min-max). In process, without I/O; pass-through is the same loop without a scan.'),
    checkText(result, paint),
  );
  return `${rows.join('\n')}\n`;
}

const HEADINGS = ['corpus', 'MB', 'findings', 'MB/s', 'pass-through MB/s', 'ratio', 'p50 us', 'p99 us', ''];

function corpusCells(corpus: CorpusResult): string[] {
  const { throughput, latency } = corpus;
  const findings = Object.values(corpus.findings).reduce((sum, count) => sum + count, 0);
  return [
    corpus.name,
    (corpus.bytes / 1e6).toFixed(1),
    String(findings),
    throughput === undefined ? '-' : shown(throughput.scan.spread, 1),
    throughput === undefined ? '-' : throughput.passThrough.spread.median.toFixed(0),
    throughput === undefined ? '-' : throughput.ratio.median.toPrecision(2),
    latency === undefined ? '-' : latency.p50.toFixed(0),
    latency === undefined ? '-' : latency.p99.toFixed(0),
    corpus.description,
  ];
}

/** The first and last column are text and stand left, the others are numbers. */
function table(rows: readonly string[][]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        if (column === row.length - 1) return cell;
        return column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
      })
      .join('  ')
      .trimEnd(),
  );
}

function shown({ min, median, max }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function memoryText(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown on this system' : `${(bytes / MIB).toFixed(0)} MiB`;
}

function checkText(result: BenchResult, paint: Paint): string {
  return result.countsChecked === 'exact'
    ? paint('dim', 'Counts checked: each rule found exactly what the corpus holds, in every run.')
    : paint(
        'dim',
        'Counts checked: every run found the same; what rules of your own must find is not known.',
      );
}
