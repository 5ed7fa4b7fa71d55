/** Pipes as they really are: closed, full, slow, non-blocking, never opened. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { CLI, cleanEnvironment, finished, runCli, runShell, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { filler } from '../support/generators.ts';
import { HAS_PROC, isNonBlocking, peakMemory, until, untilStill } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';

const MIB = 1024 * 1024;
/** Node with RE2 and the rules takes some 90 MB; a stream that piled up would take far more. */
const MEMORY_LIMIT = 250 * MIB;
const RULES = ['--rules', 'rules.yaml'];
const LAUNCHER = join(import.meta.dirname, 'nonBlockingLauncher.mjs');

function folderWithRules(): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  return folder;
}

/** Lines with a value in each tenth; returns the block and its redacted form. */
function block(): { raw: Buffer; redacted: Buffer } {
  const lines: string[] = [];
  for (let number = 0; number < 5000; number++) {
    const text = filler(100, number + 1).toString();
    lines.push(number % 10 === 0 ? `${text} user-${number}@toy.example\n` : `${text}\n`);
  }
  const raw = lines.join('');
  return {
    raw: Buffer.from(raw),
    redacted: Buffer.from(raw.replace(/user-\d+@toy\.example/g, '[REDACTED:toy-mail]')),
  };
}

function digestOf(chunk: Buffer, times: number): string {
  const hash = createHash('sha256');
  for (let i = 0; i < times; i++) hash.update(chunk);
  return hash.digest('hex');
}

it('ends with 0 and without a word when the reader closes the pipe', async () => {
  const script = `(yes 'mail user-1@toy.example' | "$@"; echo "code $?" >&2) | head -n 1`;
  const run = await runShell(script, RULES, { cwd: folderWithRules() });
  expect(run).toMatchObject({
    code: 0,
    stdout: Buffer.from('mail [REDACTED:toy-mail]\n'),
    stderr: 'code 0\n',
  });
});

it('asks for no verdict when the reader closes the pipe: --fail-on does not count', async () => {
  const script = `(yes 'mail user-1@toy.example' | "$@"; echo "code $?" >&2) | head -n 1`;
  const run = await runShell(script, [...RULES, '--fail-on', 'low'], { cwd: folderWithRules() });
  expect(run.stderr).toBe('code 0\n');
});

it('ends an audit with 0 and without a word when the reader closes the pipe', async () => {
  const folder = folderWithRules();
  writeFiles(folder, { 'big.txt': 'user-1@toy.example\n'.repeat(100_000) });
  const script = '("$@"; echo "code $?" >&2) | head -n 1';
  const run = await runShell(script, ['audit', ...RULES, '--format', 'jsonl', 'big.txt'], { cwd: folder });
  expect(run.stderr).toBe('code 0\n');
  expect(run.stdout.toString()).toMatch(/^\{.*"line":1,.*\}\n$/);
});

it.each([[['--help']], [['--version']], [['audit', '--help']]])(
  'ends quietly when nobody reads %j',
  async (args) => {
    const run = await runShell('("$@"; echo "code $?" >&2) | true', args);
    expect(run.stderr).toBe('code 0\n');
  },
);

it.each([
  ['closed', '("$@" 2>&1 >out; echo $? >code) | true; cat out code'],
  ['a full device', '"$@" 2>/dev/full; echo $?'],
  ['not open', '"$@" 2>&-; echo $?'],
])('redacts on when stderr is %s', async (_, script) => {
  const folder = folderWithRules();
  const args = [...RULES, '--stats', '--verbose'];
  const input = 'mail user-1@toy.example\n';
  const run = await runShell(script, args, { cwd: folder, input });
  expect(run.stdout.toString()).toBe('mail [REDACTED:toy-mail]\n0\n');
  const failing = await runShell(script, [...args, 'missing', '-'], { cwd: folder, input });
  expect(failing.stdout.toString()).toBe('mail [REDACTED:toy-mail]\n2\n');
});

it('takes a standard input that is not open for an empty one', async () => {
  const run = await runShell('exec "$@" <&-', RULES, { cwd: folderWithRules() });
  expect(run).toMatchObject({ code: 0, stdout: Buffer.alloc(0), stderr: '' });
});

