/**
 * logveil beside other ways of doing the same, on the same corpora, in the same run and in turns; see README.md here.
 * Works on the built package only: `dist/cli.js bench` makes the corpora and measures the hot path.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Vectorscan } from './contenders/vectorscan.mjs';
import { CLI, FILTER, run } from './lib/command.mjs';
import { assertCounts, sum } from './lib/counts.mjs';
import { measureLineLatency } from './lib/lineLatency.mjs';
import { readOptions, USAGE } from './lib/options.mjs';
import { timePipe } from './lib/pipe.mjs';
import { Results, shown, table } from './lib/results.mjs';
import { percentile } from './lib/statistics.mjs';

const CONTENDER = fileURLToPath(new URL('./contenders/contender.mjs', import.meta.url));
const SLOW_CONTENDERS = ['re2-set', 'split2-replace'];
/** Above it nothing new shows, and `cat` has to read more than the page cache may hold. */
const MAX_PIPE_MEGABYTES = 1024;
const MIN_CAT_MEGABYTES = 256;
/** For these the pipe is measured; the others are questions to the engine. */
const PIPE_CORPORA = ['clean', 'access', 'dense', 'json'];

const results = new Results();
const note = (text) => process.stderr.write(`${text}\n`);

/** @param {string} folder @param {number} megabytes @param {string[] | undefined} names */
async function makeCorpora(folder, megabytes, names) {
  const chosen = names?.flatMap((name) => ['--corpus', name]) ?? [];
  await run([process.execPath, CLI, 'bench', '--write', folder, '--megabytes', String(megabytes), ...chosen]);
  return JSON.parse(readFileSync(join(folder, 'corpora.json'), 'utf8')).corpora.map((corpus) => ({
    ...corpus,
    path: join(folder, corpus.file),
  }));
}

/**
 * The hot path alone: logveil and pass-through in one process, each contender in one of its own, in turns.
 * @param {Vectorscan | undefined} vectorscan
 */
async function compareInProcess(corpora, slowCorpora, vectorscan, options) {
  let head;
  for (const [index, corpus] of corpora.entries()) {
    const slow = slowCorpora[index];
    for (let turn = 1; turn <= options.runs; turn++) {
      note(`in process: ${corpus.name}, run ${turn} of ${options.runs}`);
      const args = ['--corpus', corpus.name, '--megabytes', String(options.megabytes), '--runs', '1'];
      const measure = ['--measure', 'throughput', '--format', 'json'];
      const ours = JSON.parse(await run([process.execPath, CLI, 'bench', ...args, ...measure]));
      const [{ throughput, findings }] = ours.corpora;
      assertCounts(`logveil, ${corpus.name}`, findings, corpus.expected, 1);
      head ??= ours;
      const base = { question: 'in-process', corpus: corpus.name, run: turn, unit: 'MB/s' };
      const inOwn = { ...base, bytes: corpus.bytes };
      results.add({ ...inOwn, contender: 'pass-through', value: throughput.passThrough.values[0] });
      const rate = throughput.scan.values[0];
      results.add({ ...inOwn, contender: 'logveil', value: rate });
      if (vectorscan !== undefined) {
        const scans = await vectorscan.scan(corpus.path);
        assertMatches(corpus, scans);
        const [fastest] = scans;
        fastestModes.set(corpus.name, fastest.mode);
        const value = fastest.bytes / 1e6 / fastest.seconds;
        results.add({ ...inOwn, contender: 'vectorscan', value });
        const ratio = { ...inOwn, contender: 'logveil', value: rate / value, unit: 'ratio' };
        results.add({ ...ratio, question: 'in-process/vectorscan' });
      }
      for (const contender of SLOW_CONTENDERS) {
        const outcome = JSON.parse(await run([process.execPath, CONTENDER, contender, slow.path]));
        assertCovered(contender, slow, outcome);
        results.add({ ...base, contender, bytes: slow.bytes, value: slow.bytes / 1e6 / outcome.seconds });
      }
    }
  }
  return head;
}

/** Without validators a contender touches more lines than hold a value, but it may not touch fewer. */
function assertCovered(contender, corpus, { lines, linesChanged, linesFailed }) {
  const least = leastLines(corpus);
  if (lines !== corpus.lines || linesChanged + linesFailed < least) {
    throw new Error(
      `${contender}, ${corpus.name}: ${linesChanged} of ${lines} lines with a match, expected ${least} of ${corpus.lines}`,
    );
  }
}

/** How many lines hold a value that a pattern finds; on JSON keys some rules have no pattern. */
function leastLines(corpus) {
  const least = sum(corpus.expected) - (corpus.expected['password-field'] ?? 0);
  return corpus.lines === 1 ? Math.min(1, least) : least;
}

