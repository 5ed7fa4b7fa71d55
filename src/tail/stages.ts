/**
 * The stages of a tail with their middleware: PerformanceMonitoring round each, and ErrorCatcher round what may throw, so
 * that an error is typed, counted and told without a byte of a log. What becomes of the lines is decided where they are:
 * read again, held, or withheld.
 */
import { describeIo, IoError } from '../errors.ts';
import { type CaughtCount, ErrorCatcher, type StageError } from '../pipeline/errorCatcher.ts';
import type { Step } from '../pipeline/middleware.ts';
import { PerformanceMonitoring } from '../pipeline/performanceMonitoring.ts';
import type { StageFigures } from '../pipeline/stages.ts';
import { BrokenPipe } from '../sinks/fileWriter.ts';

/** One piece of work, and what it weighs. */
interface Work<Output> {
  readonly bytes: number;
  readonly run: () => Output;
}

export class TailStages {
  /** Looks at the file system. */
  readonly look: (run: () => Promise<boolean>) => Promise<boolean>;
  readonly #monitoring = new PerformanceMonitoring();
  readonly #catcher: ErrorCatcher;
  readonly #redact: Step<Work<Buffer>, Buffer>;
  readonly #write: Step<Work<Promise<void>>, Promise<void>>;
  readonly #save: Step<Work<void>, void>;

  /** @param onError told of each error that nobody has meant to throw; it holds nothing of a log */
  constructor(onError: (error: StageError) => void) {
    this.#catcher = new ErrorCatcher('hold', onError);
    const look = this.#around<Promise<boolean>>('look');
    this.look = (run) => look.run({ bytes: 0, run });
    this.#redact = this.#around<Buffer>('redact');
    this.#write = this.#around<Promise<void>>('write');
    this.#save = this.#around<void>('checkpoint');
  }

  /**
   * Reads from a file.
   * @param path for the error
   * @throws IoError
   */
  read(path: string, run: () => number): number {
    const measured = this.#monitoring.begin('read');
    try {
      const count = run();
      measured.end({ bytes: Math.max(0, count) });
      return count;
    } catch (error) {
      measured.fail();
      if (!(error instanceof Error && 'code' in error)) throw this.#catcher.caught('read', error);
      throw this.#catcher.caught('read', new IoError(`${path}: can't be read: ${describeIo(error)}`));
    }
  }

  /** @throws StageError */
  redact(bytes: number, run: () => Buffer): Buffer {
    return this.#redact.run({ bytes, run });
  }

  /** @throws StageError, and what the output throws on purpose */
  async write(bytes: number, run: () => Promise<void>): Promise<void> {
    let closed: BrokenPipe | undefined;
    const work = async (): Promise<void> => {
      try {
        await run();
      } catch (error) {
        // A reader that has gone is no error.
        if (!(error instanceof BrokenPipe)) throw error;
        closed = error;
      }
    };
    await this.#write.run({ bytes, run: work });
    if (closed !== undefined) throw closed;
  }

  /** Writes a checkpoint. */
  save(run: () => void): void {
    this.#save.run({ bytes: 0, run });
  }

  figures(): StageFigures[] {
    return this.#monitoring.figures();
  }

  caught(): CaughtCount[] {
    return this.#catcher.counts();
  }

  #around<Output>(name: string): Step<Work<Output>, Output> {
    const step: Step<Work<Output>, Output> = { name, run: ({ run }) => run() };
    return this.#catcher.around(this.#monitoring.around(step, ({ bytes }) => ({ bytes })));
  }
}
