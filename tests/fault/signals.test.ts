/** Being stopped: what was read is finished and written; who is in a hurry asks twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { finished, runShell, startCli } from '../support/cli.ts';
import { temporaryFolder, writeFiles } from '../support/folders.ts';
import { bytesRead, catches, HAS_PROC, until, untilStill } from '../support/processes.ts';
import { TOY_RULES } from '../support/rules.ts';

const RULES = ['--rules', 'rules.yaml'];
const LINE = 'mail user-1@toy.example\n';
const REDACTED_LINE = 'mail [REDACTED:toy-mail]\n';

function folderWithRules(): string {
  const folder = temporaryFolder();
  writeFiles(folder, { 'rules.yaml': TOY_RULES });
  return folder;
}

/** Stops a run that has read a whole line and the begin of another. */
async function cutInTheMiddle(
  signal: NodeJS.Signals,
  begin: string,
  args: readonly string[],
): Promise<{ run: ReturnType<typeof finished>; folder: string }> {
  const folder = folderWithRules();
  const child = startCli([...RULES, '--summary', 's.json', ...args], { cwd: folder });
  const run = finished(child);
  child.stdin?.write(LINE);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  const before = bytesRead(child);
  child.stdin?.write(begin);
  await until(() => bytesRead(child) >= before + begin.length);
  child.kill(signal);
  return { run, folder };
}

describe.skipIf(!HAS_PROC).each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  it.each([
    ['one thread', []],
    ['two threads', ['--jobs', '2']],
  ])('ends the reading; whole lines are written, a line that it cut is withheld: %s', async (_, jobs) => {
    const { run, folder } = await cutInTheMiddle(signal, 'token ghp_0123456789abcdefghij', jobs);
    const { code, stdout, stderr } = await run;
    expect(code).toBe(2);
    expect(stderr).toContain('stdin: its last line was cut by a signal and withheld');
    expect(stdout.toString()).toBe(`${REDACTED_LINE}[LOGVEIL: line withheld: cut by a signal]`);
    const summary = JSON.parse(readFileSync(join(folder, 's.json'), 'utf8'));
    expect(summary).toMatchObject({ findings: 1, lines: 2, bytesOut: stdout.length });
    expect(summary.anomalies).toMatchObject({ linesWithheld: 1 });
  });

  it('passes a line that it cut where that was asked for, redacted as far as it goes', async () => {
    const { run } = await cutInTheMiddle(signal, 'last user-2@toy.example', ['--on-error', 'pass']);
    const { code, stdout, stderr } = await run;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.toString()).toBe(`${REDACTED_LINE}last [REDACTED:toy-mail]`);
  });

  it('withholds what is left of a long line that it cut', async () => {
    const { run } = await cutInTheMiddle(signal, 'word '.repeat(200), ['--max-line', '256']);
    const { code, stdout } = await run;
    expect(code).toBe(2);
    expect(stdout.toString()).toMatch(
      /^mail \[REDACTED:toy-mail\]\n(word )+w?o?r?d?\[LOGVEIL: line withheld: cut by a signal\]$/,
    );
  });

  it('does not take files that were left unread for done', async () => {
    const folder = folderWithRules();
    writeFiles(folder, { 'a.txt': LINE.repeat(400_000), 'b.txt': LINE });
    const child = startCli([...RULES, '--summary', 's.json', 'a.txt', 'b.txt'], { cwd: folder });
    const run = finished(child);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill(signal);
    const { code, stderr } = await run;
    expect(code).toBe(2);
    const message = 'stopped by a signal: 2 of 2 inputs not read to the end, from a.txt on';
    expect(stderr).toContain(message);
    const summary: unknown = JSON.parse(readFileSync(join(folder, 's.json'), 'utf8'));
    expect(summary).toMatchObject({ failures: expect.arrayContaining([message]) });
  });

  it.each([
    ['nobody has opened', undefined],
    ['somebody holds open and writes nothing to', 'sleep 60 > fifo'],
  ])('comes through while a named pipe is read that %s', async (_, writer) => {
    const folder = folderWithRules();
    await runShell('mkfifo fifo', [], { cwd: folder });
    const child = startCli([...RULES, '--log-level', 'info', 'fifo'], { cwd: folder });
    const run = finished(child);
    const ready = once(child.stderr as NodeJS.ReadableStream, 'data');
    const holder = writer && spawn('sh', ['-c', `exec ${writer}`], { cwd: folder });
    await ready;
    await sleep(200);
    child.kill(signal);
    const { code, stderr } = await run;
    if (holder) holder.kill('SIGKILL');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('stopped by a signal: 1 of 1 inputs not read to the end, from fifo on'),
    });
  });

  it('decides what is held of a multi-line value, and shows nothing of it', async () => {
    const child = startCli([], { cwd: temporaryFolder() });
    const run = finished(child);
    child.stdin?.write('before\n');
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const before = bytesRead(child);
    const held = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n';
    child.stdin?.write(held);
    await until(() => bytesRead(child) >= before + held.length);
    child.kill(signal);
    const { code, stdout } = await run;
    expect({ code, stdout: stdout.toString() }).toEqual({
      code: 0,
      stdout: 'before\n[REDACTED:private-key]\n',
    });
  });

  it('kills when it comes a second time while the reader takes nothing', async () => {
    const child = startCli(RULES, { cwd: folderWithRules() });
    const end = once(child, 'exit');
    child.stdin?.on('error', () => {});
    const many = LINE.repeat(10_000);
    let accepted = 0;
    const feed = (): void => {
      child.stdin?.write(many, (error) => {
        if (error) return;
        accepted++;
        feed();
      });
    };
    feed();
    await until(() => accepted > 0);
    await untilStill(() => accepted);
    child.kill(signal);
    await until(() => !catches(child, signal));
    expect(child.exitCode ?? child.signalCode).toBeNull();
    child.kill(signal);
    expect(await end).toEqual([null, signal]);
  });
});

