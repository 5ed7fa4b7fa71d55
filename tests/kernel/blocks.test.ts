/** What blocks hang on: runs and gates, groups and unions, full lists, line ends, and the ways to go on after a match. */
import { describe, expect, it } from 'vitest';
import { GATES } from '../../src/kernel/analysis/gates.ts';
import { MAX_RUN_CLASSES } from '../../src/kernel/anchors/runs.ts';
import { KernelEngine } from '../../src/kernel/engine.ts';
import { readyPattern } from '../../src/kernel/prepare.ts';
import { engineHits, linesOf, re2Hits, wholeMatches } from './blocks.ts';
import { generator } from './random.ts';

type Random = () => number;

const WINDOW_BYTES = 1 << 18;

function engineFor(sources: readonly string[]): KernelEngine {
  return new KernelEngine(wholeMatches(sources), { windowBytes: WINDOW_BYTES, tableBytes: 1 << 20 });
}

/** Compares all matches in a block that stands at several places of the window. */
function expectSame(
  sources: readonly string[],
  engine: KernelEngine,
  text: string | Buffer,
  places = [0, 1],
): number {
  const block = Buffer.from(text);
  const wanted = re2Hits(wholeMatches(sources), block);
  for (const at of places) {
    const message = JSON.stringify([sources.slice(0, 5), at, block.toString().slice(0, 300)]);
    expect(engineHits(engine, block, at), message).toEqual(wanted);
  }
  return wanted.length;
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function letters(random: Random, alphabet: string, length: number): string {
  let out = '';
  for (let n = 0; n < length; n++) out += pick(random, [...alphabet]);
  return out;
}

describe('what is looked for around runs', () => {
  /** Some are 16 bytes long in all, the least that a gate needs. */
  const GATED = [
    'ghp_[A-Za-z0-9]{36}',
    'sk-[A-Za-z0-9]{13}',
    '\\btok[a-z]{13}\\b',
    'key=[0-9a-f]{32}',
    'card (?:4[0-9]{3}[ -]?){3}[0-9]{4}',
  ];

  it('is gated by a run', () => {
    for (const source of GATED) {
      const { anchor } = readyPattern(source);
      expect(anchor?.kind === 'needles' && anchor.gate, source).toBeTruthy();
    }
  });

  it('is found at each place of a step, at a block’s begin and at its end', () => {
    const sources = [...GATED, '[a-z]{13}qqz'];
    const engine = engineFor(sources);
    const tokens = [
      `ghp_${'aB3'.repeat(12)}`,
      `ghp_${'aB3'.repeat(12)}x`,
      `ghp_${'aB3'.repeat(11)}aB`,
      'sk-abcdefghijklm',
      'sk-abcdefghijkl',
      'tokabcdefghijklm',
      'tokabcdefghijklmn',
      'abcdefghijklmqqz',
      'bcdefghijklmqqz',
      `key=${'0123456789abcdef'.repeat(2)}`,
      'card 4111 4111-4111 1111',
    ];
    let count = 0;
    for (const token of tokens) {
      for (let before = 0; before <= 130; before++) {
        const line = `${' '.repeat(before)}${token}`;
        count += expectSame(sources, engine, line, [before % 7]);
        count += expectSame(sources, engine, `${'\n'.repeat(before)}${token}\n`, [3]);
        // A longer run, in which the token stands somewhere.
        count += expectSame(
          sources,
          engine,
          `${'x'.repeat(before)}${token}${'y'.repeat(before % 40)}\n.`,
          [5],
        );
      }
    }
    expect(count).toBeGreaterThan(1000);
  });

  it.each([15, 16, 17, 31, 32, 33, 63, 64, 65, 128])('is found where runs have %i bytes', (length) => {
    const sources = [`[0-9]{${length}}`, '[0-9]{16}', '[a-f0-9]{32}', '[0-9]{12}', 'id[a-z0-9]{14}'];
    const engine = engineFor(sources);
    let count = 0;
    for (let before = 0; before <= 66; before++) {
      for (const off of [-1, 0, 1]) {
        const run = '7'.repeat(length + off);
        count += expectSame(sources, engine, `${' '.repeat(before)}${run}`, [0]);
        count += expectSame(sources, engine, `${'.'.repeat(before)}${run} ${run}\r\n${run}\nid${run}`, [2]);
      }
    }
    expect(count).toBeGreaterThan(200);
  });

  it('stays in the line of the run', () => {
    const sources = ['ghp_[A-Za-z0-9]{36}', 'ghp_[A-Za-z0-9]{12}', 'token'];
    const engine = engineFor(sources);
    const random = generator(4);
    for (let round = 0; round < 400; round++) {
      const run = (): string => {
        const at = Math.floor(random() * 150);
        return `${'a'.repeat(at)}${pick(random, ['token', ''])}${'b'.repeat(Math.floor(random() * 30))}`;
      };
      const token = `ghp_${'c'.repeat(pick(random, [11, 12, 35, 36, 80]))}`;
      const lines = Array.from({ length: 4 }, () =>
        pick(random, [run(), token, `${token}${run()}`, run() + token, '']),
      );
      expectSame(sources, engine, lines.join(pick(random, ['\n', '\r\n', ' ', '-'])));
    }
  });

  it('is found behind blanks and other bytes before the run', () => {
    const sources = [
      'secret[ \\t]*[:=][ \\t]*[A-Za-z0-9]{20}',
      '(?i)pin.{0,20}\\b[0-9]{12}\\b',
      'at\\s+[0-9]{14}',
    ];
    const engine = engineFor(sources);
    for (const blanks of [0, 1, 2, 15, 60, 61, 62, 63, 64, 65, 200, 5000]) {
      const blank = ' '.repeat(blanks);
      const text = `secret${blank}=${blank}${'q'.repeat(20)} x PIN${blank}123456789012 at${blank}12345678901234`;
      expect(expectSame(sources, engine, `${text}\n${text}`, [0, 9])).toBeGreaterThan(1);
    }
  });

  it('is found where the tables take more bytes for the run’s than there are', () => {
    const random = generator(8);
    const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).filter(
      (c) => !'\\]^-['.includes(c),
    );
    for (let round = 0; round < 30; round++) {
      // As many classes of no shape as there is room for, and more.
      const alphabets = Array.from({ length: 1 + (round % (MAX_RUN_CLASSES - GATES.length + 2)) }, () =>
        printable.filter(() => random() < 0.3).join(''),
      );
      const lengths = alphabets.map(() => 16 + Math.floor(random() * 20));
      const sources = alphabets.map((alphabet, i) => `[${alphabet}]{${lengths[i]}}`);
      const engine = engineFor([...sources, 'ghp_[A-Za-z0-9]{36}']);
      const lines = Array.from({ length: 60 }, () => {
        let line = '';
        while (line.length < 150) {
          const alphabet = pick(random, [...alphabets, printable.join('')]);
          line += letters(random, alphabet, Math.floor(random() * 50));
        }
        return line;
      });
      expectSame([...sources, 'ghp_[A-Za-z0-9]{36}'], engine, lines.join('\n'), [round]);
    }
  });
});

