/** One line as long as the corpus, looked at in windows: a dump without line ends, a value about every 2 KiB. */
import { email, hex, isoTime } from '../values.ts';
import { type CorpusRecipe, clean } from './piece.ts';

export const longLine: CorpusRecipe = {
  name: 'long-line',
  description: 'one line without an end, an address about every 2 KiB',
  separator: ' ',
  piece: (random) => {
    if (random.oneIn(20)) return { text: `to=${email(random)}`, rule: 'email' };
    return clean(
      `at=${isoTime(random)} row=${random.below(900_000)} state=done node=n${random.below(64)} ref=${hex(random, 24)}`,
    );
  },
};
