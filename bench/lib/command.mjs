/** Starts the built command and the contenders as processes of their own, without the user's settings. */
import { spawn } from 'node:child_process';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** `logveil` as a filter. */
export const FILTER = [process.execPath, CLI, '--config', devNull];

export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('LOGVEIL_')),
);

/**
 * Runs a program to its end.
 * @param {readonly string[]} command
 * @returns {Promise<string>} what it wrote to its standard output
 */
export function run(command) {
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), {
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`exit code ${code}: ${command.join(' ')}`));
    });
  });
}
