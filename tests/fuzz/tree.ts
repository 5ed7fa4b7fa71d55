/**
 * RE2 syntax as a tree, for making texts that match and for cutting failing patterns down. It is not the kernel's
 * parser and shares nothing with it: atoms keep their source, and what they match is asked of RE2. Where this parser
 * misreads something the texts match less often and a cut-down pattern is refused; no judgement rests on it.
 */
import RE2 from 're2';

export type Tree =
  /** A character, class, escape, assertion or anything else without parts. */
  | { readonly kind: 'atom'; readonly source: string; readonly flags: string }
  | { readonly kind: 'sequence'; readonly items: readonly Tree[] }
  | { readonly kind: 'choice'; readonly items: readonly Tree[] }
  /** `open` is everything from the parenthesis to the first item: `(`, `(?:`, `(?i:`, `(?P<name>`. */
  | { readonly kind: 'group'; readonly open: string; readonly item: Tree }
  | {
      readonly kind: 'repeat';
      readonly item: Tree;
      readonly min: number;
      /** Infinity for none. */
      readonly max: number;
      readonly suffix: string;
    };

const REPETITION = /^(?:[*+?]|\{(\d{1,4})(?:(,)(\d{0,4}))?\})\??/;
const ESCAPE =
  /^\\(?:[pP](?:\{[^}]*\}|.)|x(?:\{[0-9A-Fa-f]+\}|[0-9A-Fa-f]{2})|u[0-9A-Fa-f]{4}|[0-7]{1,3}|[\s\S])/u;
const ONLY_FLAGS = /^\(\?([a-zA-Z-]*)\)/;
const OPENING = /^\((?:\?(?:P?<[^>]*>|([a-zA-Z-]*):))?/;
const EMPTY: Tree = { kind: 'sequence', items: [] };

/** Flags of an atom are written in front of it when RE2 is asked, so only what is set is kept. */
function changed(flags: string, change: string): string {
  const [on = '', off = ''] = change.split('-', 2);
  return [...new Set(flags + on)].filter((flag) => !off.includes(flag)).join('');
}

/** Reads a pattern that RE2 accepts. */
export function parseTree(source: string): Tree {
  let at = 0;
  const eat = (pattern: RegExp): RegExpExecArray | undefined => {
    const found = pattern.exec(source.slice(at));
    if (found !== null) at += found[0].length;
    return found ?? undefined;
  };

  const choice = (outer: string): Tree => {
    const items: Tree[] = [];
    let flags = outer;
    do {
      const sequence: Tree[] = [];
      while (at < source.length && source[at] !== '|' && source[at] !== ')') {
        const only = eat(ONLY_FLAGS);
        if (only !== undefined) {
          flags = changed(flags, only[1]);
          sequence.push({ kind: 'atom', source: only[0], flags });
          continue;
        }
        const item = source[at] === '(' ? group(flags) : atom(flags);
        sequence.push(repeated(item));
      }
      items.push(sequence.length === 1 ? (sequence[0] as Tree) : { kind: 'sequence', items: sequence });
    } while (eat(/^\|/) !== undefined);
    return items.length === 1 ? (items[0] as Tree) : { kind: 'choice', items };
  };

  const group = (flags: string): Tree => {
    const [open, change] = eat(OPENING) as RegExpExecArray;
    const item = choice(change === undefined ? flags : changed(flags, change));
    eat(/^\)/);
    return { kind: 'group', open, item };
  };

  const atom = (flags: string): Tree => {
    const start = at;
    if (source.startsWith('\\Q', at)) {
      const end = source.indexOf('\\E', at);
      at = end < 0 ? source.length : end + 2;
    } else if (source[at] === '[') {
      eat(/^\[\^?\]?/);
      while (at < source.length && source[at] !== ']') {
        if (eat(/^\[:\^?\w+:\]/) === undefined && eat(ESCAPE) === undefined) at += 1;
      }
      at += 1;
    } else if (eat(ESCAPE) === undefined) {
      at += (source.codePointAt(at) as number) > 0xffff ? 2 : 1;
    }
    return { kind: 'atom', source: source.slice(start, at), flags };
  };

  const repeated = (item: Tree): Tree => {
    const found = eat(REPETITION);
    if (found === undefined) return item;
    const [suffix, min, comma, max] = found;
    const most = comma === undefined ? min : max;
    return repeated({
      kind: 'repeat',
      item,
      suffix,
      min: min === undefined ? (suffix.startsWith('+') ? 1 : 0) : Number(min),
      max:
        min === undefined
          ? suffix.startsWith('?')
            ? 1
            : Number.POSITIVE_INFINITY
          : Number(most || Infinity),
    });
  };

  const parts: Tree[] = [];
  while (at < source.length) {
    parts.push(choice(''));
    // A parenthesis that closes nothing: RE2 would have refused it, so something was misread.
    if (at < source.length) at += 1;
  }
  return parts.length === 1 ? (parts[0] as Tree) : { kind: 'sequence', items: parts };
}

