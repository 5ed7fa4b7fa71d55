/**
 * Parsed pattern to byte program. The order of alternatives and the shape of loops follow RE2's compiler (a nullable
 * x* becomes (x+)?, x{2,4} becomes xx(x(x)?)?), since they decide which of several matches is preferred.
 *
 * It compiles backwards: each node is given the instruction that comes after it and returns its own entry, so that no
 * patch lists are needed. A reversed program reads the text from its end: concatenations and UTF-8 sequences turned
 * round, begin and end assertions swapped.
 */
import { ASSERT, isNullable, type Node, type Parsed, UnsupportedPattern } from '../syntax/ast.ts';
import type { Ranges } from '../syntax/ranges.ts';
import { factor } from './factor.ts';
import { type ByteSet, OP, type Program } from './program.ts';
import { type ByteTrie, byteTrie } from './trie.ts';

/**
 * Beyond this building one automaton state gets too slow to be worth it; RE2's own limit is some five times higher.
 * Instruction numbers have to fit 16 bits, they make the keys of states.
 */
const MAX_INSTRUCTIONS = 60_000;

const ALL_BYTES: ByteSet = new Uint8Array(256).fill(1);

export interface CompileOptions {
  readonly reversed: boolean;
  /** The only capture group to note; -1 none, -2 all. */
  readonly group: number;
}

/** @throws UnsupportedPattern when the program gets too large */
export function compileProgram(parsed: Parsed, options: CompileOptions): Program {
  return new Compiler(options).compile([parsed.root]);
}

/**
 * One program for several patterns at once: `arg` of each match instruction is the pattern's index in the list.
 * @throws UnsupportedPattern when the program gets too large
 */
export function compileUnion(roots: readonly Node[]): Program {
  return new Compiler({ reversed: false, group: -1 }).compile(roots);
}

