/**
 * A case: an engine with its patterns, and what it is given one after the other. Each step is judged by plain RE2 on
 * the same bytes, so nothing has to be known about the engine but its interface.
 */
import RE2 from 're2';
import { createEngine } from '../../src/app/engines.ts';
import { loadRuleSet } from '../../src/app/ruleSet.ts';
import type { BlockEngine, PatternEngine, PatternSpec } from '../../src/engine/engine.ts';
import { isBlockEngine } from '../../src/engine/engine.ts';
import { KernelEngine, type KernelOptions } from '../../src/kernel/engine.ts';
import { compileRules } from '../../src/rules/compile.ts';

/** What bounds the engine's memory; small values make it forget and decline all the time. */
export type EngineOptions = Pick<KernelOptions, 'windowBytes' | 'tableBytes' | 'maxStates'>;

export type Step =
  /** One line or decoded value: `select`, then `find` for every pattern, all over it and from these places. */
  | { readonly kind: 'view'; readonly text: Buffer; readonly from: readonly number[] }
  /** Complete lines, the last one with or without its end. */
  | { readonly kind: 'block'; readonly text: Buffer };

export interface Case {
  /** `shipped` is the engine as the command builds it for all packs; `specs` are then its patterns. */
  readonly engine: 'shipped' | EngineOptions;
  readonly specs: readonly PatternSpec[];
  readonly steps: readonly Step[];
}

export interface Difference {
  readonly step: number;
  /** Place in `specs`, -1 where no pattern is to blame. */
  readonly pattern: number;
  readonly what: string;
  readonly engine: string;
  readonly re2: string;
}

export type MakeEngine = (specs: readonly PatternSpec[], options: Case['engine']) => BlockEngine;

const LINE_FEED = 0x0a;
/** Of one pattern in one view; a pattern that matches nothing at each place would never end. */
const MAX_MATCHES = 60;
/** Each so many lines that a block reports, the line is searched before the next one is asked for. */
const SEARCH_EACH = 3;

export const makeKernel: MakeEngine = (specs, options) => {
  if (options !== 'shipped') return new KernelEngine(specs, options);
  const engine = createEngine('kernel', compileRules(loadRuleSet(['all']), { keepPrivateIps: true }));
  if (!isBlockEngine(engine)) throw new Error('the kernel takes no blocks');
  return engine;
};

/** Runs cases on one engine and counts the comparisons: a pattern in a line or from a place is one. */
export class Comparison {
  comparisons = 0;
  readonly #specs: readonly PatternSpec[];
  readonly #regexes: readonly RE2[];
  readonly #engine: BlockEngine;
  /** The pattern in work, for an engine that throws. */
  #pattern = -1;

  constructor(specs: readonly PatternSpec[], options: Case['engine'], makeEngine: MakeEngine) {
    this.#specs = specs;
    this.#regexes = specs.map(({ source }) => new RE2(source, 'gd'));
    this.#engine = makeEngine(specs, options);
  }

  get maxBlockBytes(): number {
    return this.#engine.maxBlockBytes;
  }

  /** @returns the first difference */
  run(step: Step, index: number): Difference | undefined {
    this.#pattern = -1;
    let found: Omit<Difference, 'step'> | undefined;
    try {
      found = step.kind === 'view' ? this.#view(step.text, step.from) : this.#block(step.text);
    } catch (error) {
      found = this.#difference('the engine throws', String(error), 'a result');
    }
    return found && { step: index, ...found };
  }

  #difference(what: string, engine: unknown, re2: unknown): Omit<Difference, 'step'> {
    const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    return { pattern: this.#pattern, what, engine: shown(engine), re2: shown(re2) };
  }

