/**
 * How far an audit is: files, bytes, speed, findings, time left. On a terminal one line that is drawn over; elsewhere, where
 * that is asked for, a line now and then.
 */
import { formatSize } from '../telemetry/size.ts';

const TERMINAL_MS = 250;
const PLAIN_MS = 10_000;
const CLEAR_LINE = '\r\u001b[K';

export interface ProgressFacts {
  readonly files: number;
  readonly allFiles: number;
  /** As stored. */
  readonly bytes: number;
  readonly allBytes: number;
  readonly findings: number;
}

export class AuditProgress {
  readonly #mode: 'terminal' | 'plain' | 'none';
  readonly #facts: () => ProgressFacts;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #hasLine = false;

  constructor(mode: 'terminal' | 'plain' | 'none', facts: () => ProgressFacts) {
    this.#mode = mode;
    this.#facts = facts;
    if (mode === 'none') return;
    if (mode === 'plain') this.#show();
    this.#timer = setInterval(() => this.#show(), mode === 'terminal' ? TERMINAL_MS : PLAIN_MS);
    this.#timer.unref();
  }

  /** Takes the line away, so that another can be written. */
  clear(): void {
    if (this.#hasLine) process.stderr.write(CLEAR_LINE);
    this.#hasLine = false;
  }

  end(): void {
    clearInterval(this.#timer);
    this.clear();
    if (this.#mode === 'plain') this.#show();
  }

  #show(): void {
    const text = progressText(this.#facts(), (performance.now() - this.#startedAt) / 1000);
    if (this.#mode === 'plain') {
      process.stderr.write(`logveil: ${text}\n`);
      return;
    }
    this.#hasLine = true;
    process.stderr.write(CLEAR_LINE + text.slice(0, (process.stderr.columns ?? 80) - 1));
  }
}

/** `3/12 files  1.2 of 8.0 GiB  61.0 MiB/s  1024 findings  2 min left` */
function progressText(facts: ProgressFacts, seconds: number): string {
  const { files, allFiles, bytes, allBytes, findings } = facts;
  const rate = seconds > 0 ? bytes / seconds : 0;
  const left = Math.max(0, allBytes - bytes);
  const parts = [
    `${files}/${allFiles} files`,
    `${formatSize(bytes)} of ${formatSize(Math.max(bytes, allBytes))}`,
    `${formatSize(Math.round(rate))}/s`,
    `${findings} findings`,
  ];
  if (rate > 0 && left > 0) parts.push(`${durationText(left / rate)} left`);
  return parts.join('  ');
}

function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
