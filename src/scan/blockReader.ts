/**
 * Goes through complete lines with an engine that looks at many at once: lines in which no pattern matches are passed
 * on in runs, only the others are looked at one by one.
 */
import type { BlockEngine } from '../engine/engine.ts';
import { toValidUtf8 } from './utf8.ts';

export interface BlockVisitor {
  /** Lines in which nothing matches: `block[start, end)`, the last line's end included. */
  pass(block: Buffer, start: number, end: number): void;
  /**
   * A line to be looked at: `block[start, end)`, its line feed included.
   * @param patterns those that may match in it; undefined where that is not known
   * @returns where to go on: at `end`, or behind further lines that belong to what this one began
   */
  look(block: Buffer, start: number, end: number, patterns: readonly number[] | undefined): number;
}

/** @param block complete lines, no longer than the engine takes */
export function readBlock(block: Buffer, engine: BlockEngine, visitor: BlockVisitor): void {
  let at = 0;
  engine.beginBlock(toValidUtf8(block));
  while (engine.nextLine()) {
    const { start, end, patterns } = engine.line;
    // A multi-line value may have taken lines behind the one that opened it.
    if (start < at) continue;
    if (start > at) visitor.pass(block, at, start);
    at = visitor.look(block, start, end + 1, patterns);
  }
  if (at < block.length) visitor.pass(block, at, block.length);
}
