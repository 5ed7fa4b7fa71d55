/**
 * How close a filter comes to `cat` in the same place of the same pipe. Only the ratio of two rates taken one after
 * the other travels from machine to machine; the rates themselves do not.
 */
import { spawn } from 'node:child_process';
import { environment } from './command.mjs';

/** @param {string} text */
const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * Runs `cat FILE... | FILTER | cat > OUTPUT`; the time ends when the last `cat` has written all.
 * @param {string} file
 * @param {number} times how often the file is given to `cat`
 * @param {readonly string[]} filter
 * @param {string} output
 * @returns {Promise<number>} seconds
 */
export function timePipe(file, times, filter, output = '/dev/null') {
  const files = Array(times).fill(quote(file)).join(' ');
  const script = `cat ${files} | ${filter.map(quote).join(' ')} | cat > ${quote(output)}`;
  return new Promise((resolve, reject) => {
    const start = performance.now();
    // bash, because sh has no pipefail: a filter that crashes early would be the fastest.
    const child = spawn('bash', ['-o', 'pipefail', '-c', script], {
      env: environment,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve((performance.now() - start) / 1000);
      else reject(new Error(`exit code ${code}: ${script}`));
    });
  });
}
