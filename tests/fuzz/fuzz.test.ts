/** The fuzzer in little: cases that failed once, some seconds of new ones, and proof that it finds what it is made for. */

import RE2 from 're2';
import { describe, expect, it } from 'vitest';
import type { BlockEngine, PatternSpec } from '../../src/engine/engine.ts';
import { generator } from '../kernel/random.ts';
import { type Case, type MakeEngine, makeKernel, runCase } from './cases.ts';
import { describeFailure, readFailures } from './failures.ts';
import { fuzz } from './fuzzer.ts';
import { shippedPatterns } from './patterns.ts';
import { shrink } from './shrink.ts';
import { parseTree, printTree, sample } from './tree.ts';

const EACH_MS = 2500;
const FIXED_SEED = 20_261_122;

/** An engine that is wrong in one way. */
function faulty(change: (right: BlockEngine) => Partial<BlockEngine>): MakeEngine {
  return (specs, options) => {
    const right = makeKernel(specs, options === 'shipped' ? {} : options);
    const engine: BlockEngine = {
      match: right.match,
      window: right.window,
      select: (view) => right.select(view),
      find: (pattern, view, from) => right.find(pattern, view, from),
      scan: (start, end) => right.scan(start, end),
      next: () => right.next(),
      goOn: (from) => right.goOn(from),
      skipLine: () => right.skipLine(),
      skipTo: (offset) => right.skipTo(offset),
      countLines: (start, end) => right.countLines(start, end),
      hasByte: (start, end, byte) => right.hasByte(start, end, byte),
      outputArea: right.outputArea,
      addText: (text) => right.addText(text),
      textOf: (text) => right.textOf(text),
      textLength: (text) => right.textLength(text),
      copyOut: (at, start, end, text) => right.copyOut(at, start, end, text),
    };
    return Object.assign(engine, change(right));
  };
}

const FAULTS: Readonly<Record<string, MakeEngine>> = {
  'a match that ends too late': faulty((right) => ({
    find: (pattern, view, from) => {
      const found = right.find(pattern, view, from);
      if (found && right.match.end < view.length && view[right.match.end] === 0x61) right.match.end += 1;
      return found;
    },
  })),
  'a selection that leaves out': faulty((right) => ({
    select: (view) => right.select(view).filter((pattern) => pattern !== 0 || view.length % 7 !== 3),
  })),
  'a match left out of a block': faulty((right) => ({
    next: () => {
      for (;;) {
        if (!right.next()) return false;
        if (right.match.start % 64 !== 63) return true;
      }
    },
  })),
  'a match of a block that is not the one': faulty((right) => ({
    next: () => {
      const found = right.next();
      if (found && right.match.start % 32 === 5) right.match.valueStart += 1;
      return found;
    },
  })),
  'a line passed over': faulty((right) => ({
    next: () => {
      for (;;) {
        if (!right.next()) return false;
        if (right.match.lineStart % 16 !== 15) return true;
      }
    },
  })),
  'a line with half of its line end': faulty((right) => ({
    next: () => {
      const found = right.next();
      if (found && right.window[right.match.lineEnd] === 0x0d) right.match.lineEnd += 1;
      return found;
    },
  })),
  'lines that are crowded for no reason': faulty((right) => ({
    next: () => {
      const found = right.next();
      if (found && right.match.lineStart % 16 === 3) right.match.pattern = -1;
      return found;
    },
  })),
  'a block that never ends': faulty((right) => {
    let started = false;
    return {
      scan: (start, end) => {
        right.scan(start, end);
        started = false;
      },
      next: () => {
        started = right.next() || started;
        return started;
      },
    };
  }),
  'a search that never goes on inside a match': faulty(() => ({ goOn: () => {} })),
  'a line that is not skipped': faulty(() => ({ skipLine: () => {} })),
  'lines that are not skipped': faulty((right) => ({ skipTo: () => right.skipLine() })),
  'a window that does not stay as it was': faulty((right) => ({
    scan: (start, end) => {
      right.scan(start, end);
      if (end < right.window.length) right.window[end] = 0x0a;
    },
  })),
  'an engine that throws': faulty((right) => ({
    find: (pattern, view, from) => {
      if (view.length > 40) throw new RangeError('out of bounds');
      return right.find(pattern, view, from);
    },
  })),
};

describe('the kernel is plain RE2', () => {
  it.each(readFailures(shippedPatterns()))('case of seed $seed', (failure) => {
    const difference = runCase(failure.case);
    expect(difference && describeFailure({ ...failure, difference })).toBeUndefined();
  });

  it.each([FIXED_SEED, Math.floor(Math.random() * 2 ** 32)])('rounds from seed %i', async (seed) => {
    const { failures, comparisons } = await fuzz({ seed, milliseconds: EACH_MS });
    expect(failures.map(describeFailure).join('\n'), `npm run fuzz -- --seed ${seed}`).toBe('');
    expect(comparisons).toBeGreaterThan(0);
  });
});

describe('the fuzzer', () => {
  it.each(Object.entries(FAULTS))('finds %s', async (_, makeEngine) => {
    const { failures } = await fuzz({
      seed: 1,
      milliseconds: 20_000,
      makeEngine,
      maxFailures: 1,
      shrinkMilliseconds: 300,
    });
    expect(failures).toHaveLength(1);
  });

  it('cuts a failing case down', () => {
    const specs: PatternSpec[] = ['\\bkey=[0-9]+', '(?i)tok(?:en|)[ab]{1,3}x*', 'zz'].map((source) => ({
      source,
      group: 0,
    }));
    const text = Buffer.from(`${'some text and more '.repeat(50)}tokenab and what follows`);
    const failing: Case = {
      engine: { windowBytes: 4096 },
      specs,
      steps: [
        { kind: 'view', text: Buffer.from('key=1'), from: [] },
        { kind: 'view', text, from: [3, 5] },
      ],
    };
    const makeEngine = faulty((right) => ({
      find: (pattern, view, from) => {
        const found = right.find(pattern, view, from);
        return found && !view.subarray(right.match.start, right.match.end).includes('b');
      },
    }));
    expect(runCase(failing, makeEngine)).toMatchObject({ step: 1, pattern: 1 });
    const small = shrink(failing, makeEngine, 5000);
    expect(runCase(small, makeEngine)).toBeDefined();
    expect(small.specs).toHaveLength(1);
    expect(small.steps).toHaveLength(1);
    expect(small.steps[0].text.length).toBeLessThan(8);
    expect(small.specs[0].source.length).toBeLessThan(12);
  });

  it('reads every shipped pattern, and makes texts of it that match', () => {
    const random = generator(5);
    const without = shippedPatterns().filter(({ source }) => {
      const tree = parseTree(source);
      expect(printTree(tree)).toBe(source);
      const regex = new RE2(source);
      for (let tries = 0; tries < 200; tries++) if (regex.test(sample(tree, random))) return false;
      return true;
    });
    expect(without).toEqual([]);
  });
});
