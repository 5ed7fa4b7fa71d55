/** The built command in a process of its own, for what can't be measured within this one: start-up and memory. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../rules/packs.ts';

/** How `logveil` is started: with these rules and this engine, and with nothing from the user's configuration. */
export interface CommandLine {
  readonly script: string;
  readonly args: readonly string[];
}

/** @returns undefined where the command has not been built */
export function redactCommandLine(
  rules: readonly string[],
  engine: string | undefined,
): CommandLine | undefined {
  const script = join(packageRoot(), 'dist', 'cli.js');
  if (!existsSync(script)) return undefined;
  const args = ['redact', '--config', devNull, ...rules.flatMap((name) => ['--rules', name])];
  return { script, args: engine === undefined ? args : [...args, '--engine', engine] };
}

/** The environment without settings of logveil. */
function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('LOGVEIL_')));
}

export interface Finished {
  readonly milliseconds: number;
  readonly status: number | null;
  readonly output: string;
}

/** Runs Node to its end. */
export function runNode(args: readonly string[], input: string): Finished {
  const start = performance.now();
  const { status, stdout } = spawnSync(process.execPath, args, {
    input,
    env: plainEnvironment(),
    encoding: 'utf8',
  });
  return { milliseconds: performance.now() - start, status, output: stdout };
}

/** Starts Node with pipes for input and output. */
export function spawnNode(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { env: plainEnvironment(), stdio: ['pipe', 'pipe', 'ignore'] });
}
