/**
 * A model of `logveil tail`: a writer and its log rotation as a script of small steps, a follower that is killed and
 * started again in between, and what must have come out in the end: the redaction of all that was ever written.
 */

import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Redaction } from '../../src/app/redaction.ts';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';
import { FileOutput } from '../../src/sinks/fileOutput.ts';
import type { Output } from '../../src/sinks/output.ts';
import { PathPatterns } from '../../src/sources/pathPatterns.ts';
import { CheckpointStore } from '../../src/state/checkpointStore.ts';
import { Tail } from '../../src/tail/tail.ts';
import { randomNumbers } from './generators.ts';
import { TOY_RULES } from './rules.ts';

/** In memory, where there is such a place: a run makes some hundred small files durable. */
const BASE = process.env.LOGVEIL_MODEL_FOLDER ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

const KEY_RULE = `  - id: toy-key
    description: Key over lines
    entity: PRIVATE_KEY
    category: secret
    gdpr: [art32]
    severity: critical
    confidence: 0.99
    keywords: ['BEGIN TOY KEY']
    multiline:
      begin: '-----BEGIN TOY KEY-----'
      body: '^[A-Za-z0-9+/=]{4,}$'
      end: '-----END TOY KEY-----'
    examples:
      - text: "x\\n-----BEGIN TOY KEY-----\\nAAAA\\n-----END TOY KEY-----"
        match: "-----BEGIN TOY KEY-----\\nAAAA\\n-----END TOY KEY-----"
`;

let shared: Redaction | undefined;

/** With toy rules, one of them for values over several lines. Made once. */
function toyRedaction(): Redaction {
  if (shared === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'logveil-toy-'));
    const path = join(folder, 'toy.yaml');
    writeFileSync(path, TOY_RULES + KEY_RULE);
    const settings = toRedactionSettings({ rules: [path] }, {});
    shared = new Redaction(settings, loadRuleSet(settings.rules));
    rmSync(folder, { recursive: true });
  }
  return shared;
}

/** Takes what it is given; accepts it later, when it is told to. */
export class LaterOutput implements Output {
  readonly name = 'memory';
  accepted = 0;
  readonly chunks: Buffer[] = [];
  #number = 0;

  async write(bytes: Buffer, number: number): Promise<void> {
    this.chunks.push(Buffer.from(bytes));
    this.#number = number;
  }

  accept(): void {
    this.accepted = this.#number;
  }

  settle(): undefined {
    return undefined;
  }

  async drain(): Promise<void> {
    this.accept();
  }

  async close(): Promise<void> {}
}

export interface ModelResult {
  readonly expected: string;
  readonly output: string;
  readonly raw: string;
  readonly script: readonly string[];
  readonly messages: readonly string[];
}

export interface ModelOptions {
  readonly seed: number;
  readonly steps: number;
  /** A file gets each line once; `memory` accepts late and may get lines twice. */
  readonly sink: 'file' | 'memory';
  /** `app.log`, or `app.log*`. */
  readonly pattern: string;
}

const ROTATE_WAIT_MS = 10_000;