it.skipIf(!HAS_PROC)(
  'finishes a line by the rules it began with when SIGHUP comes in its middle',
  async () => {
    const folder = folderWithRules();
    const child = startCli([...RULES, '--log-level', 'info'], { cwd: folder });
    const run = finished(child);
    child.stdin?.write(LINE);
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    const before = bytesRead(child);
    child.stdin?.write('last user-2@toy');
    await until(() => bytesRead(child) >= before + 15);
    const reloaded = once(child.stderr as NodeJS.ReadableStream, 'data');
    child.kill('SIGHUP');
    await reloaded;
    child.stdin?.end('.example');
    const { code, stdout } = await run;
    expect({ code, stdout: stdout.toString() }).toEqual({
      code: 0,
      stdout: `${REDACTED_LINE}last [REDACTED:toy-mail]`,
    });
  },
);

it('opens no debugger on SIGUSR1', async () => {
  const child = startCli(RULES, { cwd: folderWithRules() });
  const run = finished(child);
  child.stdin?.write(LINE);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill('SIGUSR1');
  child.stdin?.write(LINE);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.stdin?.end();
  const { code, stdout, stderr } = await run;
  expect({ code, stderr, stdout: stdout.toString() }).toEqual({
    code: 0,
    stderr: '',
    stdout: REDACTED_LINE.repeat(2),
  });
});

it.skipIf(!HAS_PROC)('does not take an audit that was stopped for a complete one', async () => {
  const folder = folderWithRules();
  writeFiles(folder, { 'in.txt': LINE.repeat(400_000) });
  const child = startCli(['audit', ...RULES, '--format', 'jsonl', 'in.txt'], { cwd: folder });
  const run = finished(child);
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  child.kill('SIGTERM');
  const { code, stderr } = await run;
  expect(code).toBe(2);
  expect(stderr).toContain('the audit was stopped before its end');
});
