/** Texts to try: made from the patterns, broken in small ways, and such as logs and enemies write. */
import { toValidUtf8 } from '../../src/scan/utf8.ts';
import { randomText } from '../kernel/random.ts';
import { sample, type Tree } from './tree.ts';

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

const INSERTED = [
  ...[
    'a',
    'Z',
    '0',
    '_',
    '-',
    ' ',
    '.',
    '@',
    '"',
    "'",
    '\\',
    '=',
    ':',
    '/',
    '\t',
    '\r',
    '\0',
    '\x1a',
    '\x7f',
  ],
  ...[
    'é',
    'ſ',
    '\u212a',
    '\n',
    '中',
    '😀',
    'я',
    '\u00a0',
    '\u2028',
    '\ufffd',
    '{',
    '}',
    '[',
    ']',
    ',',
    '+',
    '%40',
  ],
];
/** Of a word or not, of a line or not. */
const BESIDE = ['a', '0', '_', '-', ' ', '\n', 'é', '\u212a'];
const WORDS = [
  ...[
    'user=',
    'token=',
    '"password": "',
    'authorization: Bearer ',
    'GET /a/b?key=',
    'id',
    'INFO',
    'at',
    'error',
  ],
  ...[
    '2026-03-14T10:02:11.123Z',
    '[main]',
    '10.0.0.1',
    '203.0.113.9',
    'jane@example.com',
    'https://app.example/x',
  ],
  ...[
    '{"a":1,"b":"c"}',
    '\\"',
    '\\u0041',
    'deadbeefdeadbeefdeadbeefdeadbeef',
    '4111 1111 1111 1111',
    '::1',
    '--',
    '…',
  ],
];

/** Small damage: the ends, the case, a character more, less or another. */
function mutated(text: string, random: Random): string {
  let characters = [...text];
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
    const at = Math.floor(random() * (characters.length + 1));
    const kind = random();
    if (kind < 0.25) characters.splice(at, 1);
    else if (kind < 0.5) characters.splice(at, 0, pick(random, INSERTED));
    else if (kind < 0.65) characters.splice(at, 1, pick(random, INSERTED));
    else if (kind < 0.75) characters = characters.slice(0, at);
    else if (kind < 0.8) characters = characters.slice(at);
    else if (kind < 0.9) characters = [...otherCase(characters.join(''), random)];
    else characters.splice(at, 0, ...characters.slice(at, at + 1 + Math.floor(random() * 20)));
  }
  return characters.join('');
}

function otherCase(text: string, random: Random): string {
  const kind = random();
  if (kind < 0.3) return text.toUpperCase();
  if (kind < 0.6) return text.toLowerCase();
  // What folds into ASCII letters from outside.
  return text.replace(/[ks]/gi, (letter) =>
    random() < 0.5 ? letter : letter.toLowerCase() === 'k' ? '\u212a' : 'ſ',
  );
}

function logLine(value: string, random: Random): string {
  let out = '';
  for (let n = Math.floor(random() * 6); n > 0; n--) out += `${pick(random, WORDS)} `;
  out += value;
  for (let n = Math.floor(random() * 4); n > 0; n--)
    out += pick(random, [' ', '"', ',', '']) + pick(random, WORDS);
  return out;
}

/** Bytes as a redactor meets and shows them: what is no UTF-8 is substituted. */
function randomBytes(random: Random, length: number): string {
  const lowest = random() < 0.5 ? 0 : 0x80;
  const bytes = Buffer.from(Array.from({ length }, () => lowest + Math.floor(random() * (256 - lowest))));
  return toValidUtf8(bytes).toString();
}

function withInvalidBytes(text: string, random: Random): string {
  const bytes = Buffer.from(text);
  for (let n = 1 + Math.floor(random() * 3); n > 0 && bytes.length > 0; n--) {
    bytes[Math.floor(random() * bytes.length)] = 0x80 + Math.floor(random() * 128);
  }
  return toValidUtf8(bytes).toString();
}

/** A text of about so many bytes that begins again and again what a pattern wants. */
function longText(piece: string, random: Random, bytes: number): string {
  const filler = random() < 0.5 ? piece : pick(random, WORDS);
  const unit = (random() < 0.5 ? piece.slice(0, 1 + Math.floor(random() * piece.length)) : filler) || ' ';
  const long = unit.repeat(1 + Math.floor(bytes / Buffer.byteLength(unit)));
  return random() < 0.7 ? `${long}${piece}` : `${long}${piece}${long}`;
}