it('reads standard input once, however often it is named', async () => {
  const run = await runCli([...RULES, '-', '-'], { cwd: folderWithRules(), input: 'user-1@toy.example\n' });
  expect(run).toMatchObject({ code: 0, stdout: Buffer.from('[REDACTED:toy-mail]\n'), stderr: '' });
});

it('sends a line that arrives alone at once', async () => {
  const child = startCli(RULES, { cwd: folderWithRules() });
  const run = finished(child);
  for (let number = 0; number < 3; number++) {
    child.stdin?.write(`line ${number} user-${number}@toy.example\n`);
    // Standard input stays open: without the line's output the test does not go on.
    const [output] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
    expect(output.toString()).toBe(`line ${number} [REDACTED:toy-mail]\n`);
  }
  child.stdin?.end();
  expect((await run).code).toBe(0);
});

it.skipIf(!HAS_PROC)('is slowed down by a slow reader, and holds little meanwhile', async () => {
  const { raw, redacted } = block();
  const TIMES = 100;
  const child = startCli(RULES, { cwd: folderWithRules() });
  let accepted = 0;
  const feed = async (): Promise<void> => {
    for (let i = 0; i < TIMES; i++) {
      const isRoom = child.stdin?.write(raw, () => {
        accepted += raw.length;
      });
      if (!isRoom) await once(child.stdin as NodeJS.WritableStream, 'drain');
    }
    child.stdin?.end();
  };
  const fed = feed();
  // Nobody reads: what the producer can get rid of is what the pipes and a few buffers hold.
  await until(() => accepted > 0);
  await untilStill(() => accepted);
  expect(accepted).toBeLessThan(8 * MIB);
  expect(peakMemory(child)).toBeLessThan(MEMORY_LIMIT);
  const hash = createHash('sha256');
  child.stdout?.on('data', (chunk: Buffer) => hash.update(chunk));
  const [code] = (await once(child, 'close')) as [number];
  await fed;
  expect(code).toBe(0);
  expect(hash.digest('hex')).toBe(digestOf(redacted, TIMES));
});

it.skipIf(!HAS_PROC)('loses no byte on a pipe that is non-blocking and mostly full', async () => {
  const { raw, redacted } = block();
  const TIMES = 8;
  const launcher = spawn(process.execPath, [LAUNCHER, CLI, ...RULES], {
    cwd: folderWithRules(),
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const [pid] = (await once(launcher.stdio[3] as NodeJS.ReadableStream, 'data')) as [Buffer];
  expect(isNonBlocking(Number(pid), 1)).toBe(true);
  launcher.stdin?.end(Buffer.concat(Array.from({ length: TIMES }, () => raw)));
  const hash = createHash('sha256');
  let errors = '';
  launcher.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const closed = once(launcher, 'close');
  for await (const chunk of launcher.stdout as AsyncIterable<Buffer>) {
    hash.update(chunk);
    await sleep(2);
  }
  expect(await closed).toEqual([0, null]);
  expect(errors).toBe('');
  expect(hash.digest('hex')).toBe(digestOf(redacted, TIMES));
});

it('writes everything when each write takes a few bytes only, or is refused for now', async () => {
  const { raw, redacted } = block();
  const folder = folderWithRules();
  writeFiles(folder, { 'in.txt': raw });
  const shim = join(import.meta.dirname, 'shortWrites.mjs');
  const run = await runCli([...RULES, '--findings', 'findings.jsonl', 'in.txt'], {
    cwd: folder,
    nodeArgs: ['--import', shim],
  });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout.equals(redacted)).toBe(true);
  const lines = await runShell('grep -c "^{.*}$" findings.jsonl', [], { cwd: folder });
  expect(lines.stdout.toString()).toBe('500\n');
});

it('reads what comes through a named pipe, however late', async () => {
  const folder = folderWithRules();
  const script = `mkfifo fifo; (sleep 0.5; echo 'a user-1@toy.example'; sleep 0.2; echo b) > fifo & "$@"`;
  const run = await runShell(script, [...RULES, 'fifo'], { cwd: folder });
  expect(run).toMatchObject({ code: 0, stdout: Buffer.from('a [REDACTED:toy-mail]\nb\n'), stderr: '' });
});