class Compiler {
  readonly #options: CompileOptions;
  readonly #op: number[] = [OP.fail];
  readonly #out: number[] = [0];
  readonly #arg: number[] = [0];
  readonly #sets: ByteSet[] = [];
  readonly #setIds = new Map<string, number>();
  readonly #knownSets = new Map<ByteSet, number>();
  readonly #tries = new Map<Ranges, ByteTrie>();
  #hasAsserts = false;

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  /** Of several roots the first is preferred. */
  compile(roots: readonly Node[]): Program {
    const start = roots
      .map((root, index) => this.#node(root, this.#emit(OP.match, 0, index)))
      .reduceRight((later, earlier) => this.#emit(OP.alt, earlier, later));
    // .*? before the pattern, over any byte.
    const loop = this.#emit(OP.alt, start, 0);
    this.#arg[loop] = this.#emit(OP.set, loop, this.#setId(ALL_BYTES));
    return {
      op: Uint8Array.from(this.#op),
      out: Int32Array.from(this.#out),
      arg: Int32Array.from(this.#arg),
      sets: this.#sets,
      start,
      startUnanchored: loop,
      hasAsserts: this.#hasAsserts,
    };
  }

  #emit(op: number, out: number, arg: number): number {
    if (this.#op.length >= MAX_INSTRUCTIONS)
      throw new UnsupportedPattern('pattern compiles to too large a program');
    this.#op.push(op);
    this.#out.push(out);
    this.#arg.push(arg);
    return this.#op.length - 1;
  }

  #setId(set: ByteSet): number {
    // Tries share their sets over all copies of a repeated piece: known by identity, else by content.
    let id = this.#knownSets.get(set);
    if (id === undefined) {
      const key = Buffer.from(set.buffer, set.byteOffset, 256).toString('latin1');
      id = this.#setIds.get(key);
      if (id === undefined) {
        id = this.#sets.push(set) - 1;
        this.#setIds.set(key, id);
      }
      this.#knownSets.set(set, id);
    }
    return id;
  }

  /** @returns the entry of `node` when `next` follows it */
  #node(node: Node, next: number): number {
    switch (node.op) {
      case 'empty':
        return next;
      case 'byte':
        return this.#emit(OP.set, next, this.#setId(ALL_BYTES));
      case 'set':
        return this.#set(node.set, next);
      case 'assert':
        this.#hasAsserts = true;
        return this.#emit(OP.assert, next, this.#options.reversed ? swapEnds(node.assert) : node.assert);
      case 'cat': {
        const items = this.#options.reversed ? node.items : [...node.items].reverse();
        return items.reduce((after, item) => this.#node(item, after), next);
      }
      case 'alt':
        return factor(node.items, this.#options.reversed)
          .map((item) => this.#node(item, next))
          .reduceRight((later, earlier) => this.#emit(OP.alt, earlier, later));
      case 'group':
        return this.#group(node.item, node.index, next);
      case 'repeat':
        return this.#repeat(node.item, node.min, node.max, node.greedy, next);
    }
  }

  #group(item: Node, index: number, next: number): number {
    const { group, reversed } = this.#options;
    if (group !== -2 && group !== index) return this.#node(item, next);
    const begin = 2 * index;
    const after = this.#emit(OP.capture, next, reversed ? begin : begin + 1);
    return this.#emit(OP.capture, this.#node(item, after), reversed ? begin + 1 : begin);
  }

  #alt(preferLoop: boolean, body: number, next: number): number {
    return preferLoop ? this.#emit(OP.alt, body, next) : this.#emit(OP.alt, next, body);
  }

  #plus(item: Node, greedy: boolean, next: number): number {
    const loop = this.#alt(greedy, 0, next);
    const body = this.#node(item, loop);
    if (greedy) this.#out[loop] = body;
    else this.#arg[loop] = body;
    return body;
  }

  #star(item: Node, greedy: boolean, next: number): number {
    // One alternative is not enough for the right preferences when the body can be empty.
    if (isNullable(item)) return this.#alt(greedy, this.#plus(item, greedy, next), next);
    const loop = this.#alt(greedy, 0, next);
    const body = this.#node(item, loop);
    if (greedy) this.#out[loop] = body;
    else this.#arg[loop] = body;
    return loop;
  }

  #repeat(item: Node, min: number, max: number, greedy: boolean, next: number): number {
    let after = next;
    let copies = min;
    if (max === -1) {
      after = min === 0 ? this.#star(item, greedy, next) : this.#plus(item, greedy, next);
      copies = min === 0 ? 0 : min - 1;
    } else {
      for (let i = min; i < max; i++) after = this.#alt(greedy, this.#node(item, after), next);
    }
    for (let i = 0; i < copies; i++) after = this.#node(item, after);
    return after;
  }

  /** One character of a set: a trie of byte sets, so that at most one way is open for each byte. */
  #set(set: Ranges, next: number): number {
    let trie = this.#tries.get(set);
    if (trie === undefined) {
      trie = byteTrie(set, this.#options.reversed);
      this.#tries.set(set, trie);
    }
    return this.#trie(trie, next, new Map());
  }

  #trie(trie: ByteTrie, next: number, placed: Map<ByteTrie, number>): number {
    if (trie.length === 0) return 0;
    let entry = placed.get(trie);
    if (entry === undefined) {
      const ways = trie.map(({ set, rest }) =>
        this.#emit(OP.set, rest === undefined ? next : this.#trie(rest, next, placed), this.#setId(set)),
      );
      entry = ways.reduceRight((later, earlier) => this.#emit(OP.alt, earlier, later));
      placed.set(trie, entry);
    }
    return entry;
  }
}

function swapEnds(assert: number): number {
  switch (assert) {
    case ASSERT.beginLine:
      return ASSERT.endLine;
    case ASSERT.endLine:
      return ASSERT.beginLine;
    case ASSERT.beginText:
      return ASSERT.endText;
    case ASSERT.endText:
      return ASSERT.beginText;
    default:
      return assert;
  }
}
