/**
 * A model of `logveil tail`: a writer and its log rotation, a follower that is killed and started again, and what must
 * have come out in the end: the redaction of all that was ever written. The writer moves between any two system calls of
 * the follower, the follower is killed before any of them, and with a power loss what was not made durable is gone.
 */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LiveRedaction } from '../../src/app/liveRedaction.ts';
import { Redaction } from '../../src/app/redaction.ts';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import { toRedactionSettings } from '../../src/config/settings.ts';
import { FileOutput } from '../../src/sinks/fileOutput.ts';
import type { Output } from '../../src/sinks/output.ts';
import { PathPatterns } from '../../src/sources/pathPatterns.ts';
import { CheckpointStore } from '../../src/state/checkpointStore.ts';
import { Tail } from '../../src/tail/tail.ts';
import { randomNumbers } from './generators.ts';
import { type Interleaving, Process, real } from './interleaving.ts';
import { logIn, RotatingWriter } from './rotatingWriter.ts';
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

let shared: LiveRedaction | undefined;

/** With toy rules, one of them for values over several lines. Made once. */
export function toyRedaction(): LiveRedaction {
  if (shared === undefined) {
    const folder = mkdtempSync(join(tmpdir(), 'logveil-toy-'));
    const path = join(folder, 'toy.yaml');
    writeFileSync(path, TOY_RULES + KEY_RULE);
    const settings = toRedactionSettings({ rules: [path] }, {});
    shared = new LiveRedaction(new Redaction(settings, loadRuleSet(settings.rules)));
    rmSync(folder, { recursive: true });
  }
  return shared;
}

/** Takes what it is given; accepts it later, when it is told to. */
export class LaterOutput implements Output {
  readonly name = 'memory';
  accepted = 0;
  chunks: { readonly number: number; readonly bytes: Buffer }[] = [];
  #number = 0;

  async write(bytes: Buffer, number: number): Promise<void> {
    this.chunks.push({ number, bytes: Buffer.from(bytes) });
    this.#number = number;
  }

  /** A queue dies with its process: of what was not accepted only so much has arrived. */
  die(share: number): void {
    const last = this.#atShare(share);
    this.chunks = this.chunks.filter(({ number }) => number <= last);
  }

  /** @param share how much of what it has and had not accepted; from 0 to 1 */
  accept(share = 1): void {
    this.accepted = this.#atShare(share);
  }