describe('patterns of one anchor', () => {
  const random = generator(6);

  it('are told apart, however many there are', () => {
    // From 7 letters on a gate's run is in each of them.
    const sources = Array.from({ length: 90 }, (_, i) => `secretkey[a-z]{${i + 3}}\\b`);
    const engine = engineFor(sources);
    let count = 0;
    for (let round = 0; round < 40; round++) {
      const lines = Array.from({ length: 30 }, () => {
        const values = Array.from(
          { length: Math.floor(random() * 5) },
          () => `secretkey${'k'.repeat(Math.floor(random() * 110))}${pick(random, ['', '_', '.'])}`,
        );
        return values.join(pick(random, [' ', '', '--']));
      });
      count += expectSame(sources, engine, lines.join('\n'), [round]);
    }
    expect(count).toBeGreaterThan(500);
    expect(engine.fallbacks).toEqual([]);
  });

  it('are told apart where exactly as many as one group holds', () => {
    for (const count of [31, 32, 33, 64, 65]) {
      const sources = Array.from(
        { length: count },
        (_, i) => `passphrase[a-z]{0,9}${String.fromCharCode(0x100 + i)}`,
      );
      const engine = engineFor(sources);
      const lines = sources.map(
        (_, i) => `x passphrase${'z'.repeat(i % 12)}${String.fromCharCode(0x100 + i)}`,
      );
      expect(expectSame(sources, engine, lines.join('\n'))).toBeGreaterThan(count / 2);
    }
  });

  it('overlap, follow each other and hold the anchor again', () => {
    const sources = [
      'token[0-9]+',
      'token[0-9]+z',
      '[a-z0-9 ]*token[0-9]+z',
      '.*token',
      'token.*',
      '(?:token[xy])*token[0-9]',
      '(?:^|[^\\w])token\\b',
      '\\Btoken',
      'token$',
      '^token',
      '(?:token1z?x)*token[0-9]+z',
      'x?token|token[0-9]{2}',
    ];
    const engine = engineFor(sources);
    const pieces = ['token', 'token1', 'token1z', 'tokenx', 'x', '1', 'z', ' ', '-', 'tok', '12'];
    for (let round = 0; round < 600; round++) {
      let text = '';
      for (let n = 1 + Math.floor(random() * 20); n > 0; n--)
        text += pick(random, random() < 0.1 ? ['\n'] : pieces);
      expectSame(sources, engine, text);
    }
  });

  it('may be too large for one automaton, or for any', () => {
    const sources = ['credential[a-z]?1', 'credential\\pL{200}', 'credential[a-z]?2', 'credential\\pL{150}x'];
    const engine = engineFor(sources);
    const text = `credential1 credentialx2\ncredential${'é'.repeat(220)} credential2\ncredential${'a'.repeat(150)}x`;
    expect(expectSame(sources, engine, text)).toBe(5);
    expect(engine.fallbacks).toContain(1);
  });

  it('may have states that never repeat', () => {
    const sources = ['k@(?:a|b)*a(?:a|b){14}c', 'k@b', 'k@[ab]*a[ab]{13}(?:c|$)'];
    const engine = engineFor(sources);
    const lines = Array.from(
      { length: 150 },
      () => `k@${letters(random, 'ab', 400)}c k@${letters(random, 'abc', 50)}`,
    );
    expectSame(sources, engine, lines.join('\n'), [0]);
    expect(engine.fallbacks).toEqual([0, 2]);
    expectSame(sources, engine, lines.join('\n'), [1]);
  });
});