/**
 * A text without half characters; may hold line ends.
 * @param longest about how many bytes a long one has; most are far shorter
 */
export function randomView(trees: readonly Tree[], random: Random, longest: number): string {
  const piece = (): string => sample(pick(random, trees), random);
  const kind = random();
  if (kind < 0.1) return piece();
  // What stands beside a match decides on word boundaries and lines.
  if (kind < 0.2) return pick(random, BESIDE) + piece() + pick(random, BESIDE);
  if (kind < 0.4) return logLine(piece(), random);
  if (kind < 0.6) return mutated(random() < 0.5 ? piece() : logLine(piece(), random), random);
  if (kind < 0.7) return [piece(), piece(), piece()].join(pick(random, ['', ' ', '\n', '\n', ...INSERTED]));
  if (kind < 0.78) return randomText(random, 30);
  if (kind < 0.83) return randomBytes(random, Math.floor(random() * 80));
  if (kind < 0.9) return withInvalidBytes(logLine(piece(), random), random);
  if (kind < 0.98) return logLine('', random);
  return longText(piece(), random, Math.floor(random() * longest));
}

/** Complete lines of about so many bytes at most, valid UTF-8. */
export function randomBlock(trees: readonly Tree[], random: Random, most: number): Buffer {
  const lines: string[] = [];
  let left = Math.floor(random() ** 2 * most);
  // Runs of lines of one kind are what makes an engine pass over many.
  while (left > 0 && lines.length < 400) {
    const line = randomView(trees, random, left).replaceAll('\n', ' ');
    const times = random() < 0.05 ? Math.floor(random() * 20) : 1;
    for (let n = 0; n < times && left >= 0; n++) {
      left -= Buffer.byteLength(line) + 1;
      if (left >= 0) lines.push(line);
    }
  }
  const text = lines.join(random() < 0.1 ? '\r\n' : '\n') + (random() < 0.8 && lines.length > 0 ? '\n' : '');
  const bytes = Buffer.from(text);
  return bytes.length <= most ? bytes : bytes.subarray(0, 0);
}

/** What runs are made of: bytes of the classes that are found as runs, and next to them. */
const RUN_BYTES = ['a', 'aB3_', '0123456789', '4111 ', '0-', 'ab:0', 'dead', 'aA1+/', 'x.y=', 'é', 'a\r'];

/** A stretch of bytes alike, as long as tokens are or as it takes to cross a step of the scan. */
function run(random: Random): string {
  const most = pick(random, [8, 20, 40, 70, 140]);
  const length = 1 + Math.floor(random() * most);
  return pick(random, RUN_BYTES).repeat(length).slice(0, length);
}

const SHORT_LINES = [0, 1, 5, 20, 60, 200];
const LONG_LINES = [1000, 4000, 9000];

/** Lines full of what the patterns want, close to each other, with and without runs and blanks in between. */
export function denseBlock(trees: readonly Tree[], random: Random, most: number): Buffer {
  const kind = random();
  const lineEnd = (): string => (kind < 0.6 || (kind < 0.8 && random() < 0.5) ? '\n' : '\r\n');
  // Drawn anew for each block only, as sampling costs more than everything else.
  const pieces = Array.from({ length: 2 + Math.floor(random() * 6) }, () => {
    const piece = sample(pick(random, trees), random);
    return (random() < 0.3 ? mutated(piece, random) : piece).replaceAll('\n', ' ');
  });
  const shareOfRuns = random() * 0.5;
  const line = (length: number): string => {
    let out = '';
    while (out.length < length) {
      const what = random();
      if (what < shareOfRuns) out += run(random);
      else if (what < 0.8) out += pick(random, pieces);
      else if (what < 0.95) out += pick(random, INSERTED).replace('\n', ' ');
      else out += pick(random, WORDS);
    }
    // Cut anywhere but inside of a character.
    return random() < 0.5 ? out : [...out].slice(0, length).join('');
  };
  let text = '';
  let left = Math.floor(random() * Math.min(most, random() < 0.8 ? 4000 : most));
  while (left > 0) {
    const longest = pick(random, random() < 0.97 ? SHORT_LINES : LONG_LINES);
    const next = line(Math.floor(random() * Math.min(longest + 1, left))) + lineEnd();
    left -= Buffer.byteLength(next);
    if (left >= 0) text += next;
  }
  return Buffer.from(random() < 0.3 ? text.replace(/\r?\n$/, '') : text);
}
