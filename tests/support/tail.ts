/** `logveil tail` as a process, in a folder of its own. */
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { finished, type RunOptions, type RunResult, startCli } from './cli.ts';
import { temporaryFolder, writeFiles } from './folders.ts';
import { until } from './processes.ts';
import { TOY_RULES } from './rules.ts';

export class TailFolder {
  readonly folder: string;
  readonly log: string;
  readonly out: string;
  readonly state: string;
  #line = 0;

  constructor(folder = temporaryFolder()) {
    this.folder = folder;
    this.log = join(folder, 'logs', 'app.log');
    this.out = join(folder, 'out.log');
    this.state = join(folder, 'state');
    mkdirSync(join(folder, 'logs'), { recursive: true });
    writeFiles(folder, { 'rules.yaml': TOY_RULES });
  }

  get lines(): number {
    return this.#line;
  }

  /** Appends numbered lines, one in two with an address. */
  write(count: number): void {
    let text = '';
    for (let i = 0; i < count; i++) {
      text += `id=${this.#line}${this.#line % 2 === 0 ? ` to user-${this.#line}@toy.example` : ''} end\n`;
      this.#line++;
    }
    appendFileSync(this.log, text);
  }

  /** Starts following; stopped with the test. */
  start(extra: readonly string[] = [], options: RunOptions = {}): RunningTail {
    const outputs = extra.includes('-o') ? [] : ['-o', this.out];
    const child = startCli(
      [
        ...['tail', this.log, '--rules', join(this.folder, 'rules.yaml'), '--state', this.state],
        ...['--poll', '20ms', '--checkpoint-every', '50ms', ...outputs, ...extra],
      ],
      options,
    );
    return new RunningTail(child, this.state);
  }

  /** What has come out so far. */
  output(): string {
    return existsSync(this.out) ? readFileSync(this.out, 'utf8') : '';
  }
}

export class RunningTail {
  readonly child: ChildProcess;
  readonly end: Promise<RunResult>;
  readonly #state: string;
  #said = '';

  constructor(child: ChildProcess, state: string) {
    this.child = child;
    this.end = finished(child);
    child.stderr?.on('data', (bytes: Buffer) => {
      this.#said += bytes.toString();
    });
    this.#state = state;
    onTestFinished(() => void child.kill('SIGKILL'));
  }

  /** Files that are moved away before the first checkpoint are not asked for. */
  async ready(): Promise<void> {
    await until(() => existsSync(join(this.#state, 'checkpoint.json')) || this.child.exitCode !== null);
  }

  /** What it has said on stderr so far. */
  said(): string {
    return this.#said;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<RunResult> {
    this.child.kill(signal);
    return this.end;
  }
}

/** Numbers of the lines in a text, in their order. */
export function idsIn(text: string): number[] {
  return [...text.matchAll(/(?:^|[^a-z])id=(\d+) /gm)].map(([, id]) => Number(id));
}

export function idsTo(count: number): number[] {
  return Array.from({ length: count }, (_, id) => id);
}
