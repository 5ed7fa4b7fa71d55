/**
 * Parser for RE2's syntax as node-re2 passes it on (Perl flavour, UTF-8, no flags but inline ones).
 *
 * Case folding, the dot, named and negated classes all become plain sets of code points here, so that nothing later
 * has to know about flags. Limits are RE2's: counts up to 1000, and no more than 1000 copies of anything by nesting.
 * Where RE2 would report an error this throws UnsupportedPattern; it is not meant to explain errors to people.
 */
import { ASSERT, isNullable, type Node, type Parsed, UnsupportedPattern } from './ast.ts';
import { foldRanges, foldRune } from './fold.ts';
import { MAX_RUNE, negate, normalise, type Ranges } from './ranges.ts';
import { translatePattern } from './translate.ts';
import { unicodeClass } from './unicode.ts';

/** RE2's maximum_repeat_count. */
const MAX_REPEAT = 1000;
/** Protects this recursive code; RE2 takes some more. */
const MAX_DEPTH = 500;
const NEWLINE = 10;

const DIGIT: Ranges = [0x30, 0x39];
const SPACE: Ranges = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20];
const WORD: Ranges = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const ANY: Ranges = [0, MAX_RUNE];
const NOT_NEWLINE: Ranges = [0, NEWLINE - 1, NEWLINE + 1, MAX_RUNE];

const PERL: ReadonlyMap<string, Ranges> = new Map([
  ['d', DIGIT],
  ['s', SPACE],
  ['w', WORD],
]);

const POSIX: ReadonlyMap<string, Ranges> = new Map<string, Ranges>([
  ['alnum', [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]],
  ['alpha', [0x41, 0x5a, 0x61, 0x7a]],
  ['ascii', [0, 0x7f]],
  ['blank', [9, 9, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', DIGIT],
  ['graph', [0x21, 0x7e]],
  ['lower', [0x61, 0x7a]],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [9, 13, 0x20, 0x20]],
  ['upper', [0x41, 0x5a]],
  ['word', WORD],
  ['xdigit', [0x30, 0x39, 0x41, 0x46, 0x61, 0x66]],
]);

const SIMPLE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['a', 7],
  ['f', 12],
  ['v', 11],
]);

interface Flags {
  readonly fold: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly ungreedy: boolean;
}

const NO_FLAGS: Flags = { fold: false, multiline: false, dotAll: false, ungreedy: false };
const EMPTY: Node = { op: 'empty' };

/**
 * Parses a pattern as node-re2 would take it.
 * @param source as given to `new RE2(source)`
 * @throws UnsupportedPattern for what RE2 refuses or the kernel can't guarantee
 */
export function parsePattern(source: string): Parsed {
  if (/\p{Surrogate}/u.test(source)) throw new UnsupportedPattern('pattern holds half a surrogate pair');
  return new Parser([...translatePattern(source)]).parse();
}

class Parser {
  readonly #chars: readonly string[];
  #at = 0;
  #flags = NO_FLAGS;
  #groups = 0;
  #depth = 0;
  readonly #names = new Set<string>();

  constructor(chars: readonly string[]) {
    this.#chars = chars;
  }

  parse(): Parsed {
    const root = this.#alternation();
    if (this.#at < this.#chars.length) throw this.#refuse('unexpected )');
    checkCopies(root, MAX_REPEAT);
    checkLoops(root);
    return { root, groups: this.#groups };
  }

  #refuse(why: string): UnsupportedPattern {
    return new UnsupportedPattern(`${why} at character ${this.#at + 1}`);
  }

  #peek(ahead = 0): string | undefined {
    return this.#chars[this.#at + ahead];
  }

