/**
 * The lines of a multi-line value whose end has not been seen, kept back because nothing of it may be written before
 * it is known where it ends: at its end mark or, when that is missing, at the last line that can belong to it.
 *
 * Invariant: `bytes` holds whole lines with their line ends; the value begins in the first of them.
 */
import type RE2 from 're2';
import type { CompiledBlock, CompiledRule } from '../rules/compile.ts';
import type { OpenBlock } from './detector.ts';
import type { LinePlace } from './lineWriter.ts';
import { toValidUtf8 } from './utf8.ts';

/**
 * After a line that can't belong to the value, a shorter one than this does not resume it: full lines of encoded data
 * have 64 characters or more (RFC 7468), a short one is the last and follows directly. In bytes.
 */
const MIN_RESUMING_BYTES = 48;

export interface HeldLine {
  /** In bytes from the start of what is held. */
  readonly start: number;
  readonly contentEnd: number;
  readonly end: number;
}

/** What a further line means for the block. */
export type BlockStep =
  | { readonly kind: 'ends' /** End of the value, in bytes from the line's start. */; readonly at: number }
  | { readonly kind: 'goes-on' }
  | { readonly kind: 'without-end' }
  | { readonly kind: 'too-large' };

export class HeldBlock {
  readonly rule: CompiledRule;
  readonly block: CompiledBlock;
  /** Where the value begins in the first line. */
  readonly start: number;
  /** Bytes at the first line's start that an earlier value has taken. */
  readonly from: number;
  readonly place: LinePlace;
  readonly lines: HeldLine[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  #gapLines = 0;
  /** What the block must hold and has not shown yet. */
  #missing: readonly RE2[];
  /** Index of the last line that can belong to the value. */
  #lastBodyLine = 0;

  constructor(open: OpenBlock, from: number, place: LinePlace, content: Buffer, lineEnd: Buffer) {
    this.rule = open.rule;
    this.block = open.block;
    this.start = open.start;
    this.from = from;
    this.place = place;
    this.#missing = open.block.requires;
    this.#see(toValidUtf8(content));
    this.#keep(content, lineEnd);
  }

  /** Judges the next line; it is kept unless the value ends in it. */
  add(content: Buffer, lineEnd: Buffer): BlockStep {
    const text = toValidUtf8(content);
    const { block } = this;
    this.#see(text);
    block.end.lastIndex = 0;
    if (block.end.exec(text) !== null) return { kind: 'ends', at: block.end.lastIndex };
    this.#keep(content, lineEnd);
    const mayBelong = this.#gapLines === 0 || content.length >= MIN_RESUMING_BYTES;
    if (mayBelong && block.body.test(text)) {
      this.#gapLines = 0;
      this.#lastBodyLine = this.lines.length - 1;
    } else {
      this.#gapLines++;
    }
    if (this.#length - this.start > block.maxBytes) return { kind: 'too-large' };
    return this.#gapLines > block.maxGapLines ? { kind: 'without-end' } : { kind: 'goes-on' };
  }

  /** Whether what is held, and the line that ended it, hold all that makes them a value. */
  get isConfirmed(): boolean {
    return this.#missing.length === 0;
  }

  /** All that is held, as one run of bytes. */
  bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0];
  }

  /** End of the value when its end mark is missing: of the last line that can belong to it. */
  endWithoutMark(): number {
    return this.lines[this.#lastBodyLine].contentEnd;
  }

  /** The lines behind that end, which were kept in vain. */
  linesBehind(): HeldLine[] {
    return this.lines.slice(this.#lastBodyLine + 1);
  }

  /** The line end behind that end. */
  lineEndBehind(): Buffer {
    const { contentEnd, end } = this.lines[this.#lastBodyLine];
    return this.bytes().subarray(contentEnd, end);
  }

  #see(text: Buffer): void {
    if (this.#missing.length === 0) return;
    this.#missing = this.#missing.filter((pattern) => !pattern.test(text));
  }

  #keep(content: Buffer, lineEnd: Buffer): void {
    const start = this.#length;
    const contentEnd = start + content.length;
    this.#length = contentEnd + lineEnd.length;
    this.lines.push({ start, contentEnd, end: this.#length });
    // The line's memory is not ours: a copy.
    this.#chunks.push(Buffer.concat([content, lineEnd]));
  }
}
