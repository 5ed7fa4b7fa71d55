/** From writing a line into the filter's pipe to reading it from the other one, a line at a time, with idle between. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { environment, FILTER } from './command.mjs';

const IDLE_MS = 10;
/** The first lines find the engine cold; a filter that runs all day is warm. */
const WARM_UP_LINES = 50;

/**
 * @param {readonly string[]} lines without line ends; each comes out as one line
 * @returns {Promise<number[]>} milliseconds, for each line behind the warm-up
 */
export async function measureLineLatency(lines) {
  const child = spawn(FILTER[0], FILTER.slice(1), { env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  const milliseconds = [];
  for (const [index, line] of lines.entries()) {
    const start = performance.now();
    child.stdin.write(`${line}\n`);
    let output = '';
    while (!output.endsWith('\n')) output += (await once(child.stdout, 'data'))[0];
    const elapsed = performance.now() - start;
    if (index >= WARM_UP_LINES) milliseconds.push(elapsed);
    await sleep(IDLE_MS);
  }
  child.stdin.end();
  await once(child, 'exit');
  return milliseconds;
}