describe('more candidates than there is room for', () => {
  const SOURCES = ['@@', '\\bkey=[a-z]', '[0-9]{7}', '@@x'];

  it('are right, or the line is said to hold anything', () => {
    const engine = engineFor(SOURCES);
    for (const count of [1000, 16_000, 16_383, 16_384, 16_385, 40_000, 100_000]) {
      for (const [before, after] of [
        ['', ''],
        ['key=a @\n', '\n'],
        ['key=a @\r\n\r\n', '@x\r\n1234567 @'],
      ]) {
        const block = Buffer.from(`${before}${'@'.repeat(count)}${after}`);
        const crowded = linesOf(block).find(({ start, end }) => end - start >= count)?.start;
        const isOfCrowded = (hit: string): boolean => hit.startsWith(`line ${crowded}-`);
        const wanted = re2Hits(wholeMatches(SOURCES), block);
        const hits = engineHits(engine, block, 3);
        if (!hits.includes(`line ${crowded} is crowded`)) {
          expect(hits).toEqual(wanted);
          expect(count).toBeLessThan(17_000);
        } else {
          expect(count).toBeGreaterThan(16_000);
          expect(hits.filter((hit) => hit !== `line ${crowded} is crowded`)).toEqual(
            wanted.filter((hit) => !isOfCrowded(hit)),
          );
        }
      }
    }
  });

  it('are right in many lines', () => {
    const engine = engineFor(SOURCES);
    const random = generator(12);
    const lines = Array.from({ length: 3000 }, () => letters(random, '@@@@ x1', Math.floor(random() * 70)));
    expect(expectSame(SOURCES, engine, lines.join('\n'))).toBeGreaterThan(15_000);
  });

  it('are right beside patterns that every line is searched for', () => {
    const sources = [...SOURCES, '^', 'x*$'];
    const engine = engineFor(sources);
    const line = `key=a ${'@'.repeat(9000)}`;
    expectSame(sources, engine, `${line}\n\n${line}\r\n${line}\nx`, [0]);
    const block = Buffer.from(`a\n${'@'.repeat(30_000)}\nkey=b\n`);
    const wanted = re2Hits(wholeMatches(sources), block).filter((hit) => !hit.startsWith('line 2-'));
    expect(engineHits(engine, block).toSorted()).toEqual([...wanted, 'line 2 is crowded'].toSorted());
  });

  it('are left behind by skipTo and skipLine', () => {
    const engine = engineFor(SOURCES);
    const lines = [
      `key=a ${'@'.repeat(30_000)}`,
      'key=b',
      '@'.repeat(30_000),
      'key=c',
      '@'.repeat(3000),
      'key=d',
    ];
    const block = Buffer.from(lines.join('\n'));
    const all = linesOf(block);
    const seen: number[] = [];
    engineHits(engine, block, 0, ({ lineStart }) => {
      const index = all.findIndex(({ start }) => start === lineStart);
      seen.push(index);
      if (index === 1) engine.skipTo(all[3]?.start as number);
      else engine.skipLine();
    });
    expect(seen).toEqual([0, 1, 3, 4, 5]);
  });

  it('take no longer than other lines', () => {
    const engine = engineFor(['ghp_[A-Za-z0-9]{36}', 'token', '@@']);
    const line = `${'ghp_token'.repeat(3500)}@@@\n`;
    engine.window.fill(line, 0, line.length * 8);
    const { user } = process.cpuUsage();
    engine.scan(0, line.length * 8);
    while (engine.next());
    // A quarter of a MB; quadratic in the candidates of a line it would be far more than a second.
    expect(process.cpuUsage().user - user).toBeLessThan(1_000_000);
  });
});

