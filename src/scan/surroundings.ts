/** What a candidate stands in: the text around it, the keywords of its line, the JSON keys above it. */
import { asciiLowerText, type CompiledRule } from '../rules/compile.ts';
import type { Surroundings } from './acceptance.ts';
import { firstAbove, type View } from './view.ts';

/** Whether a text, or a text around it, holds a keyword of a rule; computed when first asked. */
export class KeywordPresence {
  readonly #bytes: Buffer;
  readonly #around: KeywordPresence | undefined;
  #lower: string | undefined;
  readonly #known = new Map<CompiledRule, boolean>();

  constructor(bytes: Buffer, around?: KeywordPresence) {
    this.#bytes = bytes;
    this.#around = around;
  }

  hasOneOf(rule: CompiledRule): boolean {
    if (rule.keywords.length === 0) return true;
    let has = this.#known.get(rule);
    if (has === undefined) {
      this.#lower ??= asciiLowerText(this.#bytes);
      const lower = this.#lower;
      has =
        rule.keywords.some((keyword) => lower.includes(keyword)) || (this.#around?.hasOneOf(rule) ?? false);
      this.#known.set(rule, has);
    }
    return has;
  }
}

/** The surroundings of everything in one view. */
export class ViewSurroundings implements Surroundings {
  readonly bytes: Buffer;
  readonly begin = 0;
  readonly end: number;
  readonly isPart: boolean;
  readonly #view: View;
  readonly #keywords: KeywordPresence;
  readonly #lexIfJson: () => void;

  constructor(view: View, keywords: KeywordPresence, lexIfJson: () => void) {
    this.bytes = view.bytes;
    this.end = view.bytes.length;
    this.isPart = view.encodings > 0;
    this.#view = view;
    this.#keywords = keywords;
    this.#lexIfJson = lexIfJson;
  }

  touchesPlaceholder(at: number): boolean {
    const { placeholders } = this.#view;
    return (
      placeholders.length > 0 && placeholders[firstAbove(placeholders, placeholders.length, at - 1)] === at
    );
  }

  isInPlaceholder(at: number): boolean {
    const { placeholders } = this.#view;
    // Of the ascending pairs start, end the first border above is an end.
    return (firstAbove(placeholders, placeholders.length, at) & 1) === 1;
  }

  hasKeyword(rule: CompiledRule): boolean {
    return this.#keywords.hasOneOf(rule);
  }

  keyNamesAt(at: number): readonly Buffer[] {
    this.#lexIfJson();
    if (!this.#view.isLexed) return this.#view.outerKeys;
    const token = this.#view.tokenAt(at);
    return token === -1 ? this.#view.outerKeys : this.#view.keyNamesOf(token);
  }
}

/** The surroundings of what is found in a line of a block: plain text without placeholders, outside of any JSON object. */
export class LineSurroundings implements Surroundings {
  readonly bytes: Buffer;
  begin = 0;
  end = 0;
  readonly isPart = false;
  #keywords: KeywordPresence | undefined;

  /** @param bytes of the block; the line is set by `enter` */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** Makes `bytes[begin, end)` the line. */
  enter(begin: number, end: number): void {
    this.begin = begin;
    this.end = end;
    this.#keywords = undefined;
  }

  touchesPlaceholder(): boolean {
    return false;
  }

  isInPlaceholder(): boolean {
    return false;
  }

  hasKeyword(rule: CompiledRule): boolean {
    if (rule.keywords.length === 0) return true;
    this.#keywords ??= new KeywordPresence(this.bytes.subarray(this.begin, this.end));
    return this.#keywords.hasOneOf(rule);
  }

  keyNamesAt(): readonly Buffer[] {
    return [];
  }
}
