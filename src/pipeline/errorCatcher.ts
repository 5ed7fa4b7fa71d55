/**
 * ErrorCatcher: what a step throws becomes a typed error that holds nothing of the input, is counted, and is dealt with
 * by a named policy. On doubt it fails closed: what can't be masked is held.
 */
import { LogveilError } from '../errors.ts';
import { codeFrames, kindOf } from '../telemetry/codeFrames.ts';
import { type Step, settled } from './middleware.ts';

/**
 * What becomes of an input on which a step failed: it is held back (the error goes to the caller, who still has it), what
 * stands for it goes on, or it goes on as it came, which is an opt-out.
 */
export const ERROR_POLICIES = ['hold', 'mask', 'pass'] as const;
export type ErrorPolicy = (typeof ERROR_POLICIES)[number];

const KIND = /^(?:[A-Z][A-Za-z0-9]{0,50})?Error$/;

/**
 * A step failed. The error itself is not kept as the cause: its text may hold scanned bytes, and whatever prints an
 * error prints its cause.
 */
export class StageError extends LogveilError {
  readonly code = 'LOGVEIL_STAGE';
  override readonly name = 'StageError';
  readonly stage: string;
  /** Kind of what was thrown, such as `TypeError`; `unknown` where it has no such name. */
  readonly kind: string;
  /** Where in the code, without any text. */
  readonly frames: string;

  constructor(stage: string, error: unknown) {
    // A class can be named after anything; what does not look like a kind of error is not shown.
    const kind = KIND.test(kindOf(error)) ? kindOf(error) : 'unknown';
    super(`${stage}: failed with ${kind === 'unknown' ? 'an unknown error' : kind}`);
    this.stage = stage;
    this.kind = kind;
    this.frames = codeFrames(error);
  }
}

/** What goes on in place of an input, by policy. */
export interface Recovery<Input, Output> {
  /** What stands for the input. If this throws, or `pass` does, the input is held. */
  mask(input: Input, error: StageError): Output;
  /** The input as it came. */
  pass(input: Input): Output;
}

export interface CaughtCount {
  readonly stage: string;
  /** What became of the input; `ours` for errors thrown on purpose, which go on as they are. */
  readonly outcome: 'held' | 'masked' | 'passed' | 'ours';
  readonly count: number;
}

const SEPARATOR = ' ';

export class ErrorCatcher {
  readonly #policy: ErrorPolicy;
  readonly #onError: (error: StageError) => void;
  readonly #counts = new Map<string, number>();

  /** @param onError told of each failure, for the log; it holds nothing of the input */
  constructor(policy: ErrorPolicy = 'hold', onError: (error: StageError) => void = () => {}) {
    this.#policy = policy;
    this.#onError = onError;
  }

  /**
   * The step, with its errors caught. Errors of logveil (a full disk, a closed pipe) are on purpose and clean: they are
   * counted and go on as they are.
   * @param recovery needed for `mask` and `pass`; without it inputs are held
   */
  around<Input, Output>(step: Step<Input, Output>, recovery?: Recovery<Input, Output>): Step<Input, Output> {
    return {
      name: step.name,
      run: (input) =>
        settled(
          () => step.run(input),
          () => {},
          (error) => this.#recover(step.name, input, error, recovery),
        ),
    };
  }

  /**
   * Makes an error fit to be shown and logged, and counts it as held; for what is no step, such as a request.
   * @returns errors of logveil as they are
   */
  caught(stage: string, error: unknown): LogveilError {
    if (error instanceof LogveilError) {
      this.#count(stage, 'ours');
      return error;
    }
    const typed = this.#typed(stage, error);
    this.#count(stage, 'held');
    return typed;
  }

  counts(): CaughtCount[] {
    return [...this.#counts].map(([key, count]) => {
      const [stage = '', outcome] = key.split(SEPARATOR);
      return { stage, outcome: outcome as CaughtCount['outcome'], count };
    });
  }

  #recover<Input, Output>(
    stage: string,
    input: Input,
    error: unknown,
    recovery: Recovery<Input, Output> | undefined,
  ): Output {
    if (error instanceof LogveilError || recovery === undefined || this.#policy === 'hold')
      throw this.caught(stage, error);
    const typed = this.#typed(stage, error);
    const isMasked = this.#policy === 'mask';
    return settled(
      () => (isMasked ? recovery.mask(input, typed) : recovery.pass(input)),
      () => this.#count(stage, isMasked ? 'masked' : 'passed'),
      (second) => {
        throw this.caught(stage, second);
      },
    );
  }

  #typed(stage: string, error: unknown): StageError {
    const typed = new StageError(stage, error);
    this.#onError(typed);
    return typed;
  }

  #count(stage: string, outcome: CaughtCount['outcome']): void {
    const key = `${stage}${SEPARATOR}${outcome}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}