/** Matches by corpus and way of scanning: each turn must find what the first one found. */
const matchesSeen = new Map();

/** By corpus, the way of scanning that was the faster one in the last turn. */
const fastestModes = new Map();

function assertMatches(corpus, scans) {
  for (const { mode, bytes, matches, linesMatched } of scans) {
    const key = `${corpus.name}, ${mode}`;
    const before = matchesSeen.get(key) ?? matches;
    matchesSeen.set(key, matches);
    if (bytes !== corpus.bytes || matches !== before) {
      throw new Error(`vectorscan, ${key}: ${matches} matches in ${bytes} bytes after ${before}`);
    }
    const least = leastLines(corpus);
    if (matches < least || (mode === 'lines' && linesMatched < least)) {
      throw new Error(`vectorscan, ${key}: ${matches} matches in ${linesMatched} lines, expected ${least}`);
    }
  }
}

/** `cat FILE | FILTER | cat`, FILTER being logveil, logveil with findings, and `cat`, in turns. */
async function comparePipes(files, folder, options) {
  const findingsFilter = [...FILTER, '--findings', join(folder, 'findings.jsonl')];
  for (const file of files) {
    note(`pipe: ${file.name}`);
    const times = await checkedTimes(file, folder, options.seconds);
    // `cat` is done with what takes a slow filter seconds before its processes have started.
    const catTimes = Math.max(times, Math.ceil((MIN_CAT_MEGABYTES * 1e6) / file.bytes));
    const contenders = [
      { contender: 'logveil', filter: FILTER, repeats: times },
      { contender: 'cat', filter: ['cat'], repeats: catTimes },
      { contender: 'logveil --findings', filter: findingsFilter, repeats: times },
    ];
    for (let turn = 1; turn <= options.runs; turn++) {
      const base = { corpus: file.name, run: turn };
      const rates = {};
      for (const { contender, filter, repeats } of contenders) {
        const bytes = file.bytes * repeats;
        rates[contender] = bytes / 1e6 / (await timePipe(file.path, repeats, filter));
        results.add({ ...base, question: 'pipe', contender, bytes, value: rates[contender], unit: 'MB/s' });
      }
      const ratio = { ...base, contender: 'logveil', bytes: file.bytes * times, unit: 'ratio' };
      results.add({ ...ratio, question: 'pipe/cat', value: rates.logveil / rates.cat });
      results.add({
        ...ratio,
        question: 'findings/none',
        value: rates['logveil --findings'] / rates.logveil,
      });
    }
  }
}

/**
 * Runs the filter once to check its counts, warms the page cache by it, and tells how often the file must be given for
 * a run of about the wanted length, beside the start-up.
 */
async function checkedTimes(file, folder, seconds) {
  const summaryPath = join(folder, 'summary.json');
  const output = join(folder, 'output.log');
  const startup = await timePipe('/dev/null', 1, FILTER);
  const took = await timePipe(file.path, 1, [...FILTER, '--summary', summaryPath], output);
  const summary = JSON.parse(readFileSync(summaryPath, 'utf8'));
  if (file.expected !== undefined) assertCounts(`pipe, ${file.name}`, summary.byRule, file.expected, 1);
  if (summary.bytesIn !== file.bytes || statSync(output).size !== summary.bytesOut) {
    throw new Error(`pipe, ${file.name}: the output is not complete`);
  }
  const most = Math.ceil((MAX_PIPE_MEGABYTES * 1e6) / file.bytes);
  const work = Math.max(took - startup, 0.01);
  return Math.min(most, Math.max(1, Math.round(seconds / work)));
}

async function compareLatency(corpora, options) {
  for (const corpus of corpora) {
    note(`latency: ${corpus.name}`);
    const lines = readFileSync(corpus.path, 'utf8').split('\n', options.latencyLines);
    const milliseconds = await measureLineLatency(lines);
    const base = { question: 'line latency', corpus: corpus.name, run: 1, bytes: corpus.bytes, unit: 'ms' };
    for (const percent of [50, 99]) {
      results.add({ ...base, contender: `p${percent}`, value: percentile(milliseconds, percent) });
    }
  }
}

/** @param {Vectorscan | string} vectorscan itself, or why it is not there */
function describeVectorscan(vectorscan) {
  if (typeof vectorscan === 'string') return vectorscan;
  const { version, used, refused } = vectorscan.setup;
  const names = refused.map(({ pattern, reason }) => `\n  ${reason} ${pattern.slice(0, 90)}`);
  const modes = [...fastestModes].map(([corpus, mode]) => `${corpus} ${mode}`).join(', ');
  return `Vectorscan ${version}: counts only, the faster of lines and whole (${modes}); ${used} patterns, ${refused.length} refused${names.join('')}`;
}