export class TailModel {
  readonly #folder = mkdtempSync(join(BASE, 'logveil-model-'));
  readonly #log: string;
  readonly #out: string;
  readonly #random: () => number;
  readonly #options: ModelOptions;
  readonly #script: string[] = [];
  readonly #messages: string[] = [];
  readonly #gathered: Buffer[] = [];
  #expected = '';
  #line = 0;
  #clock = 0;
  /** Time of the last change, in seconds; the kernel's clock would give many files the same. */
  #time = Math.ceil(Date.now() / 1000);
  #isUnfinished = false;
  #keyLines = 0;
  #tail: Tail | undefined;
  #output: FileOutput | LaterOutput | undefined;
  #syncedSize = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#random = randomNumbers(options.seed * 7919 + 13);
    for (let i = 0; i < 20; i++) this.#random();
    mkdirSync(join(this.#folder, 'logs'));
    this.#log = join(this.#folder, 'logs', 'app.log');
    this.#out = join(this.#folder, 'out.log');
  }

  async run(): Promise<ModelResult> {
    try {
      // What was moved away before the first run is not asked for.
      writeFileSync(this.#log, '');
      this.#touch(this.#log);
      await this.#start();
      for (let step = 0; step < this.#options.steps; step++) await this.#step();
      await this.#settle();
      return {
        expected: this.#expected,
        output: this.#written(),
        raw: this.#expected,
        script: this.#script,
        messages: this.#messages,
      };
    } finally {
      this.#tail?.close();
      if (this.#output instanceof FileOutput) await this.#output.close();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  #written(): string {
    if (this.#options.sink === 'file') return readFileSync(this.#out, 'latin1');
    this.#gather();
    return Buffer.concat(this.#gathered).toString('latin1');
  }

  async #step(): Promise<void> {
    const kinds: readonly [number, string, () => void | Promise<void>][] = [
      [30, 'write', () => this.#write()],
      [6, 'write-part', () => this.#writePart()],
      [20, 'read', () => this.#read(false)],
      [10, 'look', () => this.#read(true)],
      [8, 'rename', () => this.#rename()],
      [6, 'copytruncate', () => this.#copyTruncate()],
      [3, 'rename-late', () => this.#renameWithLateWriter()],
      [4, 'compress', () => this.#compress()],
      [3, 'truncate', () => this.#truncate()],
      [3, 'recreate', () => this.#recreate()],
      [6, 'checkpoint', () => this.#save()],
      [5, 'kill', () => this.#kill()],
      [8, 'start', () => this.#start()],
      [4, 'wait', () => this.#wait()],
    ];
    const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
    let at = this.#random() * total;
    for (const [weight, name, work] of kinds) {
      at -= weight;
      if (at >= 0) continue;
      this.#script.push(name);
      await work();
      return;
    }
  }

  #append(text: string): void {
    appendFileSync(this.#log, text);
    this.#touch(this.#log);
    this.#expected += text;
    this.#isUnfinished = !text.endsWith('\n');
  }

  /** Each change is a second after the last. */
  #touch(path: string): void {
    this.#time += 1;
    utimesSync(path, this.#time, this.#time);
  }

  #nextLine(): string {
    if (this.#keyLines > 0) {
      this.#keyLines--;
      return this.#keyLines === 0 ? '-----END TOY KEY-----' : `SECRETSECRET${this.#line++}AAAA`;
    }
    if (this.#random() < 0.08) {
      this.#keyLines = 2 + Math.floor(this.#random() * 4);
      return '-----BEGIN TOY KEY-----';
    }
    const mail = this.#random() < 0.4 ? ` to user-${1000 + this.#line}@toy.example` : '';
    return `line ${this.#line++}${mail} ${'x'.repeat(Math.floor(this.#random() * 60))}`;
  }

  #write(): void {
    const count = 1 + Math.floor(this.#random() * 4);
    let text = this.#isUnfinished ? ' rest\n' : '';
    for (let i = 0; i < count; i++) text += `${this.#nextLine()}\n`;
    this.#append(text);
  }

  #writePart(): void {
    if (this.#isUnfinished || this.#keyLines > 0) return;
    this.#append(`line ${this.#line++} part of user-${this.#line}`);
  }

  /** A line that a rotation cuts is ended by it. */
  #cut(): void {
    if (this.#isUnfinished) this.#expected += '\n';
    this.#isUnfinished = false;
  }

  #shift(): boolean {
    if (!existsSync(this.#log) || statSync(this.#log).size === 0) return false;
    for (let number = 12; number >= 1; number--) {
      for (const end of ['', '.gz']) {
        const from = `${this.#log}.${number}${end}`;
        if (existsSync(from)) renameSync(from, `${this.#log}.${number + 1}${end}`);
      }
    }
    return true;
  }

  #rename(): void {
    if (!this.#shift()) return;
    this.#cut();
    renameSync(this.#log, `${this.#log}.1`);
    if (this.#random() < 0.7) {
      writeFileSync(this.#log, '');
      this.#touch(this.#log);
    }
  }

  /** The writer notices the rotation later than the new file is there. */
  #renameWithLateWriter(): void {
    if (!this.#shift()) return;
    const text = `${this.#isUnfinished ? ' rest\n' : ''}${this.#nextLine()}\n`;
    renameSync(this.#log, `${this.#log}.1`);
    writeFileSync(this.#log, '');
    this.#touch(this.#log);
    appendFileSync(`${this.#log}.1`, text);
    utimesSync(`${this.#log}.1`, this.#time - 0.5, this.#time - 0.5);
    this.#expected += text;
    this.#isUnfinished = false;
  }

  #copyTruncate(): void {
    if (!this.#shift()) return;
    this.#cut();
    copyFileSync(this.#log, `${this.#log}.1`);
    this.#touch(`${this.#log}.1`);
    truncateSync(this.#log, 0);
    this.#touch(this.#log);
  }

  #compress(): void {
    for (let number = 2; number <= 12; number++) {
      const path = `${this.#log}.${number}`;
      if (!existsSync(path)) continue;
      const { mtime } = statSync(path);
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 1 }));
      utimesSync(`${path}.gz`, mtime, mtime);
      rmSync(path);
    }
  }

  /** What is truncated or deleted unread is nowhere any more: these wait for the follower. */
  async #truncate(): Promise<void> {
    if (!(await this.#isCaughtUp())) return;
    this.#cut();
    truncateSync(this.#log, 0);
    this.#touch(this.#log);
    await this.#read(true);
  }

  async #recreate(): Promise<void> {
    if (!(await this.#isCaughtUp())) return;
    this.#cut();
    rmSync(this.#log);
    if (this.#random() < 0.5) await this.#read(true);
  }

  async #isCaughtUp(): Promise<boolean> {
    if (this.#tail === undefined || !existsSync(this.#log)) return false;
    // A key whose end has not come, or half a line, is held: with its file it would be gone after a kill.
    if (this.#keyLines > 0 || this.#isUnfinished) return false;
    await this.#read(true);
    this.#save();
    return true;
  }

  async #read(isHurried: boolean): Promise<void> {
    if (this.#tail === undefined) return;
    while (await this.#tail.step(isHurried)) this.#clock += 1;
    this.#clock += 10;
  }

  #save(): void {
    if (this.#output instanceof LaterOutput) this.#output.accept();
    this.#tail?.save();
    if (this.#options.sink === 'file' && existsSync(this.#out)) this.#syncedSize = statSync(this.#out).size;
  }

  #wait(): void {
    this.#clock += this.#random() < 0.5 ? 1000 : ROTATE_WAIT_MS + 1;
  }

  /** The process is gone, and with a power loss what was not made durable, or a part of it, too. */
  async #kill(): Promise<void> {
    if (this.#tail === undefined) return;
    this.#tail.close();
    this.#tail = undefined;
    if (this.#output instanceof FileOutput) {
      await this.#output.close();
      const { size } = statSync(this.#out);
      const kept = this.#syncedSize + Math.floor((size - this.#syncedSize) * this.#random());
      if (this.#random() < 0.3 && kept >= this.#syncedSize && kept < size) truncateSync(this.#out, kept);
    } else this.#gather();
    this.#output = undefined;
  }

  #gather(): void {
    if (this.#output instanceof LaterOutput) this.#gathered.push(...this.#output.chunks.splice(0));
  }

  async #start(): Promise<void> {
    if (this.#tail !== undefined) return;
    const say = (message: string): void => void this.#messages.push(message);
    this.#output =
      this.#options.sink === 'file' ? new FileOutput({ path: this.#out, keep: 0 }) : new LaterOutput();
    this.#tail = new Tail({
      redaction: toyRedaction(),
      output: this.#output,
      store: new CheckpointStore(join(this.#folder, 'state')),
      patterns: new PathPatterns([join(this.#folder, 'logs', this.#options.pattern)]),
      from: 'start',
      ownFiles: [],
      encoding: 'utf-8',
      container: 'none',
      partialWaitMs: Number.POSITIVE_INFINITY,
      rotateWaitMs: ROTATE_WAIT_MS,
      scanMs: 50,
      checkpointMs: Number.POSITIVE_INFINITY,
      onFinding: undefined,
      onStageError: (error) => say(`stage: ${String(error)}`),
      log: { info: () => {}, warn: say, error: say },
      now: () => this.#clock,
    });
    await this.#tail.start();
    if (this.#options.sink === 'file')
      this.#syncedSize = Math.min(this.#syncedSize, statSync(this.#out).size);
  }

  /** Runs until nothing more can come. */
  async #settle(): Promise<void> {
    await this.#start();
    await this.#read(true);
    while (this.#keyLines > 0) this.#write();
    if (this.#isUnfinished) this.#write();
    while (this.#keyLines > 0) this.#write();
    for (let i = 0; i < 4; i++) {
      this.#clock += ROTATE_WAIT_MS + 1;
      await this.#read(true);
    }
    this.#save();
  }
}

/** The redaction of a text as a whole. */
export function redacted(text: string): string {
  const stream = toyRedaction().openStream(() => 'model');
  const head = Buffer.from(stream.push(Buffer.from(text)));
  return Buffer.concat([head, stream.end()]).toString('latin1');
}
