/**
 * Searches for differences between the kernel and plain RE2: `npm run fuzz -- --minutes N [--seed S]`. Exit code 1 at a
 * difference, which is appended to failures.jsonl, and 2 for wrong usage.
 */
import { parseArgs } from 'node:util';
import '../../bench/lib/typescript.mjs';

const { appendFailure, describeFailure } = await import('./failures.ts');
const { fuzz } = await import('./fuzzer.ts');

const PROGRESS_MS = 500;

/** @returns {{ minutes: number, seed: number }} */
function readOptions() {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed);
  if (!(minutes > 0)) throw new Error('--minutes: expected a number above 0');
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
    throw new Error('--seed: expected 0 to 2^32 - 1');
  return { minutes, seed };
}

/** @param {import('./fuzzer.ts').Progress} progress */
function summary({ rounds, comparisons, seconds, failures }) {
  const rate = Math.round(comparisons / Math.max(seconds, 0.001));
  return `${rounds} rounds, ${comparisons} cases, ${rate} a second, ${failures.length} differences`;
}

let options;
try {
  options = readOptions();
} catch (error) {
  process.stderr.write(`fuzz: ${error.message}\nusage: npm run fuzz -- [--minutes N] [--seed S]\n`);
  process.exit(2);
}
const { minutes, seed } = options;
let shownAt = 0;
let reported = 0;
const progress = await fuzz({
  seed,
  milliseconds: minutes * 60_000,
  onRound: (state) => {
    for (const failure of state.failures.slice(reported)) {
      appendFailure(failure);
      process.stdout.write(`${process.stdout.isTTY ? '\r\x1b[K' : ''}${describeFailure(failure)}\n`);
    }
    reported = state.failures.length;
    if (!process.stderr.isTTY || performance.now() - shownAt < PROGRESS_MS) return;
    shownAt = performance.now();
    process.stderr.write(`\r\x1b[Kseed ${state.seed}: ${summary(state)}`);
  },
});
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
process.stdout.write(`fuzz from seed ${seed}: ${summary(progress)}\n`);
process.exitCode = progress.failures.length > 0 ? 1 : 0;