describe('lines of a block', () => {
  const SOURCES = [
    'abc.',
    'abc\\r',
    '[^x]$',
    '.\\b',
    '\\s',
    'c\\z',
    'token',
    '\\btoken\\b',
    '[a-z\\r]{20}',
    '[0-9]{16}',
  ];

  it('end before their line end, of either kind', () => {
    const engine = engineFor(SOURCES);
    const run = 'token'.repeat(4);
    const pieces = ['abc', 'abc\r', '\r', 'token', 'x', '', `${run}\r`, run, '1234567890123456', '\r\r', ' '];
    const random = generator(31);
    for (let round = 0; round < 500; round++) {
      let text = '';
      for (let n = Math.floor(random() * 9); n > 0; n--)
        text += pick(random, pieces) + pick(random, ['\n', '\r\n', '']);
      expectSame(SOURCES, engine, text, [round % 70]);
    }
  });

  it('are all searched for patterns without an anchor', () => {
    const sources = ['^', '$', 'a*', '\\b', '[^b]', '(?:|x)y?', '\\w{0,2}', 'token'];
    const engine = engineFor(sources);
    for (const text of [
      '',
      '\n',
      '\n\n',
      'a',
      'a\n',
      '\na',
      '\r\n',
      '\r',
      'ab\r\n\r\n\n bb\ntoken',
      '\n\n\r\n\n',
    ]) {
      expectSame(sources, engine, text, [0, 1, 63]);
    }
  });

  it('are all searched where more patterns than one group holds have no anchor', () => {
    const sources = Array.from(
      { length: 70 },
      (_, i) => `[^${String.fromCharCode(97 + (i % 26))}]{${1 + (i % 3)}}$`,
    );
    const engine = engineFor(sources);
    expect(expectSame(sources, engine, 'abc\n\nxyz abcdefg\r\nz')).toBeGreaterThan(70);
  });

  it('are counted', () => {
    const engine = engineFor(['a']);
    const random = generator(2);
    for (let round = 0; round < 200; round++) {
      const text = letters(random, pick(random, ['\n', 'a\n', 'abcdefgh\n']), Math.floor(random() * 100));
      const at = Math.floor(random() * 50);
      engine.window.fill('\n', 0, 200);
      engine.window.write(text, at);
      expect(engine.countLines(at, at + text.length)).toBe(text.split('\n').length - 1);
    }
  });

  it('lie in the window', () => {
    const engine = new KernelEngine(wholeMatches(['a$']), { windowBytes: 64 });
    expect(() => engine.scan(-1, 3)).toThrow(RangeError);
    expect(() => engine.scan(5, 3)).toThrow(RangeError);
    expect(() => engine.scan(0, 65)).toThrow(RangeError);
    engine.scan(7, 7);
    expect(engine.next()).toBe(false);
    expect(engine.next()).toBe(false);
  });
});

