/**
 * A case: an engine with its patterns, and what it is given one after the other. Each step is judged by plain RE2 on
 * the same bytes, so nothing has to be known about the engine but its interface.
 */
import RE2 from 're2';
import { kernelPatterns, readPrepared } from '../../src/app/preparedPatterns.ts';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import type { BlockEngine, PatternEngine, PatternSpec } from '../../src/engine/engine.ts';
import { KernelEngine, type KernelOptions } from '../../src/kernel/engine.ts';
import { compileRules } from '../../src/rules/compile.ts';
import { type BlockLine, linesOf } from '../kernel/blocks.ts';
import { generator } from '../kernel/random.ts';

/** What bounds the engine's memory; small values make it forget and decline all the time. */
export type EngineOptions = Pick<KernelOptions, 'windowBytes' | 'tableBytes' | 'maxStates'>;

export type Step =
  /** One line or decoded value: `select`, then `find` for every pattern, all over it and from these places. */
  | { readonly kind: 'view'; readonly text: Buffer; readonly from: readonly number[] }
  /** Complete lines, the last one with or without its end. */
  | {
      readonly kind: 'block';
      readonly text: Buffer;
      /** Where it stands in the window. */
      readonly at: number;
      /** Seed of what is done between matches (goOn, skipLine, ...); 0 for nothing. */
      readonly actions: number;
    };

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

/** Of one pattern in one view; a pattern that matches nothing at each place would never end. */
const MAX_MATCHES = 60;
/** Matches in one line before the rest of it is skipped. */
const MAX_LINE_MATCHES = 1000;
/** The same in bytes, as a search may go over all of the line. */
const MAX_LINE_SEARCHED = 1 << 19;
/** Candidates for each byte and pattern, at most; only where there may be thousands a line may be reported as a whole. */
const CANDIDATES_PER_BYTE = 4;
const CROWDED_CANDIDATES = 16_384;
/** Bytes around a block that get a content of their own. */
const AROUND_BYTES = 200;

