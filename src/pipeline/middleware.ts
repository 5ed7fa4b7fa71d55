/**
 * A step of the pipeline as its middleware sees it: a name and a function from one input (a chunk, a batch, a request) to
 * one output or a promise of it. Middleware takes a step and gives one of the same shape, so that they go round each
 * other: `catcher.around(monitoring.around(step))` measures the step and catches what it throws. The work that middleware
 * adds is done once an input, never once a line.
 */

export interface Step<Input, Output> {
  /** Lower case, words joined by `_`: it names the step in metrics and errors. */
  readonly name: string;
  run(input: Input): Output;
}

/** What one input weighs, for the figures. */
export interface Load {
  readonly bytes: number;
  readonly lines?: number;
}

/** Hands on what a step gave, or what became of its failure, at once or when its promise settles. */
export function settled<Output>(
  run: () => Output,
  onValue: (value: Awaited<Output>) => void,
  onError: (error: unknown) => Output,
): Output {
  let output: Output;
  try {
    output = run();
  } catch (error) {
    return onError(error);
  }
  if (!(output instanceof Promise)) {
    onValue(output as Awaited<Output>);
    return output;
  }
  return output.then((value: Awaited<Output>) => {
    onValue(value);
    return value;
  }, onError) as Output;
}