function print(corpora, files, head, vectorscan) {
  const { machine } = head;
  console.log(
    `logveil ${head.version}, engine ${head.engine}, ${head.rules} rules (${head.rulesDigest.slice(0, 12)})`,
  );
  console.log(
    `Node ${machine.node}, ${machine.cpu}, ${machine.cores} cores, load ${machine.load} at the start\n`,
  );
  console.log('In process, MB/s: median (min-max); ~ marks erratic runs');
  const contenders = ['logveil', 'vectorscan', 'pass-through', ...SLOW_CONTENDERS];
  const rates = (corpus) =>
    contenders.map((contender) => {
      const values = results.spreadOf('in-process', corpus, contender);
      return shown(values, (values?.median ?? 0) < 100 ? 2 : 0);
    });
  const ratio = (corpus) => shown(results.spreadOf('in-process/vectorscan', corpus, 'logveil'), 2);
  const rows = corpora.map(({ name }) => [name, ...rates(name), ratio(name)]);
  console.log(table([['corpus', ...contenders, 'logveil / vectorscan'], ...rows]));
  console.log(describeVectorscan(vectorscan));
  console.log('\ncat FILE | FILTER | cat > /dev/null');
  const pipeRow = ({ name }) => [
    name,
    shown(results.spreadOf('pipe', name, 'logveil'), 1),
    shown(results.spreadOf('pipe', name, 'cat'), 0),
    shown(results.spreadOf('pipe/cat', name, 'logveil'), 4),
    shown(results.spreadOf('findings/none', name, 'logveil'), 2),
    shown(results.spreadOf('line latency', name, 'p50'), 2).split(' ')[0],
    shown(results.spreadOf('line latency', name, 'p99'), 2).split(' ')[0],
  ];
  const heading = [
    'file',
    'logveil MB/s',
    'cat MB/s',
    'ratio',
    '--findings / without',
    'line p50 ms',
    'line p99 ms',
  ];
  console.log(table([heading, ...files.map(pipeRow)]));
  const { startup, memory } = head;
  const rss =
    memory.peakRssBytes === undefined ? 'unknown' : `${Math.round(memory.peakRssBytes / 1024 ** 2)} MiB`;
  console.log(
    `\nstart-up ${shown(startup.command, 0)} ms, node -e 0 ${shown(startup.node, 0)} ms; peak memory ${rss}`,
  );
  console.log('Counts checked before each time: exact for logveil, every line with a value for the others.');
}

async function main() {
  const options = readOptions(process.argv.slice(2), fileURLToPath(new URL('./results', import.meta.url)));
  if (!existsSync(CLI)) throw new Error('dist/cli.js is missing: run `npm run build` first');
  const folder = mkdtempSync(join(tmpdir(), 'logveil-bench-'));
  try {
    const corpora = await makeCorpora(join(folder, 'own'), options.megabytes, options.corpora);
    const slowCorpora = await makeCorpora(join(folder, 'slow'), options.slowMegabytes, options.corpora);
    const vectorscan = await Vectorscan.build(folder);
    const found = typeof vectorscan === 'string' ? undefined : vectorscan;
    if (found === undefined) note(vectorscan);
    const head = await compareInProcess(corpora, slowCorpora, found, options);
    const ownFiles = options.files.map((path) => ({
      name: basename(path),
      path,
      bytes: statSync(path).size,
    }));
    const files = [...corpora.filter(({ name }) => PIPE_CORPORA.includes(name)), ...ownFiles];
    await comparePipes(files, folder, options);
    await compareLatency(
      files.filter(({ expected }) => expected !== undefined),
      options,
    );
    note('start-up and memory');
    const whole = [
      '--measure',
      'startup',
      '--measure',
      'memory',
      '--runs',
      String(Math.max(5, options.runs)),
    ];
    const { startup, memory } = JSON.parse(
      await run([process.execPath, CLI, 'bench', ...whole, '--format', 'json']),
    );
    const { version, engine, rules, rulesDigest, started, machine, seed } = head;
    const setup = { version, engine, rules, rulesDigest, started, machine, seed, startup, memory };
    const others = { vectorscan: found?.setup ?? vectorscan };
    const countsChecked = { logveil: 'exact, by rule', others: 'every line with a value has a match' };
    const report = { schema: 'logveil.compare/1', ...setup, ...others, options, countsChecked };
    print(corpora, files, setup, vectorscan);
    console.log(`Raw runs: ${results.write(options.output, report)}.{json,csv}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
