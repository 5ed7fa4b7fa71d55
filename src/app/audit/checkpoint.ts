/**
 * Keeps how far an audit has come, so that one that was killed goes on: the list of its files, written once, and a state,
 * written now and then and whole. Neither holds a value or a key.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import type { AggregateState } from '../../audit/aggregate.ts';
import type { CoverageState } from '../../audit/coverageTally.ts';
import type { Listed } from '../../audit/listing.ts';
import type { PartAnomalies } from '../../audit/scan.ts';
import { UsageError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import type { Position } from './auditRun.ts';
import { writeWhole } from './wholeFile.ts';

const SCHEMA = 'logveil.audit-state/1';
const FIRST_WAIT_MS = 1000;
/** Writing the state may take this share of the time. */
const TIME_SHARE = 0.05;

export interface AuditState {
  readonly id: string;
  readonly startedMs: number;
  /** Working time so far. */
  readonly seconds: number;
  readonly resumed: number;
  readonly position: Position;
  readonly output: { readonly bytes: number; readonly written: number; readonly notWritten: number };
  readonly anomalies: PartAnomalies;
  readonly failures: readonly string[];
  readonly aggregate: AggregateState;
  readonly coverage: CoverageState;
}

export class Checkpoint {
  readonly #path: string;
  readonly #identity: string;
  #dueAt = performance.now() + FIRST_WAIT_MS;

  /** @param asked all that decides the result: settings, rules, key id, paths, options */
  constructor(path: string, asked: unknown) {
    this.#path = path;
    this.#identity = createHash('sha256')
      .update(JSON.stringify([VERSION, asked]))
      .digest('hex');
  }

  /**
   * @returns what an interrupted run of this audit has left; undefined when there is nothing
   * @throws UsageError when it is of another audit, or can't be read
   */
  read(): { readonly state: AuditState; readonly files: Listed[] } | undefined {
    if (!existsSync(this.#path)) return undefined;
    try {
      const stored = JSON.parse(readFileSync(this.#path, 'utf8')) as {
        schema: string;
        identity: string;
        state: AuditState;
      };
      if (stored.schema === SCHEMA && stored.identity === this.#identity) {
        const lines = readFileSync(this.#filesPath, 'utf8').split('\n');
        return {
          state: stored.state,
          files: lines.filter(Boolean).map((line) => JSON.parse(line) as Listed),
        };
      }
    } catch {
      throw new UsageError(
        `${this.#path}: the state of the interrupted audit can't be read; run it again without --resume`,
      );
    }
    throw new UsageError(
      `${this.#path}: it belongs to an audit with other paths, options, rules or another key; give the same ones, or run without --resume`,
    );
  }

  /** @throws IoError */
  begin(files: readonly Listed[]): void {
    rmSync(this.#path, { force: true });
    writeWhole(this.#filesPath, lines(files), 'the state of the audit');
  }

  get isDue(): boolean {
    return performance.now() >= this.#dueAt;
  }

  /** @throws IoError */
  write(state: AuditState): void {
    const before = performance.now();
    const text = JSON.stringify({ schema: SCHEMA, identity: this.#identity, state });
    writeWhole(this.#path, [text], 'the state of the audit');
    const now = performance.now();
    this.#dueAt = now + Math.max(FIRST_WAIT_MS, (now - before) / TIME_SHARE);
  }

  /** The audit is done: nothing is left to go on with. */
  remove(): void {
    rmSync(this.#path, { force: true });
    rmSync(this.#filesPath, { force: true });
  }

  get #filesPath(): string {
    return `${this.#path}.files`;
  }
}

function* lines(files: readonly Listed[]): Generator<string> {
  for (const file of files) yield `${JSON.stringify(file)}\n`;
}
