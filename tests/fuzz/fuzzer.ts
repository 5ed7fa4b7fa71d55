/**
 * The loop: a round is an engine with its patterns and some dozens of texts, all made from one seed. Rounds have
 * consecutive seeds, so a round is tried again by giving its seed as the first one.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PatternSpec } from '../../src/engine/engine.ts';
import { generator } from '../kernel/random.ts';
import {
  type Case,
  Comparison,
  type EngineOptions,
  type MakeEngine,
  makeKernel,
  runCase,
  type Step,
} from './cases.ts';
import type { Failure } from './failures.ts';
import { randomSpec, shippedPatterns } from './patterns.ts';
import { shrink } from './shrink.ts';
import { denseBlock, randomBlock, randomView } from './texts.ts';
import { parseTree, type Tree } from './tree.ts';

type Random = () => number;

/** One cause fails again and again; after so many cases there is enough to look at. */
const MAX_FAILURES = 10;
const SHRINK_MS = 5000;
/** With all shipped patterns RE2 needs a second for each MB. */
const LONGEST_SHIPPED_BYTES = 20_000;
const LONGEST_BYTES = 150_000;
const STEPS = 40;
/** With all shipped patterns an engine takes seconds to get warm, so those rounds are few and long. */
const SHIPPED_STEPS = 150;
const SHARE_OF_SHIPPED = 0.04;
const SHARE_OF_BLOCKS = 0.4;
/** Blocks begin so far into the window, so that their lines stand at all places of a step of the scan. */
const MOST_OFFSET = 130;

export interface FuzzOptions {
  readonly seed: number;
  readonly milliseconds: number;
  readonly makeEngine?: MakeEngine;
  readonly maxFailures?: number;
  /** How long a failing case is cut down. */
  readonly shrinkMilliseconds?: number;
  readonly onRound?: (progress: Progress) => void;
}

export interface Progress {
  /** Of the round that ended last. */
  readonly seed: number;
  readonly rounds: number;
  /** A pattern in a line or a value, searched by both. */
  readonly comparisons: number;
  readonly seconds: number;
  readonly failures: readonly Failure[];
}

export async function fuzz(options: FuzzOptions): Promise<Progress> {
  const { makeEngine = makeKernel, maxFailures = MAX_FAILURES, shrinkMilliseconds = SHRINK_MS } = options;
  const start = performance.now();
  const deadline = start + options.milliseconds;
  const failures: Failure[] = [];
  let progress: Progress = { seed: options.seed, rounds: 0, comparisons: 0, seconds: 0, failures };
  while (performance.now() < deadline && failures.length < maxFailures) {
    const seed = (options.seed + progress.rounds) >>> 0;
    const round = new Round(generator(seed), makeEngine);
    const failing = round.run(deadline);
    if (failing !== undefined) failures.push(toFailure(seed, failing, makeEngine, shrinkMilliseconds));
    progress = {
      seed,
      rounds: progress.rounds + 1,
      comparisons: progress.comparisons + round.comparisons,
      seconds: (performance.now() - start) / 1000,
      failures,
    };
    options.onRound?.(progress);
    // For the collector, and for whoever wants to interrupt.
    await nextTurn();
  }
  return progress;
}

function toFailure(seed: number, failing: Case, makeEngine: MakeEngine, milliseconds: number): Failure {
  const small = shrink(failing, makeEngine, milliseconds);
  const difference = runCase(small, makeEngine) ?? {
    step: failing.steps.length - 1,
    pattern: -1,
    what: 'a difference that a second run does not show',
    engine: 'unknown',
    re2: 'unknown',
  };
  return { seed, difference, case: small };
}

class Round {
  comparisons = 0;
  readonly #random: Random;
  readonly #makeEngine: MakeEngine;
  readonly #case: Omit<Case, 'steps'>;
  readonly #trees: readonly Tree[];
  readonly #longest: number;
  readonly #stepCount: number;

  constructor(random: Random, makeEngine: MakeEngine) {
    this.#random = random;
    this.#makeEngine = makeEngine;
    const isShipped = random() < SHARE_OF_SHIPPED;
    const specs = isShipped ? shippedPatterns() : chooseSpecs(random);
    this.#case = { engine: isShipped ? 'shipped' : chooseOptions(random), specs };
    this.#trees = specs.map(({ source }) => parseTree(source));
    this.#longest = isShipped ? LONGEST_SHIPPED_BYTES : LONGEST_BYTES / Math.sqrt(specs.length);
    this.#stepCount = isShipped ? SHIPPED_STEPS : STEPS;
  }

  /** @returns the steps up to the one that failed */
  run(deadline: number): Case | undefined {
    const { specs, engine } = this.#case;
    const steps: Step[] = [];
    let comparison: Comparison;
    try {
      comparison = new Comparison(specs, engine, this.#makeEngine);
    } catch {
      return { ...this.#case, steps };
    }
    while (steps.length < this.#stepCount && performance.now() < deadline) {
      const step = this.#step(comparison.windowBytes);
      steps.push(step);
      const difference = comparison.run(step, steps.length - 1);
      if (difference !== undefined) return { ...this.#case, steps };
    }
    this.comparisons = comparison.comparisons;
    return undefined;
  }

  #step(windowBytes: number): Step {
    const random = this.#random;
    if (random() < SHARE_OF_BLOCKS) {
      const at = random() < 0.2 ? 0 : 1 + Math.floor(random() * MOST_OFFSET);
      const most = Math.min(windowBytes - at, this.#longest);
      const actions = random() < 0.5 ? 0 : 1 + Math.floor(random() * 2 ** 32);
      const make = random() < 0.7 ? denseBlock : randomBlock;
      return { kind: 'block', text: make(this.#trees, random, most), at, actions };
    }
    const text = Buffer.from(randomView(this.#trees, random, this.#longest));
    const places = random() < 0.5 ? 0 : 1 + Math.floor(random() * 3);
    const from = Array.from({ length: places }, () => Math.floor(random() * (text.length + 1)));
    return { kind: 'view', text, from };
  }
}

/** Few patterns or some dozens; random ones, shipped ones, or both. */
function chooseSpecs(random: Random): PatternSpec[] {
  const shipped = shippedPatterns();
  const count = 1 + Math.floor(random() ** 2 * 30);
  const shareOfShipped = random() < 0.5 ? 0 : random();
  return Array.from({ length: count }, () =>
    random() < shareOfShipped
      ? (shipped[Math.floor(random() * shipped.length)] as PatternSpec)
      : randomSpec(random),
  );
}

/** Mostly tight, so that windows are outgrown and states dropped. */
function chooseOptions(random: Random): EngineOptions {
  const pick = (values: readonly number[]): number => values[Math.floor(random() * values.length)] as number;
  return {
    windowBytes: pick([256, 4096, 65_536, 262_144]),
    tableBytes: pick([1 << 16, 1 << 18, 1 << 21]),
    maxStates: pick([50, 500, 20_000]),
  };
}
