/** The automata against RE2: spans of random patterns on random texts, with a roomy and with a tiny state cache. */
import RE2 from 're2';
import { describe, expect, it } from 'vitest';
import { RowArena } from '../../src/kernel/dfa/arena.ts';
import { CacheThrash, DfaMatcher } from '../../src/kernel/dfa/matcher.ts';
import { GroupTracer } from '../../src/kernel/dfa/trace.ts';
import { KernelMemory } from '../../src/kernel/memory.ts';
import { compileProgram } from '../../src/kernel/program/compile.ts';
import { type Parsed, UnsupportedPattern } from '../../src/kernel/syntax/ast.ts';
import { parsePattern } from '../../src/kernel/syntax/parse.ts';
import { generator, randomPattern, randomText } from './random.ts';

const CASES = Number(process.env.LOGVEIL_FUZZ_CASES ?? 500);
const FIRST_SEED = Number(process.env.LOGVEIL_FUZZ_SEED ?? 500_001);
const TEXT_BYTES = 4096;

function run(maxStates: number): void {
  let accepted = 0;
  let memory = new KernelMemory();
  let base = memory.allocate(TEXT_BYTES);
  let arena = new RowArena(memory, 1 << 20, maxStates);
  const random2 = generator(77);
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
    if (seed % 500 === 0) {
      memory = new KernelMemory();
      base = memory.allocate(TEXT_BYTES);
      arena = new RowArena(memory, 1 << 20, maxStates);
    }
    const random = generator(seed);
    const source = randomPattern(random);
    let regex: RE2;
    try {
      regex = new RE2(source, 'gdu');
    } catch {
      continue;
    }
    let matcher: DfaMatcher;
    let group = 0;
    let tracer: GroupTracer | undefined;
    try {
      const parsed: Parsed = parsePattern(source);
      matcher = new DfaMatcher(memory, arena, parsed);
      group = Math.floor(random2() * (parsed.groups + 1));
      if (group > 0) tracer = new GroupTracer(compileProgram(parsed, { reversed: false, group }), group);
    } catch (error) {
      expect(error, source).toBeInstanceOf(UnsupportedPattern);
      continue;
    }
    accepted += 1;
    for (const pieces of [5, 12, 30, 60]) {
      const text = Buffer.from(randomText(random, pieces));
      memory.bytes.set(text, base);
      // What stands beyond the text must make no difference.
      memory.bytes.fill(0x61, base + text.length, base + text.length + 8);
      for (let from = 0; from <= text.length; from += 1 + Math.floor(text.length / 5)) {
        regex.lastIndex = from;
        const wanted = regex.exec(text);
        let found: boolean;
        try {
          found = matcher.find(base, base + text.length, base + from);
        } catch (error) {
          expect(error).toBeInstanceOf(CacheThrash);
          break;
        }
        const got = found ? [matcher.start - base, matcher.end - base] : null;
        const expected = wanted === null ? null : [wanted.index, wanted.index + (wanted[0] as Buffer).length];
        expect(got, JSON.stringify([seed, source, text.toString(), from])).toEqual(expected);
        if (wanted === null || tracer === undefined) continue;
        const took = tracer.trace(memory.bytes, base, base + text.length, matcher.start, matcher.end);
        const span = took ? [tracer.start - base, tracer.end - base] : undefined;
        expect(span, JSON.stringify([seed, source, group, text.toString(), from])).toEqual(
          wanted.indices?.[group],
        );
      }
    }
  }
  expect(accepted).toBeGreaterThan(CASES / 3);
}

describe('automata against RE2', () => {
  it('finds the same spans', () => run(20_000));
  it('finds the same spans when the cache is dropped all the time', () => run(3));
});