  #next(): string {
    const char = this.#chars[this.#at];
    if (char === undefined) throw this.#refuse('pattern ends too early');
    this.#at += 1;
    return char;
  }

  #eat(text: string): boolean {
    let i = 0;
    for (const char of text) {
      if (this.#chars[this.#at + i] !== char) return false;
      i += 1;
    }
    this.#at += i;
    return true;
  }

  /** Everything up to the closing parenthesis (not eaten) or the end. */
  #alternation(): Node {
    if (++this.#depth > MAX_DEPTH) throw this.#refuse('nested too deep');
    const branches: Node[] = [];
    do branches.push(this.#concatenation());
    while (this.#eat('|'));
    this.#depth -= 1;
    return branches.length === 1 ? (branches[0] as Node) : { op: 'alt', items: branches };
  }

  #concatenation(): Node {
    const items: Node[] = [];
    let afterRepeat = false;
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      const counts = this.#repetition(char);
      if (counts === undefined) {
        this.#atom(items, char);
        afterRepeat = false;
        continue;
      }
      const lazy = this.#eat('?');
      // Perl forbids a**; with something invisible in between, as in a*(?i)*, RE2 takes it.
      if (afterRepeat) throw this.#refuse('bad repetition operator');
      const item = items.pop();
      if (item === undefined) throw this.#refuse('nothing to repeat');
      items.push(repeat(item, counts.min, counts.max, lazy === this.#flags.ungreedy, char !== '{'));
      afterRepeat = true;
    }
    if (items.length === 0) return EMPTY;
    return items.length === 1 ? (items[0] as Node) : { op: 'cat', items };
  }

  /** Eats * + ? {n} {n,} {n,m}; undefined and nothing eaten when there is none ({ is then a literal). */
  #repetition(char: string): { min: number; max: number } | undefined {
    if (char === '*' || char === '+' || char === '?') {
      this.#at += 1;
      return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : -1 };
    }
    if (char !== '{') return undefined;
    const start = this.#at;
    this.#at += 1;
    const min = this.#integer();
    let max = min;
    if (min !== undefined && this.#eat(',')) max = this.#peek() === '}' ? -1 : this.#integer();
    if (min === undefined || max === undefined || !this.#eat('}')) {
      this.#at = start;
      return undefined;
    }
    if ((max !== -1 && max < min) || min > MAX_REPEAT || max > MAX_REPEAT)
      throw this.#refuse('bad repetition count');
    return { min, max };
  }

  #integer(): number | undefined {
    let digits = '';
    for (let char = this.#peek(); char !== undefined && char >= '0' && char <= '9'; char = this.#peek()) {
      digits += char;
      this.#at += 1;
    }
    // RE2 takes a number with a leading zero, or one of ten digits and more, for plain text.
    if (digits === '' || (digits.length > 1 && digits.startsWith('0')) || digits.length > 9) return undefined;
    return Number(digits);
  }

  #atom(items: Node[], char: string): void {
    switch (char) {
      case '(':
        this.#parenthesis(items);
        return;
      case '[':
        items.push(this.#bracket());
        return;
      case '.':
        this.#at += 1;
        items.push({ op: 'set', set: this.#flags.dotAll ? ANY : NOT_NEWLINE });
        return;
      case '^':
        this.#at += 1;
        items.push({ op: 'assert', assert: this.#flags.multiline ? ASSERT.beginLine : ASSERT.beginText });
        return;
      case '$':
        this.#at += 1;
        items.push({ op: 'assert', assert: this.#flags.multiline ? ASSERT.endLine : ASSERT.endText });
        return;
      case '\\':
        this.#backslash(items);
        return;
      default:
        this.#at += 1;
        items.push(this.#literal(codePoint(char)));
    }
  }

  #literal(rune: number): Node {
    const set = this.#flags.fold ? normalise(foldRune(rune).flatMap((r) => [r, r])) : [rune, rune];
    return { op: 'set', set };
  }

  /** A group, or flags on their own, which change what follows and leave no item. */
  #parenthesis(items: Node[]): void {
    const before = this.#flags;
    let index = -1;
    if (this.#eat('(?')) {
      if (this.#eat('P<')) index = this.#named();
      else if (!this.#perlFlags()) return;
    } else {
      this.#at += 1;
      index = ++this.#groups;
    }
    const item = this.#alternation();
    if (!this.#eat(')')) throw this.#refuse('missing )');
    this.#flags = before;
    items.push(index < 0 ? item : { op: 'group', item, index });
  }

  #named(): number {
    let name = '';
    for (let char = this.#next(); char !== '>'; char = this.#next()) name += char;
    // RE2 allows letters of any script; whether it takes this name is its own decision, made before the kernel's.
    if (name === '' || this.#names.has(name)) throw this.#refuse('bad group name');
    this.#names.add(name);
    return ++this.#groups;
  }

  /** After "(?": eats flags up to and with : or ). @returns true when a group opens */
  #perlFlags(): boolean {
    let flags = this.#flags;
    let negated = false;
    let sawFlag = false;
    for (;;) {
      const char = this.#next();
      if (char === ':' || char === ')') {
        if (negated && !sawFlag) throw this.#refuse('bad flags');
        this.#flags = flags;
        return char === ':';
      }
      if (char === '-' && !negated) {
        negated = true;
        sawFlag = false;
        continue;
      }
      sawFlag = true;
      const on = !negated;
      if (char === 'i') flags = { ...flags, fold: on };
      else if (char === 'm') flags = { ...flags, multiline: on };
      else if (char === 's') flags = { ...flags, dotAll: on };
      else if (char === 'U') flags = { ...flags, ungreedy: on };
      else throw this.#refuse('unknown flag');
    }
  }

  #backslash(items: Node[]): void {
    const next = this.#peek(1);
    const assert =
      next === 'b'
        ? ASSERT.wordBoundary
        : next === 'B'
          ? ASSERT.noWordBoundary
          : next === 'A'
            ? ASSERT.beginText
            : next === 'z'
              ? ASSERT.endText
              : undefined;
    if (assert !== undefined) {
      this.#at += 2;
      items.push({ op: 'assert', assert });
    } else if (next === 'C') {
      this.#at += 2;
      items.push({ op: 'byte' });
    } else if (next === 'Q') {
      this.#at += 2;
      while (this.#at < this.#chars.length && !this.#eat('\\E'))
        items.push(this.#literal(codePoint(this.#next())));
    } else {
      const set = this.#namedClass();
      if (set !== undefined) items.push({ op: 'set', set });
      else items.push(this.#literal(this.#escape()));
    }
  }

  /** \d \S \pL \P{Greek} and so on, folded when (?i) is on; undefined and nothing eaten for anything else. */
  #namedClass(): Ranges | undefined {
    const letter = this.#peek(1);
    if (this.#peek() !== '\\' || letter === undefined) return undefined;
    const perl = PERL.get(letter.toLowerCase());
    if (perl !== undefined && letter.length === 1) {
      this.#at += 2;
      return this.#signed(perl, letter === letter.toLowerCase());
    }
    if (letter !== 'p' && letter !== 'P') return undefined;
    this.#at += 2;
    let positive = letter === 'p';
    let name = this.#next();
    if (name === '{') {
      name = '';
      for (let char = this.#next(); char !== '}'; char = this.#next()) name += char;
      if (name.startsWith('^')) {
        positive = !positive;
        name = name.slice(1);
      }
    } else if (name === '^') throw this.#refuse('bad class');
    if (!/^[A-Za-z_]+$/.test(name)) throw this.#refuse('unknown class');
    try {
      return this.#signed(name === 'Any' ? ANY : unicodeClass(name), positive);
    } catch (error) {
      if (error instanceof SyntaxError) throw this.#refuse('unknown class');
      throw error;
    }
  }

  /** RE2 folds a named class before it negates it. */
  #signed(set: Ranges, positive: boolean): Ranges {
    const folded = this.#flags.fold ? foldRanges(set) : set;
    return positive ? folded : negate(folded);
  }

  #bracket(): Node {
    this.#at += 1;
    const negated = this.#eat('^');
    const parts: number[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === undefined) throw this.#refuse('missing ]');
      const named = this.#posixClass() ?? this.#namedClass();
      if (named !== undefined) {
        for (const bound of named) parts.push(bound);
        continue;
      }
      const lo = this.#classCharacter();
      let hi = lo;
      if (this.#peek() === '-' && this.#peek(1) !== undefined && this.#peek(1) !== ']') {
        this.#at += 1;
        hi = this.#classCharacter();
        if (hi < lo) throw this.#refuse('bad range');
      }
      const range = this.#flags.fold ? foldRanges([lo, hi]) : [lo, hi];
      for (const bound of range) parts.push(bound);
    }
    this.#at += 1;
    const set = normalise(parts);
    return { op: 'set', set: negated ? negate(set) : set };
  }

  #posixClass(): Ranges | undefined {
    if (this.#peek() !== '[' || this.#peek(1) !== ':') return undefined;
    let end = this.#at + 2;
    while (end < this.#chars.length && !(this.#chars[end] === ':' && this.#chars[end + 1] === ']')) end += 1;
    if (end >= this.#chars.length) return undefined;
    let name = this.#chars.slice(this.#at + 2, end).join('');
    const positive = !name.startsWith('^');
    if (!positive) name = name.slice(1);
    const set = POSIX.get(name);
    if (set === undefined) throw this.#refuse('unknown class');
    this.#at = end + 2;
    return this.#signed(set, positive);
  }

  #classCharacter(): number {
    if (this.#peek() === '\\') return this.#escape();
    return codePoint(this.#next());
  }

  /** An escape that stands for one character. */
  #escape(): number {
    this.#at += 1;
    const char = this.#next();
    const simple = SIMPLE_ESCAPES.get(char);
    if (simple !== undefined) return simple;
    if (char === 'x') return this.#hex();
    if (char >= '0' && char <= '7') {
      const isOctal = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '7';
      // A single digit but 0 would be a back reference.
      if (char !== '0' && !isOctal(this.#peek())) throw this.#refuse('bad escape');
      let digits = char;
      while (digits.length < 3 && isOctal(this.#peek())) digits += this.#next();
      return Number.parseInt(digits, 8);
    }
    const rune = codePoint(char);
    if (rune < 0x80 && !/[0-9A-Za-z]/.test(char)) return rune;
    throw this.#refuse('bad escape');
  }

  #hex(): number {
    let digits = '';
    if (this.#eat('{')) {
      for (let char = this.#next(); char !== '}'; char = this.#next()) digits += char;
    } else digits = this.#next() + this.#next();
    const rune = Number.parseInt(digits, 16);
    if (!/^[0-9A-Fa-f]+$/.test(digits) || rune > MAX_RUNE) throw this.#refuse('bad escape');
    // RE2 lets a surrogate be written, which no valid text holds.
    if (rune >= 0xd800 && rune <= 0xdfff) throw this.#refuse('surrogate');
    return rune;
  }
}

/** item{min,max}; a stacked * + ? of the same greediness squashes to *, as in RE2's parser. */
function repeat(item: Node, min: number, max: number, greedy: boolean, simple: boolean): Node {
  if (item.op === 'repeat' && item.simple && simple && item.greedy === greedy) {
    if (item.min === min && item.max === max) return item;
    return { ...item, min: 0, max: -1 };
  }
  return { op: 'repeat', item, min, max, greedy, simple };
}

/**
 * Declines loops that an assertion lets pass without consuming anything, as (?:\b|x)+. The automata decide assertions
 * only on the transition, when they have forgotten that the loop was entered at this very place, and would run it once
 * more where Pike's machine (and RE2) leaves it; see dfa/lazy.ts. Elsewhere the late decision changes no preference.
 */
function checkLoops(node: Node): void {
  switch (node.op) {
    case 'cat':
    case 'alt':
      for (const item of node.items) checkLoops(item);
      return;
    case 'group':
      checkLoops(node.item);
      return;
    case 'repeat':
      if (node.max === -1 && isNullable(node.item) && hasAssert(node.item)) {
        throw new UnsupportedPattern('a loop whose body can be empty by an assertion');
      }
      checkLoops(node.item);
  }
}

function hasAssert(node: Node): boolean {
  switch (node.op) {
    case 'assert':
      return true;
    case 'cat':
    case 'alt':
      return node.items.some(hasAssert);
    case 'group':
    case 'repeat':
      return hasAssert(node.item);
    default:
      return false;
  }
}

/** RE2 refuses counted repetitions that multiply to more than 1000 copies. */
function checkCopies(node: Node, allowed: number): void {
  switch (node.op) {
    case 'cat':
    case 'alt':
      for (const item of node.items) checkCopies(item, allowed);
      return;
    case 'group':
      checkCopies(node.item, allowed);
      return;
    case 'repeat': {
      const copies = node.simple ? 1 : Math.max(node.max < 0 ? node.min : node.max, 1);
      const left = Math.floor(allowed / copies);
      if (left === 0) throw new UnsupportedPattern('repetitions multiply to more than 1000');
      checkCopies(node.item, left);
    }
  }
}

function codePoint(char: string): number {
  return char.codePointAt(0) as number;
}
