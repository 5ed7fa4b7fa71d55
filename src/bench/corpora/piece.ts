/** What corpora are made of. */
import type { CorpusName } from '../names.ts';
import type { Random } from '../random.ts';

/** A line, or a part of the one very long line. Holds one value that is to be found, or none. */
export interface Piece {
  /** Without a line end. */
  readonly text: string;
  /** Id of the rule that must find the value in it; undefined when nothing is to be found. */
  readonly rule: string | undefined;
}

/** How to make one corpus. */
export interface CorpusRecipe {
  readonly name: CorpusName;
  /** What it stands for, in one line. */
  readonly description: string;
  /** What follows each piece. */
  readonly separator: '\n' | ' ';
  /** Makes the next piece; depends on nothing but the numbers it draws. */
  readonly piece: (random: Random) => Piece;
}

export function clean(text: string): Piece {
  return { text, rule: undefined };
}
