/** A line on a terminal that says how far long work is. Nothing where stderr is no terminal. */
import { formatSize } from './size.ts';

const REFRESH_MS = 250;
const CLEAR_LINE = '\r\u001b[K';

export class Progress {
  readonly #isShown: boolean;
  readonly #startedAt = performance.now();
  #shownAt = performance.now();
  #hasLine = false;

  /** @param isShown whether stderr is a terminal and nothing else writes to it */
  constructor(isShown: boolean) {
    this.#isShown = isShown;
  }

  /** Call as often as you like; draws a few times a second. */
  update(what: string, bytes: number, findings: number): void {
    if (!this.#isShown) return;
    const now = performance.now();
    if (now - this.#shownAt < REFRESH_MS) return;
    this.#shownAt = now;
    this.#hasLine = true;
    const seconds = (now - this.#startedAt) / 1000;
    const rate = formatSize(Math.round(bytes / seconds));
    const text = `${what}  ${formatSize(bytes)}  ${rate}/s  ${findings} findings`;
    process.stderr.write(CLEAR_LINE + text.slice(0, (process.stderr.columns ?? 80) - 1));
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#hasLine) process.stderr.write(CLEAR_LINE);
    this.#hasLine = false;
  }
}
