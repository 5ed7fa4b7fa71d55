/**
 * Runs the built command line as a user would: a process of its own, with an environment that holds nothing of the
 * developer's. `LOGVEIL_CLI` aims the tests at another build, for instance an installed release.
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const REPOSITORY = resolve(import.meta.dirname, '../..');
export const CLI = process.env.LOGVEIL_CLI ?? resolve(REPOSITORY, 'dist/cli.js');

/** A key for tests only, so that fingerprints and pseudonyms are the same in each run. */
export const TEST_KEY = '00112233445566778899aabbccddeeff'.repeat(2);

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node itself, for instance `--import` of a fault. */
  readonly nodeArgs?: readonly string[];
  /** Standard input, output and error; a pipe each by default. */
  readonly stdio?: StdioOptions;
  /** Whose process it is, where that may be chosen. */
  readonly uid?: number;
  readonly gid?: number;
}

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** The environment of a run: what programs need to start, and no setting of logveil or of colours. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { PATH = '', HOME = '/', TMPDIR = '/tmp' } = process.env;
  return { PATH, HOME, TMPDIR, TZ: 'UTC', NO_COLOR: '1', ...extra };
}

/** Starts the command line and leaves its pipes to the caller. */
export function startCli(args: readonly string[], options: RunOptions = {}): ChildProcess {
  const { cwd = REPOSITORY, env = {}, nodeArgs = [], stdio = 'pipe', uid, gid } = options;
  const user = { ...(uid !== undefined && { uid }), ...(gid !== undefined && { gid }) };
  return spawn(process.execPath, [...nodeArgs, CLI, ...args], {
    cwd,
    env: cleanEnvironment(env),
    stdio,
    ...user,
  });
}

/** Runs the command line to its end. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return finished(startCli(args, options), options.input ?? '');
}

/** Runs a shell script in which `"$@"` is the command line with its arguments. */
export function runShell(
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { cwd = REPOSITORY, env = {}, stdio = 'pipe', input = '' } = options;
  const shell = spawn('sh', ['-c', script, 'sh', process.execPath, CLI, ...args], {
    cwd,
    env: cleanEnvironment(env),
    stdio,
  });
  return finished(shell, input);
}

/** Feeds a process, gathers what it says and waits for its end. */
export async function finished(child: ChildProcess, input?: string | Buffer): Promise<RunResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A process may end without having read its input.
  child.stdin?.on('error', () => {});
  if (input !== undefined) child.stdin?.end(input);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
    child.once('error', fail);
    child.once('close', (...end) => done(end));
  });
  return { code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
}
