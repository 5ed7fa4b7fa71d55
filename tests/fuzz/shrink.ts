/** Cuts a failing case down: fewer steps, fewer patterns, less text, a simpler pattern. Time-boxed, so not minimal. */
import type { PatternSpec } from '../../src/engine/engine.ts';
import { type Case, type MakeEngine, runCase, type Step } from './cases.ts';
import { groupsOf } from './patterns.ts';
import { parseTree, printTree, smallerTrees } from './tree.ts';

/**
 * @param failing a case that fails on an engine of its own
 * @param milliseconds how long to try
 */
export function shrink(failing: Case, makeEngine: MakeEngine, milliseconds: number): Case {
  const deadline = performance.now() + milliseconds;
  let best = failing;
  const isOver = (): boolean => performance.now() > deadline;
  /** Takes the case over if it fails too. */
  const fails = (candidate: Case): boolean => {
    if (isOver() || runCase(candidate, makeEngine) === undefined) return false;
    best = candidate;
    return true;
  };

  const difference = runCase(best, makeEngine);
  if (difference === undefined) return best;
  const step = best.steps[difference.step];
  const spec = best.specs[difference.pattern];
  const steps = step === undefined ? best.steps : [step];
  const specs = spec === undefined ? best.specs : [spec];
  // Nearly always the pattern and the text are enough, and trying that costs least.
  if (!fails({ engine: {}, specs, steps })) {
    if (!fails({ ...best, steps })) fewer(best.steps, isOver, (some) => fails({ ...best, steps: some }));
    fails({ ...best, engine: {} });
    if (best.engine !== 'shipped' && !fails({ ...best, specs })) {
      fewer(best.specs, isOver, (some) => fails({ ...best, specs: some }));
    }
  }
  for (let before: Case | undefined; before !== best && !isOver(); ) {
    before = best;
    shrinkSteps(() => best, isOver, fails);
    if (best.engine !== 'shipped') shrinkPatterns(() => best, fails);
  }
  return best;
}

/** Leaves out runs of a list, long ones first, as long as `accept` takes it. */
function fewer<T>(
  list: readonly T[],
  isOver: () => boolean,
  accept: (shorter: readonly T[]) => boolean,
): void {
  let current = list;
  for (let count = Math.ceil(current.length / 2); count > 0; count = count === 1 ? 0 : Math.ceil(count / 2)) {
    for (let at = 0; at < current.length && current.length > 1 && !isOver(); ) {
      const shorter = current.toSpliced(at, count);
      if (shorter.length > 0 && accept(shorter)) current = shorter;
      else at += count;
    }
  }
}

function shrinkSteps(best: () => Case, isOver: () => boolean, fails: (candidate: Case) => boolean): void {
  for (const [index, step] of best().steps.entries()) {
    const replaced = (by: Step): Case => ({ ...best(), steps: best().steps.with(index, by) });
    if (step.kind === 'view' && step.from.length > 0) {
      if (!fails(replaced({ ...step, from: [] }))) {
        fewer(step.from, isOver, (from) => fails(replaced({ ...step, from })));
      }
    }
    if (step.kind === 'block') {
      for (const simpler of [{ actions: 0 }, { at: 1 }, { at: 0 }]) {
        const now = best().steps[index] as Step & { kind: 'block' };
        if (Object.entries(simpler).some(([key, value]) => now[key as 'at' | 'actions'] > value)) {
          fails(replaced({ ...now, ...simpler }));
        }
      }
    }
    const current = (): Step => best().steps[index] as Step;
    fewer([...current().text.toString()], isOver, (characters) =>
      fails(replaced({ ...current(), text: Buffer.from(characters.join('')) })),
    );
    plainer(current().text.toString(), (text) => fails(replaced({ ...current(), text: Buffer.from(text) })));
  }
}

/** Characters that do not matter become the same one. */
function plainer(text: string, accept: (text: string) => boolean): void {
  let characters = [...text];
  if (characters.length > 200) return;
  for (const [at, character] of characters.entries()) {
    if (character === 'a' || character === '\n') continue;
    const plain = characters.with(at, 'a');
    if (accept(plain.join(''))) characters = plain;
  }
}

function shrinkPatterns(best: () => Case, fails: (candidate: Case) => boolean): void {
  for (const index of best().specs.keys()) {
    for (let again = true; again; ) {
      again = false;
      const spec = best().specs[index] as PatternSpec;
      for (const smaller of smallerTrees(parseTree(spec.source))) {
        const source = printTree(smaller);
        const groups = source.length < spec.source.length ? groupsOf(source) : undefined;
        if (groups === undefined) continue;
        const specs = best().specs.with(index, { source, group: Math.min(spec.group, groups) });
        again = fails({ ...best(), specs });
        if (again) break;
      }
    }
  }
}
