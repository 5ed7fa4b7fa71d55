/** PerformanceMonitoring: measures steps, and whatever else begins and ends, such as a request; figures by name. */
import { type Load, type Step, settled } from './middleware.ts';
import { Stage, type StageFigures } from './stages.ts';

/** Names come from code, never from input: a metric must not grow with what is sent. */
const MOST_STAGES = 256;
const OTHERS = 'others';
const NOTHING: Load = { bytes: 0 };

/** Something that has begun. */
export class Run {
  readonly #stage: Stage;
  readonly #startedAt = performance.now();
  readonly #leave: () => void;

  constructor(stage: Stage, leave: () => void) {
    this.#stage = stage;
    this.#leave = leave;
  }

  /** Ended well. @returns how long it took, milliseconds */
  end(load: Load = NOTHING): number {
    this.#stage.ran(this.#startedAt, load.bytes, load.lines);
    this.#leave();
    return performance.now() - this.#startedAt;
  }

  /** Ended with an error; its time counts as well. @returns how long it took, milliseconds */
  fail(load: Load = NOTHING): number {
    this.#stage.failed();
    return this.end(load);
  }
}

export class PerformanceMonitoring {
  readonly #stages = new Map<string, { readonly stage: Stage; running: number }>();

  /**
   * Something begins, such as a request; end it by {@link Run.end} or {@link Run.fail}, once.
   * @param name a fixed word, such as that of a route; after 256 names all others are counted as `others`
   */
  begin(name: string): Run {
    const entry = this.#entry(name);
    entry.stage.queued(++entry.running);
    return new Run(entry.stage, () => entry.stage.queued(--entry.running));
  }

  /**
   * The step, measured. Whatever it throws goes on to the caller, counted.
   * @param load what an input weighs; called once an input, before the step
   */
  around<Input, Output>(
    step: Step<Input, Output>,
    load: (input: Input) => Load = () => NOTHING,
  ): Step<Input, Output> {
    this.#entry(step.name);
    return {
      name: step.name,
      run: (input) => {
        const weight = load(input);
        const run = this.begin(step.name);
        return settled(
          () => step.run(input),
          () => run.end(weight),
          (error) => {
            run.fail(weight);
            throw error;
          },
        );
      },
    };
  }

  /** In the order in which they were first seen. */
  figures(): StageFigures[] {
    return [...this.#stages.values()].map(({ stage }) => stage.figures());
  }

  #entry(name: string): { readonly stage: Stage; running: number } {
    const known = this.#stages.get(name);
    if (known !== undefined) return known;
    if (this.#stages.size >= MOST_STAGES && name !== OTHERS) return this.#entry(OTHERS);
    const entry = { stage: new Stage(name), running: 0 };
    this.#stages.set(name, entry);
    return entry;
  }
}
