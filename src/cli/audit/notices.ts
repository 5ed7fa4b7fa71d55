/** What an audit tells on stderr as it goes: gaps, what it left out, how far it is; and which of it makes it incomplete. */
import { printable } from '../../audit/printable.ts';
import { AuditProgress, type ProgressFacts } from '../../audit/progress.ts';
import type { FileEntry } from '../../audit/result.ts';
import { IoError } from '../../errors.ts';
import { Log, type LogLevel } from '../../telemetry/log.ts';

/** Files that are not looked into are named up to this number; the document has more of them. */
const MOST_NAMED = 1000;
/** Why a file is passed over that nobody misses. */
const QUIET: ReadonlySet<string> = new Set(['this audit writes it', 'it is listed already']);

export class Notices {
  readonly log: Log;
  /** Why the audit is not complete. */
  readonly failures: string[] = [];
  #progress: AuditProgress | undefined;
  #named = 0;
  #engineFailures = 0;

  constructor(level: LogLevel | undefined) {
    this.log = new Log(level ?? 'warn', process.stderr.isTTY === true);
  }

  /** Begins to tell how far it is. */
  begin(mode: 'terminal' | 'plain' | 'none', facts: () => ProgressFacts): void {
    this.#progress = new AuditProgress(mode, facts);
  }

  /** Tells no more of how far it is; harmless when that is so already. */
  end(): void {
    this.#progress?.end();
    this.#progress = undefined;
  }

  /** A gap: the audit is not complete. */
  failure(message: string): void {
    this.failures.push(message);
    if (this.failures.length <= MOST_NAMED) this.#tell(() => this.log.error(message));
  }

  /** @returns undefined when the output could not be written; the summary must be able to tell of that */
  async orFailure<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof IoError)) throw error;
      this.failure(error.message);
      return undefined;
    }
  }

  warning(message: string): void {
    this.#tell(() => this.log.warn(message));
  }

  /** Good news that was asked for, whatever the level of the log. */
  note(message: string): void {
    this.#tell(() => process.stderr.write(`logveil: ${message}\n`));
  }

  /** What went wrong beside the audit, which is complete without it. */
  trouble(message: string): void {
    this.#tell(() => this.log.error(message));
  }

  /** The first of many tells enough. @param name code or name of the error */
  engineFailure(name: string): void {
    if (this.#engineFailures++ === 0)
      this.#tell(() => this.log.error(`lines could not be looked at: ${name}`));
  }

  /** @param isGap whether it should have been examined, or to its end */
  file(entry: FileEntry, isGap: boolean): void {
    const { path, state, reason = '' } = entry;
    const shown = printable(path);
    if (isGap) {
      this.failure(`${shown}: not examined${state === 'partly' ? ' to its end' : ''}: ${printable(reason)}`);
    } else if (state === 'passed-over' && !QUIET.has(reason)) {
      if (this.#named++ < MOST_NAMED) this.warning(`${shown}: passed over: ${reason}`);
    } else if (state === 'filtered') this.#tell(() => this.log.info(`${shown}: left out: ${reason}`));
  }

  incomplete(): void {
    process.stderr.write('logveil: the audit is not complete, see above\n');
  }

  #tell(write: () => void): void {
    this.#progress?.clear();
    write();
  }
}
