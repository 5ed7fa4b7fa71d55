/**
 * Log corpora made from a seed, each with the counts of what must be found in it. No corpus is shipped: the same name,
 * size and seed give the same bytes everywhere, and a smaller corpus is the beginning of a larger one.
 */
import { accessLog } from './corpora/accessLog.ts';
import { cleanLog } from './corpora/cleanLog.ts';
import { denseLog } from './corpora/denseLog.ts';
import { jsonLog } from './corpora/jsonLog.ts';
import { longLine } from './corpora/longLine.ts';
import type { CorpusRecipe } from './corpora/piece.ts';
import { worstCase, worstCaseLong } from './corpora/worstCase.ts';
import { CORPUS_NAMES } from './names.ts';
import { Random } from './random.ts';

export interface Corpus {
  readonly name: string;
  readonly description: string;
  readonly bytes: Buffer;
  readonly lines: number;
  /** Without the line end. */
  readonly longestLineBytes: number;
  /** Findings by rule id under the rules that ship; no other rule of them finds anything. */
  readonly expected: ReadonlyMap<string, number>;
}

const RECIPES: readonly CorpusRecipe[] = [
  cleanLog,
  accessLog,
  denseLog,
  jsonLog,
  worstCase,
  worstCaseLong,
  longLine,
];

export const DEFAULT_SEED = 20_260_314;

/** The longest piece any recipe makes is far below this. */
const SLACK_BYTES = 64 * 1024;

/**
 * @param name one of {@link CORPUS_NAMES}
 * @param sizeBytes the corpus ends with the first piece that reaches it, and with a line end
 */
export function makeCorpus(name: string, sizeBytes: number, seed = DEFAULT_SEED): Corpus {
  const recipe = RECIPES.find((candidate) => candidate.name === name);
  if (recipe === undefined) throw new RangeError(`expected one of ${CORPUS_NAMES.join(', ')}, got ${name}`);
  const random = new Random(seed);
  const buffer = Buffer.allocUnsafe(sizeBytes + SLACK_BYTES);
  const expected = new Map<string, number>();
  let length = 0;
  let pieces = 0;
  let longestPiece = 0;
  while (length < sizeBytes) {
    const { text, rule } = recipe.piece(random);
    const written = buffer.write(text + recipe.separator, length);
    length += written;
    pieces++;
    longestPiece = Math.max(longestPiece, written - 1);
    if (rule !== undefined) expected.set(rule, (expected.get(rule) ?? 0) + 1);
  }
  const isOneLine = recipe.separator !== '\n';
  buffer[length - 1] = 0x0a;
  return {
    name,
    description: recipe.description,
    bytes: buffer.subarray(0, length),
    lines: isOneLine ? 1 : pieces,
    longestLineBytes: isOneLine ? length - 1 : longestPiece,
    expected,
  };
}
