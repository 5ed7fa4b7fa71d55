/** Seeded random patterns of RE2 syntax and texts that have a chance to match them. */

/** mulberry32: a small generator with a 32-bit seed, so that a failing case is one number. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ATOMS = [
  'a',
  'b',
  'c',
  'k',
  's',
  '1',
  '2',
  '@',
  '.',
  '-',
  '_',
  ' ',
  'é',
  'ſ',
  '\u212a',
  '中',
  '😀',
  'ab',
  'abc',
  'token',
  '\\.',
  '[ab]',
  '[^ab]',
  '[a-c]',
  '[a-z0-9]',
  '[^a]',
  '[k-s]',
  '[^\\n]',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '[[:alpha:]]',
  '[[:^digit:]_]',
  '[\\d.]',
  '[\\W1]',
  '[^\\S ]',
  '\\x61',
  '\\x{e9}',
  '\\u0062',
  '\\pL',
  '\\p{Greek}',
  '\\PN',
  '[é-ÿ]',
  '\\C',
  '\\b',
  '\\B',
  '^',
  '$',
  '\\A',
  '\\z',
  '\\/',
  '/',
  '\\Qa.b\\E',
  '\\n',
  '[\\x00-\\x{10FFFF}]',
  '',
];
const FLAGS = ['i', 's', 'm', 'U', 'is', 'im', '-i', 'i-s', 'ms', 'U-m'];
const REPEATS = [
  '*',
  '+',
  '?',
  '{2}',
  '{0,2}',
  '{1,3}',
  '{2,}',
  '{0}',
  '{3}',
  '{,2}',
  '*?',
  '+?',
  '??',
  '{1,3}?',
  '{2,}?',
  '{0,1}',
];

export function randomPattern(random: () => number, depth = 3): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const one = (d: number): string => {
    const r = random();
    if (d === 0 || r < 0.45) return pick(ATOMS);
    if (r < 0.6) return `(${alternatives(d - 1)})`;
    if (r < 0.72) return `(?:${alternatives(d - 1)})`;
    if (r < 0.76) return `(?${pick(FLAGS)}:${alternatives(d - 1)})`;
    if (r < 0.78) return `(?${pick(FLAGS)})`;
    const atom = random() < 0.5 ? pick(ATOMS) : `(?:${alternatives(d - 1)})`;
    return atom + pick(REPEATS);
  };
  const sequence = (d: number): string => {
    let out = '';
    for (let n = 1 + Math.floor(random() * 3); n > 0; n--) out += one(d);
    return out;
  };
  const alternatives = (d: number): string => {
    let out = sequence(d);
    while (random() < 0.25) out += `|${sequence(d)}`;
    return out;
  };
  return alternatives(depth);
}

const PIECES = [
  'a',
  'b',
  'c',
  'k',
  'K',
  's',
  'S',
  'A',
  'B',
  '1',
  '2',
  '22',
  '@',
  '.',
  '-',
  '_',
  ' ',
  '\n',
  'é',
  'É',
  'ſ',
  '\u212a',
  '中',
  '😀',
  'α',
  'ab',
  'abc',
  'token',
  'TOKEN',
  'toKen',
  'a.b',
  '/',
  'ÿ',
  '\0',
  '\r',
  'zz',
];

export function randomText(random: () => number, pieces: number): string {
  let out = '';
  for (let n = Math.floor(random() * pieces); n > 0; n--) out += PIECES[Math.floor(random() * PIECES.length)];
  return out;
}
