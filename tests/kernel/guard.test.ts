/**
 * The kernel works on memory without walls: a search that reads or writes beyond its text would not be noticed by
 * itself. So texts stand between known bytes, which must be the same afterwards and must make no difference.
 */
import { describe, expect, it } from 'vitest';
import type { PatternSpec } from '../../src/engine/engine.ts';
import { KernelEngine } from '../../src/kernel/engine.ts';
import { toValidUtf8 } from '../../src/scan/utf8.ts';
import { randomSpec, shippedPatterns } from '../fuzz/patterns.ts';
import { denseBlock, randomBlock, randomView } from '../fuzz/texts.ts';
import { parseTree, sample, type Tree } from '../fuzz/tree.ts';
import { generator } from './random.ts';

const ROUNDS = Number(process.env.LOGVEIL_FUZZ_CASES ?? 25);
const FIRST_SEED = Number(process.env.LOGVEIL_FUZZ_SEED ?? 700_001);
const WINDOW_BYTES = 16_384;
const LONGEST_BYTES = 6000;

/** What stands around: nothing, half characters, line ends, what goes on with a match or begins one. */
function guards(trees: readonly Tree[], random: () => number): Buffer[] {
  const sampled = Buffer.from(`${sample(trees[0] as Tree, random)}.`);
  const bytes = Buffer.from(Array.from({ length: 251 }, () => Math.floor(random() * 256)));
  return [Buffer.from([0]), Buffer.from('a1'), Buffer.from('\n'), Buffer.from([0xff, 0x80]), sampled, bytes];
}

/** Everything the engine says of a block at [start, end) of its window: its matches, as seen from the block's begin. */
function readBlock(engine: KernelEngine, start: number, end: number): string[] {
  const { match } = engine;
  const out: string[] = [];
  engine.scan(start, end);
  while (engine.next()) {
    const { pattern, lineStart, lineEnd, nextLine, valueStart, valueEnd } = match;
    const places = [lineStart, lineEnd, nextLine, match.start, match.end, valueStart, valueEnd];
    out.push([pattern, ...places.map((place) => place - start)].join());
  }
  out.push(`${engine.countLines(start, end)} lines`);
  return out;
}

function readView(engine: KernelEngine, specs: readonly PatternSpec[], view: Buffer): string[] {
  const out = [engine.select(view).join()];
  for (const pattern of specs.keys()) {
    for (let from = 0; from <= view.length && engine.find(pattern, view, from); ) {
      const { start, end, valueStart, valueEnd } = engine.match;
      out.push([pattern, start, end, valueStart, valueEnd].join());
      from = end === start ? end + 1 : end;
    }
  }
  return out;
}

function randomEngine(seed: number): {
  random: () => number;
  specs: PatternSpec[];
  trees: Tree[];
  engine: KernelEngine;
} {
  const random = generator(seed);
  const shipped = shippedPatterns();
  const specs = Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
    random() < 0.4 ? (shipped[Math.floor(random() * shipped.length)] as PatternSpec) : randomSpec(random),
  );
  const trees = specs.map(({ source }) => parseTree(source));
  return { random, specs, trees, engine: new KernelEngine(specs, { windowBytes: WINDOW_BYTES }) };
}

describe('what stands around a text', () => {
  it('is not changed by a block, and changes nothing in it', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed++) {
      const { random, trees, engine } = randomEngine(seed);
      for (let round = 0; round < 4; round++) {
        const block = (round % 2 === 0 ? denseBlock : randomBlock)(trees, random, LONGEST_BYTES);
        const at = Math.floor(random() * 200);
        let first: string[] | undefined;
        for (const guard of guards(trees, random)) {
          const expected = Buffer.alloc(WINDOW_BYTES, guard);
          expected.set(block, at);
          engine.window.set(expected);
          const found = readBlock(engine, at, at + block.length);
          const message = JSON.stringify([seed, round, at, guard.toString('hex')]);
          first ??= found;
          expect(found, message).toEqual(first);
          expect(engine.window.equals(expected), message).toBe(true);
        }
      }
    }
  });

  it('is not changed by a search in the window itself, and changes nothing in it', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed++) {
      const { random, specs, trees, engine } = randomEngine(seed + 1_000_000);
      for (let round = 0; round < 4; round++) {
        const whole = Buffer.from(randomView(trees, random, LONGEST_BYTES));
        const text = toValidUtf8(whole.subarray(0, LONGEST_BYTES));
        const at = Math.floor(random() * 200);
        let first: string[] | undefined;
        for (const guard of guards(trees, random)) {
          const expected = Buffer.alloc(WINDOW_BYTES, guard);
          expected.set(text, at);
          engine.window.set(expected);
          const found = readView(engine, specs, engine.window.subarray(at, at + text.length));
          const message = JSON.stringify([seed, round, at, guard.toString('hex')]);
          first ??= found;
          expect(found, message).toEqual(first);
          expect(engine.window.equals(expected), message).toBe(true);
        }
      }
    }
  });

  it('is the view given, which is not changed either', () => {
    const { random, specs, trees, engine } = randomEngine(FIRST_SEED);
    for (let round = 0; round < 50; round++) {
      const view = Buffer.from(randomView(trees, random, LONGEST_BYTES));
      const before = Buffer.from(view);
      readView(engine, specs, view);
      expect(view.equals(before), String(round)).toBe(true);
    }
  });

  it('may be the end of the window', () => {
    const { random, specs, trees, engine } = randomEngine(FIRST_SEED + 1);
    const roomy = new KernelEngine(specs, { windowBytes: 4 * WINDOW_BYTES });
    for (let round = 0; round < 50; round++) {
      const piece = Buffer.from(`${randomView(trees, random, 100).replaceAll('\n', ' ')}\n`);
      // The last character may be cut in half.
      const block = toValidUtf8(Buffer.alloc(WINDOW_BYTES, piece));
      engine.window.set(block);
      roomy.window.set(block, WINDOW_BYTES);
      const found = readBlock(engine, 0, WINDOW_BYTES);
      expect(found, String(round)).toEqual(readBlock(roomy, WINDOW_BYTES, 2 * WINDOW_BYTES));
    }
  });
});