describe('going on after a match', () => {
  it('begins anywhere in the match, or behind it', () => {
    const engine = engineFor(['[0-9]{7}', 'b*']);
    const starts = (from: (start: number, end: number) => number): number[] => {
      const found: number[] = [];
      engineHits(engine, Buffer.from('123456789 1234567890\n12345678'), 2, (match) => {
        if (match.pattern !== 0) return;
        found.push(match.start - 2);
        engine.goOn(from(match.start, match.end));
      });
      return found;
    };
    expect(starts((_, end) => end)).toEqual([0, 10, 21]);
    expect(starts((start) => start + 1)).toEqual([0, 1, 2, 10, 11, 12, 13, 21, 22]);
    expect(starts((start) => start + 2)).toEqual([0, 2, 10, 12, 21]);
    expect(starts((_, end) => end + 3)).toEqual([0, 10, 21]);
  });

  it('is a matter of the one pattern', () => {
    const engine = engineFor(['tokens?[0-9]+', 'tokens[0-9]']);
    const found: string[] = [];
    engineHits(engine, Buffer.from('tokens12 tokens3 token4'), 0, (match) => {
      found.push([match.pattern, match.start].join());
      if (match.pattern === 0) engine.goOn(match.nextLine);
    });
    expect(found.toSorted()).toEqual(['0,0', '1,0', '1,9']);
  });

  it('leaves out the rest of a line', () => {
    const engine = engineFor(['key=[a-z]', '\\b', '@']);
    const found: number[] = [];
    engineHits(engine, Buffer.from('key=a @ key=b\n@@\n\nkey=c'), 1, ({ lineStart }) => {
      found.push(lineStart - 1);
      engine.skipLine();
    });
    expect(found).toEqual([0, 14, 18]);
  });

  it('leaves out lines', () => {
    const engine = engineFor(['key=[a-z]', '@']);
    const block = Buffer.from('key=a @\n@@\nkey=c\n@ key=d\r\nkey=e');
    const lines = linesOf(block).map(({ start }) => start);
    for (const [target, offset] of [...lines, block.length].entries()) {
      if (target === 0) continue;
      const found: number[] = [];
      engineHits(engine, block, 0, ({ lineStart }) => {
        found.push(lineStart);
        if (found.length === 1) engine.skipTo(offset);
      });
      expect(new Set(found)).toEqual(new Set([0, ...lines.slice(target)]));
    }
    engine.scan(0, block.length);
    engine.skipTo(lines[3] as number);
    expect(engine.next()).toBe(true);
    expect(engine.match.lineStart).toBe(lines[3]);
  });

  it('is not disturbed by other searches in between', () => {
    const sources = ['token[0-9]+', 'tok', '[a-z]{0,3}', '[0-9a-f]{16}', '(?:a|b)+c'];
    const engine = new KernelEngine(wholeMatches(sources), {
      windowBytes: 4096,
      tableBytes: 1 << 16,
      maxStates: 40,
    });
    const block = Buffer.from(
      'token12 tok abc\n0123456789abcdef0 abc token3\r\n\naabbc tokenx token9'.repeat(5),
    );
    const wanted = re2Hits(wholeMatches(sources), block);
    const view = Buffer.from('token99 deadbeefdeadbeef abac tok');
    const hits = engineHits(engine, block, 5, ({ lineStart, lineEnd }) => {
      engine.select(view);
      const line = engine.window.subarray(lineStart, lineEnd);
      engine.select(line);
      for (const pattern of sources.keys()) {
        engine.find(pattern, view, 3);
        engine.find(pattern, line, 0);
      }
    });
    expect(hits).toEqual(wanted);
  });
});
