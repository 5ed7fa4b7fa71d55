/** Patterns to try: those that ship, random ones of all of RE2's syntax, and random ones in the shapes rules have. */
import RE2 from 're2';
import { loadRuleSet } from '../../src/app/ruleFiles.ts';
import type { PatternSpec } from '../../src/engine/engine.ts';
import { compileRules } from '../../src/rules/compile.ts';
import { randomPattern } from '../kernel/random.ts';
import { parseTree, partsOf, printTree } from './tree.ts';

let shipped: readonly PatternSpec[] | undefined;

/** What the engine searches with all packs. */
export function shippedPatterns(): readonly PatternSpec[] {
  if (shipped === undefined) {
    const { patterns, closerLook } = compileRules(loadRuleSet(['all']), { keepPrivateIps: true });
    shipped = [...patterns, ...closerLook].map(({ source, group }) => ({ source, group }));
  }
  return shipped;
}

/** Parts of patterns, so what is special in RE2's syntax stands with a backslash. */
const LITERALS = [
  ...['token', 'password', 'secret', 'key', 'sk-', 'AKIA', 'ghp_', 'xox', 'eyJ', '@', '://', '::', '--', '='],
  ...['kelvin', 'mass', 'ſ', '\\x{212a}', 'contraseña', 'пароль', '密码', 'straße', 'ΣΑΣ', '😀', 'ǅ'],
  ...['a', 'ab', 'zz', '0', '\\+', '"', "'", '\\\\', '\\n'],
];
const CLASSES = [
  ...['[a-z]', '[A-Z]', '[0-9]', '[a-f0-9]', '[A-Za-z0-9]', '[A-Za-z0-9+/]', '[A-Za-z0-9_\\-]', '[^\\s]'],
  ...['[^\\s"\']', '[^"\\\\]', '[^,;]', '\\w', '\\d', '\\S', '[ \\t]', '.', '[:=]', '[\\x{C0}-\\x{52F}a-z]'],
  ...['\\pL', '\\p{Lu}', '\\pN', '\\p{Cyrillic}', '\\PL', '[[:xdigit:]]', '[[:punct:]]', '[^a-z]', '[ks]'],
];
const COUNTS = [
  ...['*', '+', '?', '*?', '+?', '??', '{2}', '{3,}', '{1,3}', '{0,5}', '{4}', '{5}', '{6}', '{7}', '{8}'],
  ...['{4,8}?', '{5,}', '{7,}?', '{12,19}', '{16}', '{16,40}', '{20,}', '{32}', '{40}', '{1,64}', '{64}'],
];
const EDGES = [
  ...['\\b', '\\b', '\\b', '\\B', '^', '$', '(?:^|[^\\w])', '(?:[^\\w]|$)', '\\A', '\\z'],
  ...['(?m:^)', '(?m:$)', '(?m)^', '(?m)$'],
];
const FLAGS = ['i', 'i', 'i', 'm', 's', 'U', 'im', 'is', 'ms', 'iU'];

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/** An edge, a literal, something between, a counted class, an edge; each of them may be missing. */
function ruleLike(random: Random): string {
  const chance = (share: number, make: () => string): string => (random() < share ? make() : '');
  const literal = (): string => pick(random, LITERALS);
  const literals = (): string => {
    let out = literal();
    while (random() < 0.4) out += `|${literal()}${chance(0.3, literal)}`;
    return out.includes('|') ? `(?${random() < 0.3 ? 'i' : ''}:${out})` : out;
  };
  const run = (): string => pick(random, CLASSES) + chance(0.8, () => pick(random, COUNTS));
  const value = (): string => {
    let out = run();
    while (random() < 0.4) out += random() < 0.5 ? run() : literals() + run();
    return out;
  };
  const wrapped = (inner: string): string =>
    random() < 0.3 ? `(${inner})` : random() < 0.2 ? `(?:${inner})${pick(random, COUNTS)}` : inner;
  const alternative = (): string =>
    [
      chance(0.4, () => pick(random, EDGES)),
      chance(0.25, run),
      chance(0.7, literals),
      chance(0.3, run),
      wrapped(value()),
      chance(0.3, () => pick(random, EDGES)),
    ].join('');
  let out = alternative();
  while (random() < 0.12) out += `|${alternative()}`;
  return chance(0.25, () => `(?${pick(random, FLAGS)})`) + out;
}

const MIXED = [
  ...[
    '[a\\-]',
    '[\\w.]',
    '[^a]',
    '[^\\w]',
    '\\S',
    '.',
    '[éa]',
    '[0-9+]',
    '(?:a|-)',
    '(?:|=)',
    '-?',
    'a?',
    '[^b]*',
    '\\n?',
  ],
];

/** A literal between two edges with one piece each, which may belong to a word or not: what \b at a border hangs on. */
function edgy(random: Random): string {
  const some = (share: number, from: readonly string[]): string =>
    random() < share ? pick(random, from) : '';
  const middle = pick(random, LITERALS) + some(0.3, LITERALS);
  const left = some(0.7, EDGES) + some(0.7, MIXED);
  const right = some(0.7, MIXED) + some(0.7, EDGES);
  return some(0.1, ['(?i)', '(?m)', '(?im)']) + left + middle + right;
}

/** Pieces of shipped patterns put together anew. */
function spliced(random: Random): string {
  let out = '';
  for (let n = 1 + Math.floor(random() * 3); n > 0; n--) {
    const { source } = pick(random, shippedPatterns());
    const part = printTree(pick(random, partsOf(parseTree(source))));
    out += part.includes('|') ? `(?:${part})` : part;
  }
  return out;
}

/** How many groups a pattern has; undefined where RE2 refuses it. */
export function groupsOf(source: string): number | undefined {
  try {
    new RE2(source);
    return (new RE2(`(?:${source})|`).exec('')?.length ?? 1) - 1;
  } catch {
    return undefined;
  }
}

const KINDS: readonly ((random: Random) => string)[] = [
  (random) => randomPattern(random, 1 + Math.floor(random() * 3)),
  ruleLike,
  edgy,
  spliced,
];

/** A pattern that RE2 accepts, with one of its groups. */
export function randomSpec(random: Random): PatternSpec {
  for (;;) {
    const source = pick(random, KINDS)(random);
    const groups = groupsOf(source);
    if (groups !== undefined) return { source, group: Math.floor(random() * (groups + 1)) };
  }
}