export function printTree(tree: Tree): string {
  switch (tree.kind) {
    case 'atom':
      return tree.source;
    case 'sequence':
      return tree.items.map(printTree).join('');
    case 'choice':
      return tree.items.map(printTree).join('|');
    case 'group':
      return `${tree.open}${printTree(tree.item)})`;
    case 'repeat':
      return printTree(tree.item) + tree.suffix;
  }
}

/** All parts of a tree that could stand by themselves, itself included. */
export function partsOf(tree: Tree): Tree[] {
  switch (tree.kind) {
    case 'atom':
      return [tree];
    case 'sequence':
    case 'choice':
      return [tree, ...tree.items.flatMap(partsOf)];
    case 'group':
    case 'repeat':
      return [tree, ...partsOf(tree.item)];
  }
}

/** Trees with one thing less, the much smaller ones first. */
export function* smallerTrees(tree: Tree): Generator<Tree> {
  switch (tree.kind) {
    case 'atom':
      if (tree.source.length > 1 && !tree.source.startsWith('(')) yield { ...tree, source: 'a' };
      return;
    case 'group':
      yield tree.item.kind === 'choice' ? { ...tree, open: '(?:' } : tree.item;
      for (const item of smallerTrees(tree.item)) yield { ...tree, item };
      return;
    case 'repeat': {
      yield tree.item;
      if (tree.min > 2) yield { ...tree, min: 2, max: 2, suffix: '{2}' };
      if (tree.suffix.length > 1) yield { ...tree, suffix: tree.min === 0 ? '*' : '+' };
      for (const item of smallerTrees(tree.item)) yield { ...tree, item };
      return;
    }
    default:
      for (let count = tree.items.length >> 1; count > 1; count >>= 1) {
        for (let at = 0; at < tree.items.length; at += count) yield without(tree, at, count);
      }
      for (let at = 0; at < tree.items.length; at++) yield without(tree, at, 1);
      for (const [at, item] of tree.items.entries()) {
        for (const smaller of smallerTrees(item)) yield { ...tree, items: tree.items.with(at, smaller) };
      }
  }
}

function without(tree: Extract<Tree, { items: readonly Tree[] }>, at: number, count: number): Tree {
  const items = tree.items.toSpliced(at, count);
  if (items.length === 0) return EMPTY;
  return items.length === 1 ? (items[0] as Tree) : { ...tree, items };
}

/**
 * Characters that atoms are tried on: all of ASCII, what folds in unusual ways (long s, Kelvin and Angstrom sign, dotted
 * and final letters), and one or more of each length in UTF-8 and of the scripts that classes name.
 */
const CANDIDATES = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)),
  ...'\u0080\u00a0¡©éÉÿŸßẞÀñÑıİſ\u212a\u212bµμΜςσΣΩωабвЖжЯя҉ԯאبあ中文字٠७Ⅷ½€₂“”–—…\u2028\u3000\ufeff\ufffd\ud7ff\ue000\uffff',
  ...'😀𝒳𝟘𐐀𐐨\u{10ffff}',
];
const MAX_CACHED = 5000;
const cache = new Map<string, readonly string[]>();

/** Which of the candidates an atom matches by itself; empty for assertions. */
function charactersOf(source: string, flags: string): readonly string[] {
  const key = `${flags}/${source}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  let found: readonly string[] = [];
  try {
    const regex = new RE2(`^(?${flags}:${source})$`);
    found = CANDIDATES.filter((character) => regex.test(character));
  } catch {
    // Not an atom by itself, as a lone flag group: it stands for nothing.
  }
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, found);
  return found;
}

/** Unbounded repetition rarely goes on for long, and large counts are rarely taken to their end. */
const USUAL_EXTRA = 3;
const LONG_EXTRA = 40;

/**
 * A text the pattern has a good chance to match: alternatives, counts and characters are picked, assertions ignored.
 * @param budget how many characters may come of repetition above the least
 */
export function sample(tree: Tree, random: () => number, budget = 200): string {
  let left = budget;
  const upTo = (count: number): number => Math.floor(random() * (count + 1));
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  const walk = (node: Tree): string => {
    switch (node.kind) {
      case 'atom': {
        if (node.source.startsWith('\\Q')) return node.source.slice(2, -2);
        const characters = charactersOf(node.source, node.flags);
        // Of a large class a plain character is as interesting as all others together.
        const plain = random() < 0.5 ? characters.filter((character) => /[ -~]/.test(character)) : [];
        return pick(plain) ?? pick(characters) ?? '';
      }
      case 'sequence':
        return node.items.map(walk).join('');
      case 'choice':
        return node.items.length === 0 ? '' : walk(pick(node.items) as Tree);
      case 'group':
        return walk(node.item);
      case 'repeat': {
        const extra = random() < 0.1 ? LONG_EXTRA : USUAL_EXTRA;
        const most = Math.min(node.max - node.min, extra, Math.max(left, 0));
        const count = node.min + upTo(most);
        left -= count - node.min;
        let out = '';
        for (let n = 0; n < count; n++) out += walk(node.item);
        return out;
      }
    }
  };
  return walk(tree);
}
