/**
 * The reference engine: plain RE2. It decides what is right; faster engines are tested against it.
 *
 * Searching each line for each pattern in turn costs some 0.3 us a pattern even without a match, so a line first goes
 * through RE2 sets, which tell in one pass each which of their patterns match.
 */
import RE2 from 're2';
import type { PatternEngine, PatternMatch, PatternSpec } from './engine.ts';

/**
 * Patterns to a set. A set that outgrows RE2's memory for automata (8 MiB) fails; small sets rarely do, and a failed
 * set costs no more than searching its few patterns one by one.
 */
const PATTERNS_PER_SET = 8;

interface PatternSet {
  readonly set: InstanceType<typeof RE2.Set>;
  readonly first: number;
  readonly count: number;
}

/** Plain RE2 over one line at a time. */
export class Re2Engine implements PatternEngine {
  readonly match: PatternMatch = { start: 0, end: 0, valueStart: 0, valueEnd: 0 };
  readonly #patterns: readonly { readonly regex: RE2; readonly group: number }[];
  readonly #sets: PatternSet[] = [];

  /** @throws SyntaxError for a pattern RE2 refuses; the rule loader reports those before */
  constructor(patterns: readonly PatternSpec[]) {
    // The flag `d` is what gives a group's place; without a group the end is `lastIndex`, which costs less.
    this.#patterns = patterns.map(({ source, group }) => ({
      regex: new RE2(source, group === 0 ? 'g' : 'gd'),
      group,
    }));
    for (let first = 0; first < patterns.length; first += PATTERNS_PER_SET) {
      const sources = patterns.slice(first, first + PATTERNS_PER_SET).map(({ source }) => source);
      this.#sets.push({ set: new RE2.Set(sources), first, count: sources.length });
    }
  }

  select(view: Buffer): number[] {
    const selected: number[] = [];
    for (const { set, first, count } of this.#sets) {
      try {
        for (const index of set.match(view)) selected.push(first + index);
      } catch {
        // Out of memory for its automaton: what can't be excluded must be searched.
        for (let index = 0; index < count; index++) selected.push(first + index);
      }
    }
    return selected;
  }

  find(pattern: number, view: Buffer, from: number): boolean {
    const { regex, group } = this.#patterns[pattern] as { regex: RE2; group: number };
    regex.lastIndex = from;
    const found = regex.exec(view);
    if (found === null) return false;
    const { match } = this;
    match.start = found.index;
    match.end = regex.lastIndex;
    match.valueStart = match.start;
    match.valueEnd = match.end;
    if (group !== 0) {
      const span = found.indices?.[group];
      match.valueStart = span === undefined ? match.start : span[0];
      match.valueEnd = span === undefined ? match.start : span[1];
    }
    return true;
  }
}
