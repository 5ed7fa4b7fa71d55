/**
 * The automata against RE2: spans of random patterns on random texts, searched from many places, with a roomy and with
 * a tiny state cache, and for patterns that were given up. Nothing but `find` is used, so no anchor takes part.
 */
import RE2 from 're2';
import { describe, expect, it } from 'vitest';
import { KernelEngine, type KernelOptions } from '../../src/kernel/engine.ts';
import { generator, randomPattern, randomText } from './random.ts';

const CASES = Number(process.env.LOGVEIL_FUZZ_CASES ?? 200);
const FIRST_SEED = Number(process.env.LOGVEIL_FUZZ_SEED ?? 500_001);
const WINDOW_BYTES = 4096;
/** Patterns of one engine; they share its table. */
const PATTERNS = 10;

interface Pattern {
  readonly source: string;
  readonly group: number;
  readonly regex: RE2;
}

function acceptedPattern(random: () => number): Pattern {
  for (;;) {
    const source = randomPattern(random);
    try {
      const regex = new RE2(source, 'gdu');
      const groups = new RE2(`(?:${source})|`).exec('')?.length ?? 1;
      return { source, group: Math.floor(random() * groups), regex };
    } catch {
      // RE2 has the last word on what a pattern is.
    }
  }
}

/** Start and end of the match and of the group, as the engine and as RE2 find them. */
function compare(
  engine: KernelEngine,
  index: number,
  { group, regex }: Pattern,
  view: Buffer,
  from: number,
): void {
  regex.lastIndex = from;
  const indices = regex.exec(view)?.indices as (readonly [number, number] | undefined)[] | undefined;
  const whole = indices?.[0];
  const wanted = whole && [...whole, ...(indices?.[group] ?? [whole[0], whole[0]])];
  const found = engine.find(index, view, from);
  const { start, end, valueStart, valueEnd } = engine.match;
  const got = found ? [start, end, valueStart, valueEnd] : undefined;
  // There are too many comparisons to describe each.
  if (got?.join() === wanted?.join()) return;
  expect(got, JSON.stringify([regex.source, group, view.toString(), from])).toEqual(wanted);
}

function run(options: KernelOptions): KernelEngine[] {
  const engines: KernelEngine[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES / PATTERNS; seed++) {
    const random = generator(seed);
    const patterns = Array.from({ length: PATTERNS }, () => acceptedPattern(random));
    const engine = new KernelEngine(patterns, { ...options, windowBytes: WINDOW_BYTES });
    engines.push(engine);
    // What stands beyond the text must make no difference.
    engine.window.fill('a1');
    for (const pieces of [5, 12, 30, 60]) {
      const text = Buffer.from(randomText(random, pieces));
      const at = Math.floor(random() * 20);
      engine.window.set(text, at);
      const view = random() < 0.5 ? text : engine.window.subarray(at, at + text.length);
      for (let from = 0; from <= text.length; from += 1 + Math.floor(text.length / 5)) {
        for (const [index, pattern] of patterns.entries()) compare(engine, index, pattern, view, from);
      }
    }
  }
  return engines;
}

describe('automata against RE2', () => {
  it('finds the same spans', () => {
    const engines = run({ tableBytes: 1 << 20 });
    const declined = engines.reduce((sum, { fallbacks }) => sum + fallbacks.length, 0);
    expect(declined).toBeLessThan((CASES * 2) / 3);
    expect(engines.every(({ flushes }) => flushes === 0)).toBe(true);
  });

  it('finds the same spans when the cache is dropped all the time', () => {
    const engines = run({ tableBytes: 1 << 20, maxStates: 3 });
    expect(engines.some(({ flushes }) => flushes > 100)).toBe(true);
  });

  it('finds the same spans when there is room for a few rows only', () => {
    const engines = run({ tableBytes: 1 << 14 });
    expect(engines.some(({ flushes }) => flushes > 10)).toBe(true);
  });

  it('finds the same spans, groups included, before and after it gives a pattern up', () => {
    const patterns = ['(?:a|b)*a((?:a|b){14})c', 'b{3}(a*)c', '(?:a|b)*a(?:a|b){13}(c+)'].map((source) => ({
      source,
      group: 1,
      regex: new RE2(source, 'gd'),
    }));
    const engine = new KernelEngine(patterns, { maxStates: 2000 });
    const random = generator(9);
    for (let round = 0; round < 60; round++) {
      let text = '';
      while (text.length < 5000) text += random() < 0.5 ? 'a' : random() < 0.97 ? 'b' : 'c';
      const view = Buffer.from(text);
      for (const from of [0, 1, 2500, 4990, 5000]) {
        for (const [index, pattern] of patterns.entries()) compare(engine, index, pattern, view, from);
      }
    }
    expect(engine.fallbacks).toContain(0);
  });
});