  #view(view: Buffer, places: readonly number[]): Omit<Difference, 'step'> | undefined {
    const selected = [...this.#engine.select(view)];
    if (selected.some((pattern, at) => at > 0 && pattern <= selected[at - 1])) {
      return this.#difference('select does not ascend', selected, 'indexes in ascending order, each once');
    }
    const isSelected = new Set(selected);
    for (let pattern = 0; pattern < this.#specs.length; pattern++) {
      this.#pattern = pattern;
      const expected = this.#expected(pattern, view, 0);
      if (expected !== undefined && !isSelected.has(pattern)) {
        return this.#difference('select leaves out a pattern that matches', selected, expected);
      }
      const difference = this.#allOver(view, pattern, expected) ?? this.#places(view, pattern, places);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** All matches, one behind the other. */
  #allOver(
    view: Buffer,
    pattern: number,
    first: readonly number[] | undefined,
  ): Omit<Difference, 'step'> | undefined {
    let wanted = first;
    let from = 0;
    for (let count = 0; count < MAX_MATCHES; count++) {
      const difference = this.#find(pattern, view, from, wanted);
      if (difference !== undefined || wanted === undefined) return difference;
      const [start, end] = wanted as readonly [number, number];
      from = end === start ? end + 1 : end;
      if (from > view.length) return undefined;
      wanted = this.#expected(pattern, view, from);
    }
    return undefined;
  }

  #places(view: Buffer, pattern: number, places: readonly number[]): Omit<Difference, 'step'> | undefined {
    for (const from of places) {
      if (from > view.length) continue;
      const difference = this.#find(pattern, view, from, this.#expected(pattern, view, from));
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #block(block: Buffer): Omit<Difference, 'step'> | undefined {
    const lines = linesOf(block);
    const byStart = new Map(lines.map((line, index) => [line.start, index]));
    const expected = lines.map(({ start, end }) => this.#matching(block.subarray(start, end)));
    const engine = this.#engine;
    engine.beginBlock(Buffer.from(block));
    let next = 0;
    for (let reported = 0; engine.nextLine(); reported++) {
      const { start, end } = engine.line;
      const patterns = engine.line.patterns && new Set(engine.line.patterns);
      const index = byStart.get(start);
      const line = index === undefined ? undefined : lines[index];
      this.#pattern = -1;
      if (index === undefined || line?.end !== end) {
        return this.#difference('a block reports what is no line', [start, end], lines.slice(next, next + 3));
      }
      if (index < next) return this.#difference('a block reports a line again', [start, end], lines[next]);
      const missed = this.#missed(lines, expected, next, index);
      if (missed !== undefined) return missed;
      next = index + 1;
      const left = patterns && expected[index]?.find((pattern) => !patterns.has(pattern));
      if (left !== undefined) {
        this.#pattern = left;
        return this.#difference('a block leaves out a pattern of a line', [start, end], 'a match');
      }
      if (reported % SEARCH_EACH === 0) {
        const difference = this.#searchLine(Buffer.from(block.subarray(start, end)), expected[index] ?? []);
        if (difference !== undefined) return difference;
      }
    }
    return this.#missed(lines, expected, next, lines.length);
  }

  /** A line with a match among those that were passed over. */
  #missed(lines: readonly Line[], expected: readonly (readonly number[])[], from: number, to: number) {
    for (let index = from; index < to; index++) {
      const [pattern] = expected[index] ?? [];
      if (pattern === undefined) continue;
      this.#pattern = pattern;
      return this.#difference('a block passes over a line', 'no match', lines[index]);
    }
    return undefined;
  }

  #searchLine(line: Buffer, patterns: readonly number[]): Omit<Difference, 'step'> | undefined {
    const selected = new Set(this.#engine.select(line));
    for (const pattern of patterns) {
      this.#pattern = pattern;
      const expected = this.#expected(pattern, line, 0);
      if (!selected.has(pattern)) {
        return this.#difference('within a block, select leaves out a pattern', [...selected], expected);
      }
      const difference = this.#find(pattern, line, 0, expected);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #matching(line: Buffer): number[] {
    const patterns: number[] = [];
    for (const [pattern, regex] of this.#regexes.entries()) {
      regex.lastIndex = 0;
      if (regex.test(line)) patterns.push(pattern);
    }
    this.comparisons += this.#regexes.length;
    return patterns;
  }

  /** The match and the wanted group: start, end, start, end. */
  #expected(pattern: number, view: Buffer, from: number): readonly number[] | undefined {
    const regex = this.#regexes[pattern] as RE2;
    regex.lastIndex = from;
    const indices = regex.exec(view)?.indices as (readonly [number, number] | undefined)[] | undefined;
    if (indices === undefined) return undefined;
    const [start, end] = indices[0] as readonly [number, number];
    return [start, end, ...(indices[(this.#specs[pattern] as PatternSpec).group] ?? [start, start])];
  }

  #find(
    pattern: number,
    view: Buffer,
    from: number,
    expected: readonly number[] | undefined,
  ): Omit<Difference, 'step'> | undefined {
    this.comparisons += 1;
    const found = spanOf(this.#engine, pattern, view, from);
    if (found?.join() === expected?.join()) return undefined;
    return this.#difference(`find from ${from}`, found ?? 'no match', expected ?? 'no match');
  }
}

function spanOf(engine: PatternEngine, pattern: number, view: Buffer, from: number): number[] | undefined {
  if (!engine.find(pattern, view, from)) return undefined;
  const { start, end, valueStart, valueEnd } = engine.match;
  return [start, end, valueStart, valueEnd];
}

interface Line {
  readonly start: number;
  readonly end: number;
}

/** Behind the last line end there is a line only if it holds something. */
function linesOf(block: Buffer): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < block.length; ) {
    const found = block.indexOf(LINE_FEED, start);
    const end = found === -1 ? block.length : found;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** Runs a whole case on an engine of its own. */
export function runCase(
  { specs, engine, steps }: Case,
  makeEngine: MakeEngine = makeKernel,
): Difference | undefined {
  let comparison: Comparison;
  try {
    comparison = new Comparison(specs, engine, makeEngine);
  } catch (error) {
    return {
      step: -1,
      pattern: -1,
      what: 'the engine refuses its patterns',
      engine: String(error),
      re2: 'accepted',
    };
  }
  for (const [index, step] of steps.entries()) {
    const difference = comparison.run(step, index);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
