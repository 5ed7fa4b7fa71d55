/** Options of `compare.mjs`. */
import { parseArgs } from 'node:util';

export const USAGE = `usage: node bench/compare.mjs [options]
  --runs N             how often each figure is taken, in turns (default 3)
  --megabytes N        corpus for logveil in process (default 8)
  --slow-megabytes N   corpus for the contenders on RE2, some of which do 0.1 MB/s (default 1)
  --seconds N          about how long one run through a pipe lasts (default 3)
  --corpus NAME        repeatable (default: all)
  --file PATH          a log of your own, for the pipe; its counts are not known, only that they stay the same
  --latency-lines N    lines for the latency through a pipe (default 350)
  --output FOLDER      where the results go (default bench/results)`;

/**
 * @typedef {object} Options
 * @property {number} runs
 * @property {number} megabytes
 * @property {number} slowMegabytes
 * @property {number} seconds
 * @property {number} latencyLines
 * @property {string[] | undefined} corpora
 * @property {string[]} files
 * @property {string} output
 */

/**
 * @param {string[]} args
 * @param {string} defaultOutput
 * @returns {Options}
 */
export function readOptions(args, defaultOutput) {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    args,
    options: {
      runs: text('3'),
      megabytes: text('8'),
      'slow-megabytes': text('1'),
      seconds: text('3'),
      'latency-lines': text('350'),
      corpus: { type: 'string', multiple: true },
      file: { type: 'string', multiple: true, default: [] },
      output: text(defaultOutput),
    },
  });
  const number = (name) => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name}: expected a number above 0`);
    return value;
  };
  return {
    runs: number('runs'),
    megabytes: number('megabytes'),
    slowMegabytes: number('slow-megabytes'),
    seconds: number('seconds'),
    latencyLines: number('latency-lines'),
    corpora: values.corpus,
    files: values.file,
    output: values.output,
  };
}
