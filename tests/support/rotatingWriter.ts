/**
 * A program that writes a log, and what rotates it, as single system calls: each `step` does one, so that others can be
 * put between any two. What was written is known.
 */
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { real } from './interleaving.ts';

const {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeSync,
} = real;

type Steps = Generator<string, void>;

export class RotatingWriter {
  readonly #log: string;
  readonly #random: () => number;
  readonly #hasEqualTimes: boolean;
  /** All that was written, lines that a rotation cuts ended by it. */
  written = '';
  #fd: number;
  #steps: Steps | undefined;
  #line = 0;
  /** In seconds; each change is a second after the last, or all are of one moment. */
  #time = Math.ceil(Date.now() / 1000);
  #isUnfinished = false;
  #keyLines = 0;

  constructor(log: string, random: () => number, hasEqualTimes: boolean) {
    this.#log = log;
    this.#random = random;
    this.#hasEqualTimes = hasEqualTimes;
    this.#fd = openSync(log, 'a');
    this.#touch(log);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Whether a line, or a value over lines, is open. */
  get isOpen(): boolean {
    return this.#isUnfinished || this.#keyLines > 0;
  }

  /** Does the next system call. @returns its name */
  step(): string {
    this.#steps ??= this.#choose();
    const { value, done } = this.#steps.next();
    if (done !== true) return value;
    this.#steps = undefined;
    return '';
  }

  /** Ends what was begun. */
  finish(): void {
    while (this.#steps !== undefined) this.step();
  }

  /** Writes until no line and no key is open. */
  complete(): void {
    this.finish();
    do this.#append(this.#lines(1));
    while (this.isOpen);
  }

  /** For files whose reader has read them to their end. */
  truncate(): void {
    this.finish();
    ftruncateSync(this.#fd, 0);
    this.#touch(this.#log);
  }

  /** For files whose reader has read them to their end. */
  recreate(): void {
    this.finish();
    rmSync(this.#log);
    this.#reopen();
  }

  #choose(): Steps {
    const ways: readonly [number, () => Steps][] = [
      [40, () => this.#write()],
      [6, () => this.#writePart()],
      [10, () => this.#rename()],
      [8, () => this.#copyTruncate()],
      [6, () => this.#compress()],
    ];
    let at = this.#random() * ways.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, way] of ways) {
      at -= weight;
      if (at < 0) return way();
    }
    return this.#write();
  }

  *#write(): Steps {
    this.#append(this.#lines(1 + Math.floor(this.#random() * 4)));
    yield 'write';
  }

  *#writePart(): Steps {
    if (this.isOpen) return;
    this.#append(`line ${this.#line++} part of user-${this.#line}`);
    yield 'write part';
  }

  /** As logrotate's `create`: the writer is told, and may write to the old file until then. */
  *#rename(): Steps {
    if (statSync(this.#log).size === 0) return;
    yield* this.#shift();
    renameSync(this.#log, `${this.#log}.1`);
    yield 'rename';
    if (this.#random() < 0.6) {
      closeSync(openSync(this.#log, 'a'));
      this.#touch(this.#log);
      yield 'create';
    }
    if (this.#random() < 0.4) {
      this.#append(this.#lines(1));
      this.#touch(`${this.#log}.1`, -0.5);
      yield 'write late';
    }
    this.#reopen();
    yield 'reopen';
  }

  *#copyTruncate(): Steps {
    if (statSync(this.#log).size === 0) return;
    yield* this.#shift();
    const content = readFileSync(this.#log);
    const copy = openSync(`${this.#log}.1`, 'w');
    yield 'create copy';
    const half = Math.floor(content.length * this.#random());
    writeSync(copy, content.subarray(0, half));
    this.#touch(`${this.#log}.1`);
    yield 'copy a part';
    writeSync(copy, content.subarray(half));
    closeSync(copy);
    this.#touch(`${this.#log}.1`);
    yield 'copy the rest';
    truncateSync(this.#log, 0);
    this.#cut();
    this.#touch(this.#log);
    yield 'truncate';
  }

  *#shift(): Steps {
    for (const number of this.#numbers().reverse()) {
      for (const end of ['', '.gz']) {
        const from = `${this.#log}.${number}${end}`;
        if (!existsSync(from)) continue;
        renameSync(from, `${this.#log}.${number + 1}${end}`);
        yield `rename ${number}${end}`;
      }
    }
  }

  *#compress(): Steps {
    const least = this.#random() < 0.5 ? 1 : 2;
    for (const number of this.#numbers().filter((one) => one >= least)) {
      const path = `${this.#log}.${number}`;
      if (!existsSync(path)) continue;
      const { atime, mtime } = statSync(path);
      const content = gzipSync(readFileSync(path), { level: 1 });
      const half = Math.floor(content.length * this.#random());
      const fd = openSync(`${path}.gz`, 'w');
      yield `create ${number}.gz`;
      writeSync(fd, content.subarray(0, half));
      yield 'compress a part';
      writeSync(fd, content.subarray(half));
      closeSync(fd);
      yield 'compress the rest';
      utimesSync(`${path}.gz`, atime, mtime);
      yield 'set time';
      rmSync(path);
      yield `remove ${number}`;
    }
  }

  #numbers(): number[] {
    const base = `${basename(this.#log)}.`;
    const numbers = readdirSync(dirname(this.#log))
      .filter((name) => name.startsWith(base))
      .map((name) => Number.parseInt(name.slice(base.length), 10));
    return [...new Set(numbers)].sort((a, b) => a - b);
  }

  #reopen(): void {
    this.#cut();
    closeSync(this.#fd);
    this.#fd = openSync(this.#log, 'a');
    this.#touch(this.#log);
  }

  #append(text: string): void {
    writeSync(this.#fd, text);
    if (existsSync(this.#log)) this.#touch(this.#log);
    this.written += text;
    this.#isUnfinished = !text.endsWith('\n');
  }

  #touch(path: string, by = 1): void {
    if (!this.#hasEqualTimes) this.#time += Math.max(0, by);
    const time = this.#hasEqualTimes ? this.#time : this.#time + Math.min(0, by);
    utimesSync(path, time, time);
  }

  /** A line that a rotation cuts is ended by it. */
  #cut(): void {
    if (this.#isUnfinished) this.written += '\n';
    this.#isUnfinished = false;
  }

  #lines(count: number): string {
    let text = this.#isUnfinished ? ' rest\n' : '';
    for (let i = 0; i < count; i++) text += `${this.#nextLine()}\n`;
    return text;
  }

  #nextLine(): string {
    if (this.#keyLines > 0) {
      this.#keyLines--;
      // No two lines are the same: files that begin with the same bytes, and hold no more, can't be told apart.
      return this.#keyLines === 0
        ? `-----END TOY KEY----- ${this.#line++}`
        : `SECRETSECRET${this.#line++}AAAA`;
    }
    if (this.#random() < 0.08) {
      this.#keyLines = 2 + Math.floor(this.#random() * 4);
      return `${this.#line++} -----BEGIN TOY KEY-----`;
    }
    const mail = this.#random() < 0.4 ? ` to user-${1000 + this.#line}@toy.example` : '';
    return `line ${this.#line++}${mail} ${'x'.repeat(Math.floor(this.#random() * 60))}`;
  }
}

/** Where the files of a model are. */
export function logIn(folder: string): string {
  return join(folder, 'logs', 'app.log');
}