export const makeKernel: MakeEngine = (specs, options) => {
  if (options !== 'shipped') return new KernelEngine(specs, options);
  // With the image that ships, but telling every match: what is left out on purpose can't be compared.
  const shipped = kernelPatterns(compileRules(loadRuleSet(['all']), { keepPrivateIps: true }));
  return new KernelEngine(specs, readPrepared(shipped));
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

  get windowBytes(): number {
    return this.#engine.window.length;
  }

  /** @returns the first difference */
  run(step: Step, index: number): Difference | undefined {
    this.#pattern = -1;
    let found: Omit<Difference, 'step'> | undefined;
    try {
      found = step.kind === 'view' ? this.#view(step.text, step.from) : this.#block(step);
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

  #block({ text, at, actions }: Step & { kind: 'block' }): Omit<Difference, 'step'> | undefined {
    const { window } = this.#engine;
    if (at + text.length > window.length) return undefined;
    const random = generator(actions);
    // Must make no difference, and must be the same afterwards.
    const around = Array.from({ length: AROUND_BYTES }, () => Math.floor(random() * 256));
    window.set(around.slice(0, Math.min(at, AROUND_BYTES)), Math.max(0, at - AROUND_BYTES));
    window.set(around.slice(0, window.length - at - text.length), at + text.length);
    window.set(text, at);
    const before = Buffer.from(window);
    const found = this.#walk(text, at, actions === 0 ? undefined : random);
    if (found === undefined && !window.equals(before)) {
      this.#pattern = -1;
      return this.#difference('a block changes the window', window.toString('base64'), 'the same bytes');
    }
    return found;
  }

  /** Goes through a block match by match; each must be the next one of its pattern in its line. */
  #walk(text: Buffer, at: number, random: (() => number) | undefined): Omit<Difference, 'step'> | undefined {
    const engine = this.#engine;
    const { match } = engine;
    const lines = linesOf(text);
    const byStart = new Map(lines.map((line, index) => [line.start, index]));
    engine.scan(at, at + text.length);
    /** The line in work, and what is still to be found in it; undefined when nothing is any more. */
    let current = -1;
    let left: LineMatches | undefined;
    let count = 0;
    while (engine.next()) {
      this.#pattern = -1;
      const place = [match.lineStart - at, match.lineEnd - at, match.nextLine - at];
      const index = byStart.get(match.lineStart - at);
      const line = index === undefined ? undefined : (lines[index] as BlockLine);
      if (
        index === undefined ||
        line === undefined ||
        place.join() !== [line.start, line.end, line.next].join()
      ) {
        return this.#difference('a block reports what is no line', place, lines.slice(Math.max(0, current)));
      }
      if (index < current) return this.#difference('a block reports a line again', place, lines[current]);
      if (index > current) {
        const missed = this.#missed(left, text, lines, current + 1, index);
        if (missed !== undefined) return missed;
        left = this.#matchesOf(text.subarray(line.start, line.end));
        current = index;
        count = 0;
      }
      if (left === undefined) return this.#difference('a line goes on that was skipped', place, 'nothing');
      const { pattern } = match;
      if (pattern === -1) {
        if (text.length * this.#specs.length * CANDIDATES_PER_BYTE < CROWDED_CANDIDATES) {
          return this.#difference('a line of a short block is crowded', place, 'matches');
        }
        left = undefined;
        continue;
      }
      this.#pattern = pattern;
      const wanted = left.next(pattern);
      const span = [match.start, match.end, match.valueStart, match.valueEnd].map(
        (each) => each - at - line.start,
      );
      if (span.join() !== wanted?.join()) {
        return this.#difference(`next in a block, line ${index}`, span, wanted ?? 'no match');
      }
      const end = match.end - at - line.start;
      left.goOn(pattern, match.end === match.start ? end + 1 : end);
      count += 1;
      const action = random === undefined ? 1 : random();
      const isEnough = count >= MAX_LINE_MATCHES || count * (line.end - line.start) > MAX_LINE_SEARCHED;
      if (isEnough || action < 0.06) {
        engine.skipLine();
        left = undefined;
      } else if (random !== undefined && action < 0.1) {
        const target = index + 1 + Math.floor(random() ** 2 * (lines.length - index));
        engine.skipTo(at + (lines[target]?.start ?? text.length));
        left = undefined;
        current = target - 1;
      } else if (random !== undefined && action < 0.4) {
        // Mostly into the match, which a caller does that refuses it.
        const start = match.start - at - line.start;
        const length = action < 0.15 ? line.end - line.start - start : end - start;
        const from = start + 1 + Math.floor(random() * random() * length);
        engine.goOn(at + line.start + from);
        left.goOn(pattern, from);
      } else if (random !== undefined && action < 0.45) {
        const difference = this.#between(text.subarray(line.start, line.end), random);
        if (difference !== undefined) return difference;
      }
    }
    return this.#missed(left, text, lines, current + 1, lines.length);
  }

  /** Other searches while a block is gone through, in the window or elsewhere. */
  #between(line: Buffer, random: () => number): Omit<Difference, 'step'> | undefined {
    const kept = { ...this.#engine.match };
    const view =
      random() < 0.5 ? Buffer.from(line) : this.#engine.window.subarray(kept.lineStart, kept.lineEnd);
    const selected = new Set(this.#engine.select(view));
    this.#pattern = Math.floor(random() * this.#specs.length);
    const expected = this.#expected(this.#pattern, line, 0);
    const difference =
      expected !== undefined && !selected.has(this.#pattern)
        ? this.#difference('within a block, select leaves out a pattern', [...selected], expected)
        : this.#find(this.#pattern, view, 0, expected);
    return difference;
  }

  /** What should have been found in the line in work or in those that were passed over. */
  #missed(
    left: LineMatches | undefined,
    text: Buffer,
    lines: readonly BlockLine[],
    from: number,
    to: number,
  ): Omit<Difference, 'step'> | undefined {
    for (let index = from - 1; index < to; index++) {
      const line = lines[index];
      if (line === undefined) continue;
      const matches = index < from ? left : this.#matchesOf(text.subarray(line.start, line.end));
      const missed = matches?.any();
      if (missed === undefined) continue;
      this.#pattern = missed;
      const wanted = `${matches?.next(missed)} in line ${index}: ${JSON.stringify(line)}`;
      return this.#difference('a block leaves out a match', 'no match', wanted);
    }
    return undefined;
  }

  #matchesOf(line: Buffer): LineMatches {
    this.comparisons += this.#regexes.length;
    return new LineMatches(this.#specs.length, line.length, (pattern, from) =>
      this.#expected(pattern, line, from),
    );
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

/** What RE2 finds in one line, searched for when it is asked for. */
class LineMatches {
  readonly #search: (pattern: number, from: number) => readonly number[] | undefined;
  readonly #length: number;
  /** By pattern, where its search goes on. */
  readonly #from: number[];

  constructor(
    patterns: number,
    length: number,
    search: (pattern: number, from: number) => readonly number[] | undefined,
  ) {
    this.#search = search;
    this.#length = length;
    this.#from = new Array<number>(patterns).fill(0);
  }

  next(pattern: number): readonly number[] | undefined {
    const from = this.#from[pattern] as number;
    return from > this.#length ? undefined : this.#search(pattern, from);
  }

  goOn(pattern: number, from: number): void {
    this.#from[pattern] = from;
  }

  /** A pattern that has a match left. */
  any(): number | undefined {
    const pattern = this.#from.findIndex((_, each) => this.next(each) !== undefined);
    return pattern < 0 ? undefined : pattern;
  }
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
