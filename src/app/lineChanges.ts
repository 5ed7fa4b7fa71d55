/**
 * Shows what a scrub would change: lines as they are and as they would be, with every value masked, those that stay
 * included. A diff for people's eyes that tells no value.
 */

import type { RuleSet } from '../rules/ruleSet.ts';
import type { ContentReader } from '../scrub/content.ts';
import type { ChangedLine } from '../scrub/findingsCount.ts';
import { Redaction } from './redaction.ts';

/** Without a value in it, and without a control character. */
export interface LineChange {
  /** Counts from 1. */
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

const LF = 0x0a;
/** Longer lines are not shown: nobody reads them. */
const MOST_LINE_BYTES = 64 * 1024;
/** Characters shown of a line, and of these before the first change. */
const SHOWN_WIDTH = 160;
const SHOWN_BEFORE = 40;

export class LineChanges {
  readonly #redaction: Redaction;
  readonly #ruleSet: RuleSet;
  #masking: Redaction | undefined;

  constructor(redaction: Redaction, ruleSet: RuleSet) {
    this.#redaction = redaction;
    this.#ruleSet = ruleSet;
  }

  /**
   * Reads the file once more, up to the last of the lines.
   * @param lines ascending
   */
  async of(reader: ContentReader, lines: readonly ChangedLine[]): Promise<LineChange[]> {
    const changes: LineChange[] = [];
    const texts = new LineTexts(lines);
    for await (const chunk of reader.chunks()) {
      texts.add(chunk);
      if (texts.isDone) break;
    }
    for (const [index, line] of lines.entries()) changes.push(this.#change(line, texts.textOf(index)));
    return changes;
  }

  #change({ line, valueEnd, rule }: ChangedLine, text: Buffer | undefined): LineChange {
    if (text === undefined) return { line, before: '(a long line, not shown)', after: `[REDACTED:${rule}]` };
    if (valueEnd > text.length)
      return { line, before: '(a value of several lines)', after: `[REDACTED:${rule}]` };
    const before = this.#mask(text);
    const after = this.#mask(run(this.#redaction, text));
    // The second text differs from the first where something is changed, so that is where it is cut.
    const from = Math.max(0, commonStart(before, after) - SHOWN_BEFORE);
    return { line, before: excerpt(before, from), after: excerpt(after, from) };
  }

  /** Masks whole whatever any rule finds, in JSON keys too. */
  #mask(text: Buffer): string {
    this.#masking ??= new Redaction(
      {
        ...this.#redaction.settings,
        ...{ action: 'mask', mask: { keepFirst: 0, keepLast: 0, keepFormat: false }, keepKeys: false },
      },
      this.#ruleSet,
    );
    return run(this.#masking, text).toString().replace(/\p{C}/gu, '?');
  }
}

function run(redaction: Redaction, text: Buffer): Buffer {
  const stream = redaction.openStream(() => 'memory');
  return Buffer.concat([Buffer.from(stream.push(text)), stream.end()]);
}

function commonStart(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

function excerpt(text: string, from: number): string {
  const cut = text.slice(from, from + SHOWN_WIDTH);
  return `${from > 0 ? '…' : ''}${cut}${from + SHOWN_WIDTH < text.length ? '…' : ''}`;
}

/** Picks lines out of content that comes in chunks. */
class LineTexts {
  readonly #lines: readonly ChangedLine[];
  readonly #texts: (Buffer | undefined)[];
  readonly #ended: boolean[];
  #at = 0;
  #first = 0;

  constructor(lines: readonly ChangedLine[]) {
    this.#lines = lines;
    this.#texts = lines.map(() => Buffer.alloc(0));
    this.#ended = lines.map(() => false);
  }

  get isDone(): boolean {
    return this.#first >= this.#lines.length;
  }

  add(chunk: Buffer): void {
    for (let index = this.#first; index < this.#lines.length; index++) {
      const start = this.#lines[index].offset - this.#at;
      if (start >= chunk.length) break;
      this.#take(index, chunk.subarray(Math.max(0, start)));
      if (this.#ended[index] && index === this.#first) this.#first++;
    }
    this.#at += chunk.length;
  }

  /** Undefined when the line is too long. */
  textOf(index: number): Buffer | undefined {
    return this.#texts[index];
  }

  #take(index: number, rest: Buffer): void {
    const lf = rest.indexOf(LF);
    const part = lf === -1 ? rest : rest.subarray(0, lf);
    const text = this.#texts[index];
    if (text !== undefined) {
      this.#texts[index] =
        text.length + part.length > MOST_LINE_BYTES ? undefined : Buffer.concat([text, part]);
    }
    if (lf !== -1) this.#ended[index] = true;
  }
}
