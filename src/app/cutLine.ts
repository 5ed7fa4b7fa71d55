/**
 * What becomes of a line of which only the begin was read, because a signal or a read error ended the reading: half a
 * secret looks like none, so no rule can vouch for it. It fails closed as a line does that can't be looked at.
 */
import type { Tally } from '../findings/summary.ts';
import { withheldPlaceholder } from '../scan/placeholder.ts';
import type { Emit } from './feed.ts';

/** What ended the reading, as the placeholder says it. */
export type Cut = 'cut by a signal' | 'cut by a read error';

const LF = 0x0a;

/** Stands between a feed and its output; passes everything until it is told that the rest ends in a cut line. */
export class CutLine {
  readonly #emit: Emit;
  /** Output behind the last line end, kept back while the feed ends; undefined while nothing is. */
  #rest: Buffer | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  readonly pass: Emit = async (bytes) => {
    if (this.#rest === undefined) {
      await this.#emit(bytes);
      return;
    }
    const whole = bytes.lastIndexOf(LF) + 1;
    if (whole === 0) {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      return;
    }
    const lines = Buffer.concat([this.#rest, bytes.subarray(0, whole)]);
    this.#rest = Buffer.from(bytes.subarray(whole));
    await this.#emit(lines);
  };

  /**
   * Ends a source that was cut: whole lines and values that are held are handed on as at any end; of the line that was
   * begun nothing more is, not even where the rules found something in what was read of it.
   * @param end hands on through `pass` all that is left
   * @returns whether there was such a line
   */
  async end(cut: Cut, end: () => Promise<void>, tally: Tally): Promise<boolean> {
    this.#rest = Buffer.alloc(0);
    await end();
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest.length === 0) return false;
    const placeholder = Buffer.from(withheldPlaceholder(cut));
    tally.anomalies.linesWithheld++;
    tally.linesChanged++;
    tally.bytesOut += placeholder.length - rest.length;
    await this.#emit(placeholder);
    return true;
  }
}
