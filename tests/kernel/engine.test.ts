/** The whole engine against RE2: random sets of patterns over blocks of random lines, and single views. */
import RE2 from 're2';
import { describe, expect, it } from 'vitest';
import type { PatternSpec } from '../../src/engine/engine.ts';
import { KernelEngine } from '../../src/kernel/engine.ts';
import { type PreparedPattern, preparePattern } from '../../src/kernel/prepare.ts';
import { engineHits, re2Hits } from './blocks.ts';
import { generator, randomPattern, randomText } from './random.ts';

const CASES = Number(process.env.LOGVEIL_FUZZ_CASES ?? 60);
const FIRST_SEED = Number(process.env.LOGVEIL_FUZZ_SEED ?? 900_001);

/** Patterns of the kinds rules are made of, so that anchors, runs and groups are met often. */
const REAL = [
  'token=([a-z0-9]{3,})',
  '(?i)token',
  '@',
  '[0-9]\\.[0-9]',
  '\\b[0-9a-f]{8}\\b',
  '[0-9]{7}',
  '[ab]{15,}',
  '[a-c]{31}',
  '\\b(?:25[0-5]|1?[0-9]{1,2})(?:\\.(?:25[0-5]|1?[0-9]{1,2})){3}\\b',
  '(?i)k[sS]k',
  'AKIA[A-Z2-7]{4}',
  '[a-z]+@([a-z]+)\\.com',
  'abc',
  'abd',
  'bbc',
  'ab{2,3}c',
  'a.*b',
  '(?:a|b)+c',
  '\\bzz\\b',
  '^abc',
  'abc$',
  '(a+)(b+)?c',
  '[A-Za-z0-9+/]{20,}',
  '中文?',
];
const PIECES = [
  'token=',
  'abc',
  'abd',
  'bbc',
  'AKIA',
  'ABCD',
  '1.2.3.4',
  '255.1',
  '@',
  'x@y.com',
  'deadbeef',
  '12345678',
  'aaaaaaaaaaaaaaaa',
  'bababababababababababababababababababab',
  'zz',
  ' ',
  '-',
  'K',
  'ſ',
  '中',
  'é',
  'kSk',
  '\r',
  '\t',
  'abbc',
  '.',
];

/** As a pack would carry it: through JSON. */
function prepared(specs: readonly PatternSpec[]): PreparedPattern[] {
  return JSON.parse(JSON.stringify(specs.map(({ source }) => preparePattern(source)))) as PreparedPattern[];
}

function accepted(source: string): boolean {
  try {
    new RE2(source, 'g');
    return true;
  } catch {
    return false;
  }
}

function randomLine(random: () => number): string {
  if (random() < 0.3) return randomText(random, 20).replaceAll('\n', '');
  let out = '';
  for (let n = Math.floor(random() * 12); n > 0; n--) out += PIECES[Math.floor(random() * PIECES.length)];
  return out;
}

function randomSpecs(random: () => number, count: number): PatternSpec[] {
  const specs: PatternSpec[] = [];
  while (specs.length < count) {
    const source =
      random() < 0.6 ? (REAL[Math.floor(random() * REAL.length)] as string) : randomPattern(random, 2);
    if (!accepted(source)) continue;
    const groups = new RE2(`${source}|`, 'g').exec('')?.length ?? 1;
    specs.push({ source, group: Math.floor(random() * groups) });
  }
  return specs;
}

