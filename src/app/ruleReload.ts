/**
 * When a long run takes up its rules and settings anew: on SIGHUP, and when a file it uses has changed. It is all or
 * nothing: what can't be read or used is reported, and the rules of before stay in effect.
 *
 * Files are looked at twice a second rather than watched: a look is a few system calls, and it sees what notifications
 * do not tell of on every file system, such as the renaming of a folder above (ConfigMap volumes) and network mounts. A
 * change counts when two looks in a row see the same, so that a file that is being written is left to settle.
 */
import { closeSync, constants, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import type { RedactionSettings } from '../config/settings.ts';
import type { RuleSet } from '../rules/ruleSet.ts';
import type { LiveRedaction } from './liveRedaction.ts';

const LOOK_MS = 500;
/** Files below a folder that are looked at; more are no rules. */
const MOST_FILES = 10_000;

/** What a reload brings. */
export interface Reloaded {
  readonly settings: RedactionSettings;
  readonly ruleSet: RuleSet;
  /** See `RedactionExtras`. */
  readonly image?: Uint8Array;
  /** Files and folders whose change asks for a reload, from now on. */
  readonly watched: readonly string[];
}

export interface RuleReloadOptions {
  readonly live: LiveRedaction;
  /** Reads settings and rules anew; throws what is wrong with them. */
  readonly load: () => Promise<Reloaded>;
  /** Files and folders that the run has started with: configuration, rules of the user's own. */
  readonly watched: readonly string[];
  readonly onReloaded: (reloaded: Reloaded) => void;
  /** Told why the rules of before stay in effect. */
  readonly onRefused: (error: unknown) => void;
}

/** Takes care of reloads until it is closed. */
export class RuleReload {
  readonly #options: RuleReloadOptions;
  #watched: readonly string[];
  /** What the files looked like when they were last taken up. */
  #taken: string;
  /** What they looked like at the last look. */
  #seen: string;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isWanted = false;
  #isClosed = false;
  readonly #onHangUp: () => void;

  constructor(options: RuleReloadOptions) {
    this.#options = options;
    this.#watched = options.watched;
    this.#taken = looksOf(this.#watched);
    this.#seen = this.#taken;
    const hadTerminal = [0, 1, 2].some((fd) => isatty(fd));
    this.#onHangUp = () => {
      if (!hadTerminal || hasTerminal()) {
        void this.reload();
        return;
      }
      // The same signal tells that the terminal is gone; whoever worked at it expects the run to end with it. At once:
      // Node aborts when it ends in good order and can't set its terminal back.
      process.off('SIGHUP', this.#onHangUp);
      process.kill(process.pid, 'SIGHUP');
    };
    process.on('SIGHUP', this.#onHangUp);
    this.#watch();
  }

  /** Reloads now. A call while a reload is under way makes it be done once more behind it. Never rejects. */
  async reload(): Promise<void> {
    this.#isWanted = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    process.off('SIGHUP', this.#onHangUp);
  }

  async #run(): Promise<void> {
    const { live, load, onReloaded, onRefused } = this.#options;
    while (this.#isWanted && !this.#isClosed) {
      this.#isWanted = false;
      // Before they are read: a change while they are read is one that counts anew.
      this.#taken = looksOf(this.#watched);
      this.#seen = this.#taken;
      try {
        const reloaded = await load();
        if (this.#isClosed) return;
        live.replace(reloaded.settings, reloaded.ruleSet, reloaded.image);
        if (reloaded.watched.join('\0') !== this.#watched.join('\0')) {
          this.#watched = reloaded.watched;
          this.#taken = looksOf(this.#watched);
          this.#seen = this.#taken;
        }
        onReloaded(reloaded);
      } catch (error) {
        onRefused(error);
      }
      this.#watch();
    }
  }

  #watch(): void {
    if (this.#watched.length === 0 || this.#isClosed) return;
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
  }

  #look(): void {
    if (this.#running !== undefined) return;
    const seen = looksOf(this.#watched);
    const isSettled = seen === this.#seen;
    this.#seen = seen;
    if (isSettled && seen !== this.#taken) void this.reload();
  }
}

/** What can be seen of files without reading them; equal texts mean that nothing has changed. */
function looksOf(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0${lookOf(path)}`).join('\n');
}

function lookOf(path: string): string {
  try {
    const stats = statSync(path);
    const own = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}`;
    if (!stats.isDirectory()) return own;
    const below = readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => /\.ya?ml$/.test(entry.name))
      .slice(0, MOST_FILES)
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    return looksOf(below);
  } catch (error) {
    // Gone, or not to be read: that is a change too, and reading it will tell why.
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** Whether the process has a controlling terminal; see tty(4). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDWR | constants.O_NOCTTY));
    return true;
  } catch {
    return false;
  }
}