  #atShare(share: number): number {
    return this.accepted + Math.floor((this.#number - this.accepted) * share);
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
  /** All that was written. */
  readonly expected: string;
  readonly output: string;
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
const MOST_STEPS = 1_000;
/** While the follower does one thing; a folder that never holds still can't be looked at. */
const MOST_MOVES = 40;

export class TailModel {
  readonly #folder = mkdtempSync(join(BASE, 'logveil-model-'));
  readonly #checkpoint = join(this.#folder, 'state', 'checkpoint.json');
  readonly #out = join(this.#folder, 'out.log');
  readonly #random: () => number;
  /** What becomes of what the output has; apart, so that the scripts of a seed are the same for each output. */
  readonly #fate: () => number;
  readonly #options: ModelOptions;
  readonly #writer: RotatingWriter;
  readonly #script: string[] = [];
  readonly #messages: string[] = [];
  readonly #gathered: Buffer[] = [];
  /** How likely the writer moves before a system call of the follower. */
  readonly #rush: number;
  #clock = 0;
  #process = new Process();
  #tail: Tail | undefined;
  #output: FileOutput | LaterOutput | undefined;
  /** What survives a power loss. */
  #syncedSize = 0;
  #durable: Buffer | undefined;

  constructor(options: ModelOptions) {
    this.#options = options;
    this.#random = randomNumbers(options.seed * 7919 + 13);
    this.#fate = randomNumbers(options.seed * 104_729 + 7);
    for (let i = 0; i < 20; i++) {
      this.#random();
      this.#fate();
    }
    mkdirSync(join(this.#folder, 'logs'));
    this.#writer = new RotatingWriter(logIn(this.#folder), this.#random, options.seed % 2 === 0);
    this.#rush = [0, 0.02, 0.1, 0.3][options.seed % 4] as number;
  }

  async run(): Promise<ModelResult> {
    // What is loaded once would count as system calls of the first run.
    redacted('to user-1@toy.example');
    // How long a run takes must not matter: to the follower it is one moment.
    const { now } = Date;
    const started = now();
    Date.now = () => started;
    try {
      // What was moved away before the first look is not asked for.
      await this.#start(Number.POSITIVE_INFINITY, 0);
      for (let step = 0; step < this.#options.steps; step++) await this.#step();
      await this.#settle();
      return {
        expected: this.#writer.written,
        output: this.#written(),
        script: this.#script,
        messages: this.#messages,
      };
    } finally {
      Date.now = now;
      this.#process.bury();
      this.#writer.close();
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
      [40, 'write', () => this.#moveWriter(1 + Math.floor(this.#random() * 8))],
      [20, 'read', () => this.#read(false)],
      [10, 'look', () => this.#read(true)],
      [3, 'truncate', () => this.#whenCaughtUp(() => this.#writer.truncate())],
      [3, 'recreate', () => this.#whenCaughtUp(() => this.#writer.recreate())],
      [8, 'checkpoint', () => this.#save()],
      [4, 'kill', () => this.#kill()],
      [8, 'read, killed in it', () => this.#read(true, this.#someCalls(300))],
      [3, 'checkpoint, killed in it', () => this.#save(this.#someCalls(12))],
      [
        12,
        'start',
        () => this.#start(this.#random() < 0.3 ? this.#someCalls(100) : Number.POSITIVE_INFINITY),
      ],
      [4, 'wait', () => this.#wait()],
    ];
    let at = this.#random() * kinds.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, name, work] of kinds) {
      at -= weight;
      if (at >= 0) continue;
      this.#script.push(name);
      await work();
      return;
    }
  }

  #someCalls(most: number): number {
    return 1 + Math.floor(this.#random() * most);
  }

  #moveWriter(count: number): void {
    for (let i = 0; i < count; i++) this.#script.push(`  ${this.#writer.step()}`);
  }

  /** @param killAfter so many system calls */
  async #follow(work: (tail: Tail) => Promise<void>, killAfter: number, rush = this.#rush): Promise<void> {
    const tail = this.#tail;
    if (tail === undefined) return;
    if (!(await this.#process.run(() => work(tail), this.#interleaving(killAfter, rush)))) this.#kill();
  }

  #interleaving(killAfter: number, rush: number): Interleaving {
    let calls = 0;
    let moves = 0;
    return {
      before: () => {
        if (++calls >= killAfter) this.#process.kill();
        else
          while (moves < MOST_MOVES && this.#random() < rush) {
            moves++;
            this.#moveWriter(1);
          }
      },
      after: (call, argument) => {
        if (call === 'fsyncSync') this.#synced(argument as number);
      },
    };
  }

  #synced(fd: number): void {
    const { ino } = real.fstatSync(fd);
    if (existsSync(this.#out) && ino === real.statSync(this.#out).ino)
      this.#syncedSize = real.fstatSync(fd).size;
    if (ino === real.statSync(join(this.#folder, 'state')).ino)
      this.#durable = real.readFileSync(this.#checkpoint);
  }

  /** What is truncated or deleted unread is nowhere any more: these wait for the follower. */
  async #whenCaughtUp(work: () => void): Promise<void> {
    this.#writer.finish();
    // A key whose end has not come, or half a line, is held: with its file it would be gone after a kill.
    if (this.#tail === undefined || this.#writer.isOpen) return;
    await this.#read(true, Number.POSITIVE_INFINITY, 0);
    await this.#save(Number.POSITIVE_INFINITY, 0);
    work();
    if (this.#random() < 0.7) await this.#read(true, Number.POSITIVE_INFINITY, 0);
  }

  async #read(isHurried: boolean, killAfter = Number.POSITIVE_INFINITY, rush = this.#rush): Promise<void> {
    const work = async (tail: Tail): Promise<void> => {
      for (let i = 0; !this.#process.isDead; i++) {
        const isBusy = await tail.step(isHurried);
        this.#clock += 1;
        if (!isBusy) return;
        if (i > MOST_STEPS) throw new Error('it turns in circles');
      }
    };
    await this.#follow(work, killAfter, rush);
    this.#clock += 10;
  }

  async #save(killAfter = Number.POSITIVE_INFINITY, rush = this.#rush): Promise<void> {
    if (this.#output instanceof LaterOutput) {
      const isAll = rush === 0 || this.#fate() < 0.5;
      this.#output.accept(isAll ? 1 : this.#fate());
    }
    // What has been accepted is taken up by a step.
    await this.#read(false, Number.POSITIVE_INFINITY, rush);
    await this.#follow(async (tail) => tail.save(), killAfter, rush);
  }

  #wait(): void {
    this.#clock += this.#random() < 0.5 ? 1000 : ROTATE_WAIT_MS + 1;
  }

  /** The process is gone, and with a power loss what was not made durable, or a part of it, too. */
  #kill(): void {
    if (this.#tail === undefined) return;
    this.#process.bury();
    this.#tail = undefined;
    if (this.#output instanceof LaterOutput) {
      this.#output.die(this.#fate());
      this.#gather();
    }
    this.#output = undefined;
    // Its process id is that of the test, which lives.
    rmSync(`${this.#out}.lock`, { force: true });
    if (this.#random() < 0.3) this.#losePower();
  }

  #losePower(): void {
    this.#script.push('  power loss');
    if (this.#options.sink === 'file' && existsSync(this.#out)) {
      const { size } = statSync(this.#out);
      const kept = this.#syncedSize + Math.floor((size - this.#syncedSize) * this.#random());
      if (kept < size) {
        real.truncateSync(this.#out, kept);
        // Some file systems make a file's length durable before its bytes.
        if (this.#random() < 0.5) real.truncateSync(this.#out, size);
      }
    }
    // A rename is durable once its folder is.
    if (this.#durable === undefined || this.#random() < 0.5) return;
    writeFileSync(this.#checkpoint, this.#durable);
  }

  #gather(): void {
    if (this.#output instanceof LaterOutput)
      this.#gathered.push(...this.#output.chunks.splice(0).map(({ bytes }) => bytes));
  }

  async #start(killAfter = Number.POSITIVE_INFINITY, rush = this.#rush): Promise<void> {
    if (this.#tail !== undefined) return;
    this.#process = new Process();
    const begin = async (): Promise<void> => {
      this.#tail = this.#open();
      await this.#tail.start();
    };
    const isAlive = await this.#process.run(begin, this.#interleaving(killAfter, rush));
    if (isAlive) return;
    // It may have been killed before there was anything of it.
    this.#process.bury();
    if (this.#tail !== undefined) this.#kill();
    rmSync(`${this.#out}.lock`, { force: true });
  }

  #open(): Tail {
    const say = (message: string): void => void this.#messages.push(message);
    this.#output =
      this.#options.sink === 'file' ? new FileOutput({ path: this.#out, keep: 0 }) : new LaterOutput();
    return new Tail({
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
  }

  /** Runs until nothing more can come. */
  async #settle(): Promise<void> {
    this.#writer.finish();
    await this.#start();
    await this.#read(true, Number.POSITIVE_INFINITY, 0);
    this.#writer.complete();
    for (let i = 0; i < 4; i++) {
      this.#clock += ROTATE_WAIT_MS + 1;
      await this.#read(true, Number.POSITIVE_INFINITY, 0);
    }
    await this.#save(Number.POSITIVE_INFINITY, 0);
  }
}

/** The redaction of a text as a whole. */
export function redacted(text: string): string {
  const stream = toyRedaction().current.openStream(() => 'model');
  const head = Buffer.from(stream.push(Buffer.from(text)));
  return Buffer.concat([head, stream.end()]).toString('latin1');
}
