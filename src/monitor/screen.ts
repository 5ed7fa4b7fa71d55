/**
 * The terminal: the alternate screen, taken and given back. Whatever ends the process, short of SIGKILL, the terminal is
 * afterwards as it was: screen, cursor, line mode.
 */
import { writeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_TO_LINE_END = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
/** Terminals that know it show a whole picture at once; others pass it over. */
const BEGIN_UPDATE = '\u001b[?2026h';
const END_UPDATE = '\u001b[?2026l';
const CTRL_C = '\u0003';
const CTRL_Z = '\u001a';

export interface ScreenOptions {
  readonly fd: number;
  /** Standard input where it is a terminal, for keys. */
  readonly keys: ReadStream | undefined;
  readonly onKey: (key: string) => void;
  readonly onQuit: () => void;
  /** The size may have changed: draw anew. */
  readonly onChange: () => void;
}

export class Screen {
  readonly #options: ScreenOptions;
  readonly #size: () => readonly [columns: number, rows: number];
  #isOpen = false;

  /** @param size of the terminal now */
  constructor(options: ScreenOptions, size: () => readonly [columns: number, rows: number]) {
    this.#options = options;
    this.#size = size;
  }

  open(): void {
    process.on('exit', this.close);
    process.on('SIGWINCH', this.#options.onChange);
    process.on('SIGTSTP', this.#pause);
    process.on('SIGCONT', this.#resume);
    const { keys } = this.#options;
    keys?.on('data', this.#onData);
    this.#enter();
  }

  /** Also called at the process's end. */
  readonly close = (): void => {
    if (!this.#isOpen) return;
    this.#leave();
    const { keys, onChange } = this.#options;
    keys?.off('data', this.#onData);
    keys?.pause();
    process.off('exit', this.close);
    process.off('SIGWINCH', onChange);
    process.off('SIGTSTP', this.#pause);
    process.off('SIGCONT', this.#resume);
  };

  get size(): { readonly width: number; readonly height: number } {
    const [width, height] = this.#size();
    return { width, height };
  }

  /** @param lines as many as the terminal is high, at most */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const text = lines.map((one) => one + CLEAR_TO_LINE_END).join('\r\n');
    this.#write(BEGIN_UPDATE + HOME + text + CLEAR_BELOW + END_UPDATE);
  }

  #enter(): void {
    this.#isOpen = true;
    this.#options.keys?.setRawMode(true);
    this.#options.keys?.resume();
    this.#write(ENTER);
  }

  #leave(): void {
    this.#isOpen = false;
    try {
      this.#options.keys?.setRawMode(false);
    } catch {
      // The terminal is gone: there is nothing to give back.
    }
    this.#write(LEAVE);
  }

  /** Ctrl-Z, or the signal: the shell gets its screen, and stops us. */
  readonly #pause = (): void => {
    if (this.#isOpen) this.#leave();
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #resume = (): void => {
    if (!this.#isOpen) this.#enter();
    this.#options.onChange();
  };

  readonly #onData = (bytes: Buffer): void => {
    for (const key of bytes.toString('latin1')) {
      if (key === CTRL_C || key === 'q') this.#options.onQuit();
      else if (key === CTRL_Z) this.#pause();
      else this.#options.onKey(key);
    }
  };

  /** Synchronous: also in the last moment. */
  #write(text: string): void {
    const bytes = Buffer.from(text);
    let at = 0;
    for (let tries = 0; at < bytes.length && tries < 1000; ) {
      try {
        at += writeSync(this.#options.fd, bytes, at);
      } catch (error) {
        // A slow terminal is waited for; one that is gone takes nothing any more.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
        Atomics.wait(WAITING, 0, 0, 2);
        tries++;
      }
    }
  }
}

const WAITING = new Int32Array(new SharedArrayBuffer(4));
