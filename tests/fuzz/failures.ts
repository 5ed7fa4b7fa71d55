/** Cases that failed once, a line of JSON each, kept so that every run of the tests tries them again. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Difference, Step } from './cases.ts';

const PATH = join(import.meta.dirname, 'failures.jsonl');
/** Shown of a text; all of it is in the base64 beside. */
const SHOWN_CHARACTERS = 200;

export interface Failure {
  /** Of the round: `npm run fuzz -- --seed SEED` begins with it. */
  readonly seed: number;
  readonly difference: Difference;
  readonly case: Case;
}

interface Written {
  readonly seed: number;
  readonly difference: Difference;
  readonly case: Omit<Case, 'steps' | 'specs'> & {
    /** Left out for the shipped ones. */
    readonly specs?: Case['specs'];
    readonly steps: readonly {
      readonly kind: 'view' | 'block';
      readonly from?: readonly number[];
      readonly at?: number;
      readonly actions?: number;
      readonly shown: string;
      readonly base64: string;
    }[];
  };
}

function toWritten({ seed, difference, case: { engine, specs, steps } }: Failure): Written {
  const written = steps.map((step) => ({
    kind: step.kind,
    ...(step.kind === 'view' ? { from: step.from } : { at: step.at, actions: step.actions }),
    shown: step.text.toString().slice(0, SHOWN_CHARACTERS),
    base64: step.text.toString('base64'),
  }));
  const shown = (text: string): string => text.slice(0, SHOWN_CHARACTERS);
  return {
    seed,
    difference: { ...difference, engine: shown(difference.engine), re2: shown(difference.re2) },
    case: { engine, ...(engine !== 'shipped' && { specs }), steps: written },
  };
}

export function appendFailure(failure: Failure): void {
  appendFileSync(PATH, `${JSON.stringify(toWritten(failure))}\n`);
}

/** @param shipped the patterns of the engine that ships, as they are today */
export function readFailures(shipped: Case['specs']): Failure[] {
  const lines = readFileSync(PATH, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const { seed, difference, case: written } = JSON.parse(line) as Written;
    const steps = written.steps.map(({ kind, from = [], at = 0, actions = 0, base64 }): Step => {
      const text = Buffer.from(base64, 'base64');
      return kind === 'view' ? { kind, text, from } : { kind, text, at, actions };
    });
    return { seed, difference, case: { engine: written.engine, specs: written.specs ?? shipped, steps } };
  });
}

/** For people: what to paste into an issue. */
export function describeFailure(failure: Failure): string {
  const { seed, difference, case: failing } = failure;
  const spec = failing.specs[difference.pattern];
  const others = failing.specs.length - 1;
  const steps = toWritten(failure).case.steps.flatMap(({ kind, shown, base64, from, at, actions }) => [
    `  ${kind.padEnd(7)} ${JSON.stringify(shown)}${from?.length ? `, also from ${from.join(', ')}` : ''}`,
    ...(kind === 'block' ? [`  at ${at}, actions of seed ${actions}`] : []),
    `  base64  ${base64.length <= 4 * SHOWN_CHARACTERS ? base64 : `${base64.slice(0, SHOWN_CHARACTERS)}...`}`,
  ]);
  return [
    `${difference.what}: step ${difference.step + 1} of ${failing.steps.length}, seed ${seed}`,
    `  pattern ${spec === undefined ? 'none' : JSON.stringify(spec)}${others > 0 ? ` among ${others} others` : ''}`,
    `  options ${JSON.stringify(failing.engine)}`,
    ...steps,
    `  engine  ${difference.engine.slice(0, SHOWN_CHARACTERS)}`,
    `  RE2     ${difference.re2.slice(0, SHOWN_CHARACTERS)}`,
  ].join('\n');
}
