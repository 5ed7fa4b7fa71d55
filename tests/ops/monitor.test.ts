/** The live view in a real terminal: sizes, a resize in its middle, what it shows, and the terminal given back. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { CLI, runCli } from '../support/cli.ts';
import { HAS_REDIS, LEAKED, Sample, WHERE } from './support.ts';

const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;
const SKIPPED = HAS_TMUX ? WHERE : ' (skipped: tmux is missing)';

let sample: Sample;
let count = 0;

/** What it leaves behind: its exit code, and whether the terminal is in line mode again. */
const SCRIPT = `"${process.execPath}" "${CLI}" monitor --interval 300ms
echo "code=$?"
stty -a | grep -oE -- '-?icanon'
sleep 600
`;

/** A terminal of its own, with the monitor in it. */
class Terminal {
  readonly #socket = `logveil-test-${process.pid}-${count++}`;

  constructor(columns: number, rows: number, env: Readonly<Record<string, string>>) {
    const settings = Object.entries({ LANG: 'C.UTF-8', ...env }).flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    const size = ['-x', String(columns), '-y', String(rows)];
    const script = join(sample.folder, 'run.sh');
    writeFileSync(script, SCRIPT);
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      ...size,
      ...settings,
      '-c',
      sample.folder,
      'sh',
      script,
    );
    onTestFinished(() => void spawnSync('tmux', ['-L', this.#socket, 'kill-server']));
  }

  press(key: string): void {
    this.#tmux('send-keys', key);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  signal(name: string): void {
    const pid = this.#tmux('display', '-p', '#{pane_pid}').trim();
    const [child = ''] = execFileSync('pgrep', ['-P', pid], { encoding: 'utf8' }).split('\n');
    process.kill(Number(child), name);
  }

  /** Lines as they stand there, with styles if asked. */
  screen(...args: string[]): string[] {
    return this.#tmux('capture-pane', '-p', ...args)
      .split('\n')
      .slice(0, -1);
  }

  /** What the terminal itself says: whether the alternate screen is on, and the cursor is shown. */
  flags(): string {
    return this.#tmux('display', '-p', '#{alternate_on} #{cursor_flag}').trim();
  }

  async until(holds: (text: string) => boolean): Promise<string> {
    for (;;) {
      const text = this.screen().join('\n');
      if (holds(text)) return text;
      await sleep(100);
    }
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}

describe.skipIf(!HAS_REDIS || !HAS_TMUX)(`monitor in a terminal${SKIPPED}`, () => {
  beforeAll(async () => {
    sample = await Sample.start();
  });
  afterAll(() => sample?.stop());
  beforeEach(async () => {
    await sample.reset();
    sample.configure();
  });

  test('shows everything in 80x24, follows what happens, and gives the terminal back', async () => {
    const terminal = new Terminal(80, 24, { NO_COLOR: '1' });
    const calm = await terminal.until(
      (text) => text.includes('no trigger has fired') && text.includes('12 of 60 this minute'),
    );
    expect(terminal.flags()).toBe('1 0');
    for (const text of ['Errors', 'Leaks', 'Throughput', 'Users', 'Redis', 'Breakers', 'calcom closed'])
      expect(calm).toContain(text);
    expect(calm).toContain('q quit');
    for (const line of calm.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(terminal.screen('-e').join('\n')).not.toMatch(/\p{Cc}\[3\dm/u);

    await sample.tell(`log INFO ${LEAKED} signed in`);
    await sample.tell('breaker open 400');
    await sample.tell('errors 11');
    await sample.tell('json critical it broke');
    await sample.tell('calls 61');
    await sample.tell('bookings 0 20');
    const text = await terminal.until((one) => (one.match(/FIRED/g) ?? []).length === 5);
    expect(text).toContain('ROLL BACK');
    expect(text).toContain('12 in the last hour');
    expect(text).toContain('EMAIL_ADDRESS 1');
    expect(text).toContain('calcom OPEN 6.7 min');
    expect(text).not.toContain(LEAKED);

    terminal.press('q');
    expect(await terminal.until((one) => one.includes('icanon'))).toMatch(/^code=0\nicanon\n/);
    expect(terminal.flags()).toBe('0 1');
  });

  test('takes another size in its middle, lists what happened where there is room, and tells where there is none', async () => {
    await sample.tell(`log INFO ${LEAKED} signed in`);
    const terminal = new Terminal(80, 24, {});
    await terminal.until((text) => text.includes('ROLL BACK'));
    expect(terminal.screen('-e').join('\n')).toMatch(/\p{Cc}\[31m/u);
    terminal.resize(120, 40);
    const wide = await terminal.until((text) => text.includes('Latest'));
    expect(wide).toMatch(/leak {2}email in .*laravel\.log:\d+/);
    expect(wide.split('\n')[2]).toBe('─'.repeat(120));
    terminal.resize(60, 15);
    await terminal.until((text) => text.includes('needs 80x24, this is 60x15'));
    terminal.resize(80, 24);
    await terminal.until((text) => text.includes('q quit') && text.includes('Rollback triggers'));
    terminal.press('q');
    await terminal.until((text) => text.includes('code=0'));
  });

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'])('%s ends it with the terminal as it was', async (name) => {
    const terminal = new Terminal(80, 24, {});
    await terminal.until((text) => text.includes('Rollback triggers'));
    terminal.signal(name);
    expect(await terminal.until((text) => text.includes('code=') && !text.includes('Rollback'))).toContain(
      'code=0',
    );
    expect(terminal.flags()).toBe('0 1');
  });

  test('without UTF-8 it draws with ASCII; a Redis that goes away is told, and comes back', async () => {
    const terminal = new Terminal(80, 24, { LANG: 'C', LC_ALL: 'C' });
    const text = await terminal.until((one) => one.includes('Rollback triggers'));
    expect(text).toMatch(/^[\u0020-\u007e\n]*$/u);
    sample.redisServer.kill('SIGSTOP');
    await terminal.until((one) => one.includes('it does not answer in time'));
    sample.redisServer.kill('SIGCONT');
    await terminal.until((one) => one.includes('calcom closed'));
    terminal.press('q');
    await terminal.until((one) => one.includes('code=0'));
  });
});

describe.skipIf(!HAS_REDIS)(`monitor --once${WHERE}`, () => {
  let own: Sample;
  beforeAll(async () => {
    own = await Sample.start();
    await own.reset();
    own.configure();
  });
  afterAll(() => own?.stop());

  test('is text without control characters, and its code says whether a trigger has fired', async () => {
    const calm = await runCli(['monitor', '--once'], { cwd: own.folder });
    expect([calm.code, calm.stderr]).toEqual([0, '']);
    expect(calm.stdout.toString()).toMatch(/^(?:\P{Cc}|\n)*$/u);
    for (const line of calm.stdout.toString().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    await own.tell(`log INFO ${LEAKED} signed in`);
    const loud = await runCli(['monitor', '--once', '--json'], { cwd: own.folder });
    expect(loud.code).toBe(1);
    const { triggers, logs } = JSON.parse(loud.stdout.toString());
    expect(triggers[0]).toMatchObject({ id: 'pii-visible', state: 'fired' });
    expect(logs.leaks).toBe(1);
    expect(loud.stdout.toString()).not.toContain(LEAKED);
  });

  test('a pipe is no terminal: the error names the way out', async () => {
    const { code, stderr } = await runCli(['monitor'], { cwd: own.folder });
    expect(code).toBe(2);
    expect(stderr).toContain('expected --once');
  });
});
