/** What the logs tell as they are written: errors, user actions and leaks, of the last hour. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Redaction } from '../app/redaction.ts';
import { printable } from '../audit/printable.ts';
import type { Finding } from '../findings/finding.ts';
import type { StreamRedactor } from '../scan/streamRedactor.ts';
import type { Deployment } from '../verify/deployment.ts';
import { listLogs } from '../verify/logs/files.ts';
import { lineFacts } from '../verify/logs/line.ts';
import { FollowedLog } from './followedLog.ts';
import { Minutes } from './minutes.ts';

const LF = 0x0a;
const MOST_LINE = 64 * 1024;
/** Rules take some time on a line: so much is searched between two turns of the loop. */
const PIECE_BYTES = 64 * 1024;
const MOST_EVENTS = 100;
/** New names are looked for so often. */
const LIST_MS = 5000;

/** Something that happened, without what was written. */
export interface LogEvent {
  readonly atMs: number;
  readonly kind: 'fatal' | 'error' | 'leak';
  readonly text: string;
}

export interface LogFigures {
  readonly logs: number;
  readonly unread: number;
  readonly bytes: number;
  readonly lines: number;
  readonly leaks: number;
  /** Most frequent first. */
  readonly leaksByEntity: readonly (readonly [entity: string, count: number])[];
  readonly fatals: number;
  readonly errors: readonly number[];
  readonly warnings: number;
  readonly successes: number;
  readonly failures: number;
  /** Newest first. */
  readonly events: readonly LogEvent[];
}

export class LogWatch {
  readonly #deployment: Deployment;
  readonly #redaction: Redaction;
  readonly #success: readonly string[];
  readonly #failure: readonly string[];
  readonly #followed = new Map<string, { readonly target: string; readonly log: FollowedLog }>();
  readonly #errors = new Minutes();
  readonly #fatals = new Minutes();
  readonly #warnings = new Minutes();
  readonly #successes = new Minutes();
  readonly #failures = new Minutes();
  readonly #entities = new Map<string, number>();
  #events: LogEvent[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  #unread = 0;
  #bytes = 0;
  #lines = 0;
  #leaks = 0;

  constructor(deployment: Deployment, redaction: Redaction) {
    this.#deployment = deployment;
    this.#redaction = redaction;
    this.#success = deployment.activity.success.map((text) => text.toLowerCase());
    this.#failure = deployment.activity.failure.map((text) => text.toLowerCase());
  }

  async update(): Promise<LogFigures> {
    if (performance.now() - this.#listedAt >= LIST_MS) await this.#list();
    let failed = 0;
    for (const { target, log } of this.#followed.values()) {
      try {
        this.#bytes += await log.read(target);
      } catch {
        failed++;
      }
    }
    return this.#figures(this.#unread + failed);
  }

  async #list(): Promise<void> {
    const { current, gaps } = await listLogs(this.#deployment);
    this.#unread = gaps.length;
    this.#listedAt = performance.now();
    const names = new Set(current.map(({ path }) => path));
    for (const path of this.#followed.keys()) if (!names.has(path)) this.#followed.delete(path);
    for (const { path, target } of current) {
      const log = this.#followed.get(path)?.log ?? this.#follow(path);
      this.#followed.set(path, { target, log });
    }
  }

  #follow(path: string): FollowedLog {
    let stream: StreamRedactor | undefined;
    let carry = Buffer.alloc(0);
    let lastMs: number | undefined;
    let linesAfter: number | undefined;
    const onFinding = ({ line, rule, entity }: Finding): void => {
      this.#leaks++;
      this.#entities.set(entity, (this.#entities.get(entity) ?? 0) + 1);
      const place = linesAfter === undefined ? printable(path) : `${printable(path)}:${line}`;
      this.#add({ atMs: Date.now(), kind: 'leak', text: `${rule} in ${place}` });
    };
    return new FollowedLog({
      onBegin: (offset) => {
        stream?.end();
        stream = this.#redaction.openStream(() => path, onFinding);
        linesAfter = offset === 0 ? 1 : undefined;
        carry = Buffer.alloc(0);
        lastMs = undefined;
      },
      onBytes: async (bytes) => {
        for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
          stream?.push(bytes.subarray(at, at + PIECE_BYTES));
          await turn();
        }
        let from = 0;
        for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, from)) {
          const line = Buffer.concat([carry, bytes.subarray(from, at)]).subarray(0, MOST_LINE);
          carry = Buffer.alloc(0);
          from = at + 1;
          lastMs = this.#line(line.toString(), path, lastMs);
        }
        if (carry.length < MOST_LINE) carry = Buffer.concat([carry, bytes.subarray(from)]);
      },
    });
  }

  /** @returns when the line was written; lines without a time are as old as the one before */
  #line(line: string, path: string, lastMs: number | undefined): number | undefined {
    if (line === '') return lastMs;
    this.#lines++;
    const now = Date.now();
    const { gravity, timeMs } = lineFacts(line, now, this.#deployment.zone);
    const atMs = Math.min(timeMs ?? lastMs ?? now, now);
    if (gravity === 'fatal') this.#fatals.add(atMs, now);
    if (gravity === 'fatal' || gravity === 'error') {
      this.#errors.add(atMs, now);
      this.#add({ atMs, kind: gravity, text: printable(path) });
    } else if (gravity === 'warning') this.#warnings.add(atMs, now);
    const lower = this.#success.length + this.#failure.length > 0 ? line.toLowerCase() : '';
    if (this.#failure.some((text) => lower.includes(text))) this.#failures.add(atMs, now);
    else if (this.#success.some((text) => lower.includes(text))) this.#successes.add(atMs, now);
    return timeMs ?? lastMs;
  }

  #add(event: LogEvent): void {
    this.#events.push(event);
    if (this.#events.length > 2 * MOST_EVENTS) this.#events = this.#events.slice(-MOST_EVENTS);
  }

  #figures(unread: number): LogFigures {
    const now = Date.now();
    return {
      logs: this.#followed.size,
      unread,
      bytes: this.#bytes,
      lines: this.#lines,
      leaks: this.#leaks,
      leaksByEntity: [...this.#entities].sort((a, b) => b[1] - a[1]),
      fatals: this.#fatals.total(now),
      errors: this.#errors.values(now),
      warnings: this.#warnings.total(now),
      successes: this.#successes.total(now),
      failures: this.#failures.total(now),
      events: this.#events.toSorted((a, b) => b.atMs - a.atMs).slice(0, MOST_EVENTS),
    };
  }
}