describe('kernel engine against RE2', () => {
  it('finds the same matches in blocks of lines', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const random = generator(seed);
      const specs = randomSpecs(random, 1 + Math.floor(random() * 25));
      const options = { windowBytes: 16_384, tableBytes: 1 << 18 };
      const engine =
        seed % 2 === 0
          ? new KernelEngine(specs, options)
          : new KernelEngine(specs, { ...options, prepared: prepared(specs) });
      for (let round = 0; round < 4; round++) {
        let text = '';
        for (let n = 1 + Math.floor(random() * 30); n > 0; n--) {
          text += `${randomLine(random)}${random() < 0.2 ? '\r' : ''}\n`;
        }
        const block = Buffer.from(random() < 0.5 ? text : text.slice(0, -1));
        // An offset, and what was there before, must make no difference.
        const at = Math.floor(random() * 40);
        engine.window.fill(PIECES[Math.floor(random() * PIECES.length)] as string);
        const hits = engineHits(engine, block, at, () => {
          // Looking at something else in between must not disturb the walk.
          if (random() < 0.2) engine.select(Buffer.from(randomLine(random)));
        });
        expect(hits, JSON.stringify([seed, round, specs])).toEqual(re2Hits(specs, block));
      }
    }
  });

  it('selects no less than what matches, and finds the same spans in single views', () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const random = generator(seed + 10_000_000);
      const specs = randomSpecs(random, 1 + Math.floor(random() * 12));
      const engine = new KernelEngine(specs, { windowBytes: 256, tableBytes: 1 << 16, maxStates: 200 });
      const regexes = specs.map(({ source }) => new RE2(source, 'gd'));
      for (let round = 0; round < 8; round++) {
        const view = Buffer.from(random() < 0.8 ? randomLine(random) : randomText(random, 30));
        const selected = engine.select(view);
        for (const [pattern, regex] of regexes.entries()) {
          const from = Math.floor(random() * random() * (view.length + 1));
          regex.lastIndex = from;
          const found = regex.exec(view);
          const message = JSON.stringify([seed, specs[pattern], view.toString(), from]);
          if (found !== null) expect(selected, message).toContain(pattern);
          expect(engine.find(pattern, view, from), message).toBe(found !== null);
          if (found === null) continue;
          const whole = found.indices?.[0] as [number, number];
          expect([engine.match.start, engine.match.end], message).toEqual(whole);
          const value = found.indices?.[(specs[pattern] as PatternSpec).group] ?? [whole[0], whole[0]];
          expect([engine.match.valueStart, engine.match.valueEnd], message).toEqual(value);
        }
      }
    }
  });

  it('leaves the window as it was', () => {
    const engine = new KernelEngine([{ source: '\\btoken=[a-z]+\\b', group: 0 }], { windowBytes: 4096 });
    engine.window.fill('token=abc');
    const before = Buffer.from(engine.window);
    engine.scan(9, 4000);
    while (engine.next());
    engine.select(engine.window.subarray(100, 200));
    engine.find(0, engine.window.subarray(100, 200), 3);
    expect(engine.window.equals(before)).toBe(true);
  });

  it('searches a view longer than its window with RE2', () => {
    const engine = new KernelEngine([{ source: 'x([0-9]+)', group: 1 }], { windowBytes: 64 });
    const view = Buffer.from(`${'-'.repeat(100)}x123 `);
    expect(engine.select(view)).toEqual([0]);
    expect(engine.find(0, view, 0)).toBe(true);
    expect(engine.match).toMatchObject({ start: 100, end: 104, valueStart: 101, valueEnd: 104 });
  });

  it('can be asked for a match that begins inside a refused one', () => {
    const engine = new KernelEngine([{ source: '[0-9]{7}', group: 0 }], { windowBytes: 64 });
    engine.window.write('12345678 1234567');
    engine.scan(0, 16);
    expect(engine.next()).toBe(true);
    engine.goOn(engine.match.start + 1);
    expect(engine.next()).toBe(true);
    expect([engine.match.start, engine.match.end]).toEqual([1, 8]);
    expect(engine.next()).toBe(true);
    expect([engine.match.start, engine.match.end]).toEqual([9, 16]);
    expect(engine.next()).toBe(false);
  });

  it('gives a pattern whose states never repeat to RE2, with the same matches', () => {
    const source = '(?:a|b)*a(?:a|b){14}c';
    const engine = new KernelEngine([{ source, group: 0 }]);
    const random = generator(3);
    let text = '';
    while (text.length < 200_000) text += random() < 0.5 ? 'a' : random() < 0.97 ? 'b' : 'c';
    const view = Buffer.from(text);
    const regex = new RE2(source, 'g');
    for (let from = 0; from < view.length; ) {
      regex.lastIndex = from;
      const found = regex.exec(view);
      expect(engine.find(0, view, from)).toBe(found !== null);
      if (found === null) break;
      expect([engine.match.start, engine.match.end]).toEqual([found.index, regex.lastIndex]);
      from = regex.lastIndex;
    }
    expect(engine.fallbacks).toEqual([0]);
  });

  it('goes on where its list of candidates got full', () => {
    const sources = ['@', '[0-9]{7}', '\\bkey=[a-z]', 'x@y'];
    const engine = new KernelEngine(sources.map((source) => ({ source, group: 0 })));
    const lines = ['@@@@key=a', '12345678901234 @', 'x@y key=b @', '', '@'.repeat(50), '1234567@1234567'];
    const text = Buffer.from(`${lines.join('\n')}\n`.repeat(9000));
    expect(text.length).toBeLessThan(engine.window.length);
    engine.window.set(text);
    engine.scan(0, text.length);
    const counts = new Array<number>(sources.length).fill(0);
    while (engine.next()) counts[engine.match.pattern] = (counts[engine.match.pattern] as number) + 1;
    expect(counts).toEqual([58 * 9000, 4 * 9000, 2 * 9000, 9000]);
  });

  it('walks over a number of bytes linear in the line', () => {
    const sources = [
      '[a-z0-9.]{1,64}@(?:[a-z]+\\.)+com',
      '\\b[0-9]{9}\\b',
      '[0-9a-f]{40}',
      '(?i)key.{0,20}[0-9a-f]{32}',
    ];
    const engine = new KernelEngine(
      sources.map((source) => ({ source, group: 0 })),
      { windowBytes: 1 << 20 },
    );
    for (const piece of [
      'a@',
      'key',
      '@',
      '123456789 ',
      'a',
      '12345678-',
      '0123456789abcdef',
      'a@a.',
      '::',
    ]) {
      const cost = (length: number): number => {
        engine.window.fill(piece, 0, length);
        const before = engine.walkedBytes;
        engine.scan(0, length);
        while (engine.next());
        return engine.walkedBytes - before;
      };
      // What patterns change over to when their tries walk the same bytes again and again is settled by then.
      cost(1 << 18);
      const one = cost(1 << 19);
      expect(cost(1 << 20), piece).toBeLessThanOrEqual(2 * one + 4096);
    }
  });
});

it('keeps a text once, however many streams add it', () => {
  const engine = new KernelEngine([{ source: '@', group: 0 }], { windowBytes: 4096, tableBytes: 1 << 20 });
  const text = Buffer.from('[REDACTED:email]');
  const numbers = new Set(Array.from({ length: 10_000 }, () => engine.addText(text)));
  expect([...numbers]).toEqual([0]);
  expect(engine.addText(Buffer.from('[REDACTED:ipv4]'))).toBe(1);
});
