/**
 * Makes up texts that a pattern matches, from the pattern itself: for rules that come without examples. Letters and
 * digits are drawn where the pattern leaves the choice, so that the value looks like a random one. What conditions on
 * the surroundings ask for is not looked at; whoever uses a text tries it.
 */
import { ASSERT, type Node, UnsupportedPattern } from '../kernel/syntax/ast.ts';
import { parsePattern } from '../kernel/syntax/parse.ts';

/** An integer from 0 to `limit` - 1. */
export type Draw = (limit: number) => number;

/** Characters to draw from where a set holds them, best first. */
const PREFERRED = ['abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789', '-_=: .,/+@"\''];
/** More repetitions than asked for, where the pattern sets no end. */
const MOST_EXTRA = 4;
/** Longer texts are no examples. */
const MOST_CHARACTERS = 4096;
const SURROUNDINGS: readonly ((text: string) => string)[] = [
  (text) => `config loaded: ${text}`,
  (text) => `config loaded: ${text} source=env`,
  (text) => text,
  (text) => `msg="${text}"`,
  (text) => ` ${text} `,
];

/**
 * @returns texts to try, none where the pattern is beyond what can be made up
 */
export function makeTexts(source: string, attempts: number, draw: Draw): string[] {
  let root: Node;
  try {
    root = parsePattern(source).root;
  } catch (error) {
    if (error instanceof UnsupportedPattern) return [];
    throw error;
  }
  const texts: string[] = [];
  for (let attempt = 0; attempt < attempts; attempt++) {
    const text = new Maker(draw).make(root);
    if (text !== undefined) texts.push(...SURROUNDINGS.map((surround) => surround(text)));
  }
  return texts;
}

class Maker {
  readonly #draw: Draw;
  #left = MOST_CHARACTERS;

  constructor(draw: Draw) {
    this.#draw = draw;
  }

  /** Undefined where a text can't be made, or gets too long. */
  make(node: Node): string | undefined {
    switch (node.op) {
      case 'empty':
        return '';
      case 'assert':
        return node.assert === ASSERT.noWordBoundary ? undefined : '';
      case 'byte':
        return this.#taken('x');
      case 'set':
        return this.#taken(this.#fromSet(node.set));
      case 'group':
        return this.make(node.item);
      case 'cat':
        return this.#joined(node.items);
      case 'alt':
        return this.make(node.items[this.#draw(node.items.length)] as Node);
      case 'repeat': {
        const most = node.max < 0 ? node.min + MOST_EXTRA : Math.min(node.max, node.min + MOST_EXTRA);
        const isOptional = node.min === 0 && this.#draw(2) === 0;
        const count = isOptional || !node.greedy ? node.min : node.min + this.#draw(most - node.min + 1);
        return this.#joined(new Array<Node>(count).fill(node.item));
      }
    }
  }

  #joined(nodes: readonly Node[]): string | undefined {
    let text = '';
    for (const node of nodes) {
      const part = this.make(node);
      if (part === undefined || this.#left < 0) return undefined;
      text += part;
    }
    return text;
  }

  #taken(char: string | undefined): string | undefined {
    this.#left--;
    return char;
  }

  #fromSet(ranges: readonly number[]): string | undefined {
    const has = (code: number): boolean => {
      for (let i = 0; i < ranges.length; i += 2) {
        if (code >= (ranges[i] as number) && code <= (ranges[i + 1] as number)) return true;
      }
      return false;
    };
    for (const wanted of PREFERRED) {
      const members = [...wanted].filter((char) => has(char.charCodeAt(0)));
      if (members.length > 0) return members[this.#draw(members.length)];
    }
    const first = ranges.find((code, index) => index % 2 === 0 && code > 0x20);
    return first === undefined ? undefined : String.fromCodePoint(first);
  }
}
