/**
 * Takes a stream through the engine's window: chunks are put (or read) behind what is left of the last one, complete
 * lines are redacted as a block, and the unfinished line moves to the front. What can't be taken so, a line longer than
 * the limit or lines that belong to a multi-line value, is given to the line splitter piece by piece.
 */
import { isUtf8 } from 'node:buffer';
import type { BlockEngine } from '../engine/engine.ts';
import type { KnownSecrets } from '../known/knownSecrets.ts';
import type { BlockRedactor } from './blockRedactor.ts';
import type { LineSplitter } from './lineSplitter.ts';
import { substituteInvalid } from './utf8.ts';

export interface BlockStreamOptions {
  readonly engine: BlockEngine;
  readonly redactor: BlockRedactor;
  readonly splitter: LineSplitter;
  /** Lines that hold one of these are looked at by themselves. */
  readonly known: KnownSecrets | undefined;
  /** Longest line that may be looked at whole. */
  readonly maxLineBytes: number;
  /** Whether the next line stands for itself. */
  readonly isAtRest: () => boolean;
  /** A block begins here in the window. */
  readonly onBlock: (start: number) => void;
  /** Told when a block could not be looked at; its lines then go one by one. */
  readonly onFailure: (error: unknown) => void;
}

const LF = 0x0a;
/** Streams that share an engine take turns: whose bytes are in its window. */
const owners = new WeakMap<BlockEngine, BlockStream>();

export class BlockStream {
  /** The block in work ends here. */
  blockEnd = 0;
  readonly #options: BlockStreamOptions;
  readonly #window: Buffer;
  readonly #maxBytes: number;
  /** Bytes in the window, from its begin on. */
  #filled = 0;
  /** Those bytes while another stream has the window. */
  #aside: Buffer | undefined;
  /** The bytes of the block in work as they came, where the window holds substitutes. */
  #original: Buffer | undefined;
  #originalAt = 0;

  constructor(options: BlockStreamOptions) {
    this.#options = options;
    this.#window = options.engine.window;
    this.#maxBytes = Math.min(this.#window.length, options.maxLineBytes);
  }

  /** Where the next bytes may be put; never empty. To be filled before another stream of this engine is used. */
  get input(): Buffer {
    this.#claim();
    return this.#window.subarray(this.#filled);
  }

  /** Whether everything taken has been handed on, and the next byte begins a line. */
  get isEmpty(): boolean {
    return this.#filled === 0 && this.#options.splitter.isEmpty;
  }

  /** Takes the bytes that were put into `input`. */
  commit(length: number): void {
    this.#claim();
    // What was left of earlier bytes holds no line end: searched again for each chunk, that could take quadratic time.
    const known = this.#filled;
    this.#filled += length;
    const window = this.#window;
    const { splitter, isAtRest } = this.#options;
    let at = 0;
    while (at < this.#filled) {
      const from = Math.max(at, known);
      if (splitter.isEmpty && isAtRest()) {
        const found = window.subarray(from, Math.min(this.#filled, at + this.#maxBytes)).lastIndexOf(LF);
        if (found !== -1) {
          const end = from + found + 1;
          at = this.#redactToKnown(at, end);
          continue;
        }
        // An unfinished line waits, unless it is too long already.
        if (this.#filled - at < this.#maxBytes) break;
      }
      const lineEnd = window.subarray(from, this.#filled).indexOf(LF);
      const next = lineEnd === -1 ? this.#filled : from + lineEnd + 1;
      splitter.push(window.subarray(at, next));
      at = next;
    }
    if (at > 0) window.copyWithin(0, at, this.#filled);
    this.#filled -= at;
  }

  /**
   * Redacts complete lines up to the first with a known secret in it, which goes by itself.
   * @returns where it has come to
   */
  #redactToKnown(start: number, end: number): number {
    const { known, splitter } = this.#options;
    if (known?.find(this.#window, start, end) !== true) {
      this.#redact(start, end);
      return end;
    }
    const { at } = known.match;
    const begin = start + this.#window.subarray(start, at).lastIndexOf(LF) + 1;
    const next = this.nextLine(at, end);
    if (begin > start) this.#redact(start, begin);
    splitter.push(this.#window.subarray(begin, next));
    return next;
  }

  /** The stream has ended: gives the splitter the line that has no end. */
  end(): void {
    const { splitter } = this.#options;
    this.#claim();
    if (this.#filled > 0) splitter.push(this.#window.subarray(0, this.#filled));
    this.#filled = 0;
    splitter.end();
  }

  /** Makes the window this stream's own: another that has bytes in it takes them away first. */
  #claim(): void {
    const { engine } = this.#options;
    const owner = owners.get(engine);
    if (owner === this) return;
    if (owner !== undefined) owner.#aside = Buffer.from(owner.#window.subarray(0, owner.#filled));
    this.#aside?.copy(this.#window);
    this.#aside = undefined;
    owners.set(engine, this);
  }

  /** Bytes of the block in work as they came. */
  bytes(start: number, end: number): Buffer {
    return this.#original === undefined
      ? this.#window.subarray(start, end)
      : this.#original.subarray(start - this.#originalAt, end - this.#originalAt);
  }

  /** End of the line that begins at `at` in the block in work; `end` is the block's. */
  nextLine(at: number, end: number): number {
    const found = this.#window.indexOf(LF, at);
    return found === -1 || found >= end ? end : found + 1;
  }

  /** Fails closed: lines of a block that can't be looked at go the slow way, in which each is withheld for itself. */
  #redact(start: number, end: number): void {
    const { redactor, splitter, onBlock, onFailure } = this.#options;
    onBlock(start);
    const block = this.#window.subarray(start, end);
    this.#original = undefined;
    if (!isUtf8(block)) {
      this.#original = Buffer.from(block);
      this.#originalAt = start;
      substituteInvalid(block);
    }
    this.blockEnd = end;
    try {
      redactor.run(start, end, this.#original);
    } catch (error) {
      // Its lines may be held already: looked at again they would be held, counted and reported twice.
      if (redactor.isHandingOver) throw error;
      onFailure(error);
      const from = redactor.giveUp();
      splitter.push(this.bytes(from, end));
    }
    this.#original = undefined;
  }
}
