/**
 * Writes a multi-line value that was held: what stands before it in its first line, and what takes its place.
 */
import type { FingerprintKey } from '../findings/fingerprint.ts';
import type { Tally } from '../findings/summary.ts';
import type { Detector } from './detector.ts';
import type { HeldBlock } from './heldBlock.ts';
import { LINE_ENDS } from './lineSplitter.ts';
import type { FindingListener, LinePlace, LineWriter } from './lineWriter.ts';
import type { OutputBuffer } from './output.ts';
import type { Policy } from './policy.ts';
import { clipped, type Resolution, resolve } from './resolve.ts';
import type { View } from './view.ts';

export interface BlockWriterParts {
  readonly detector: Detector;
  readonly policy: Policy;
  readonly key: FingerprintKey;
  readonly tally: Tally;
  readonly onFinding: FindingListener;
  readonly writer: LineWriter;
  readonly output: OutputBuffer;
}

/** A line of a multi-line value, or the beginning of one. */
interface BlockLine {
  /** In bytes from the block's first line. */
  readonly start: number;
  readonly content: Buffer;
  readonly lineEnd: Buffer;
}

/** What was found in a part of a line. */
interface Part {
  readonly line: Buffer;
  readonly from: number;
  readonly to: number;
  readonly view: View;
  readonly resolution: Resolution;
  readonly place: LinePlace;
}

export class BlockWriter {
  readonly #parts: BlockWriterParts;

  constructor(parts: BlockWriterParts) {
    this.#parts = parts;
  }

  /**
   * Writes and reports the value, and counts its lines.
   * @param bytes from the start of the block's first line to the end of the value
   * @returns whether its lines are dropped, by its own action or by that of a match before it; then what stands behind
   * the value in its last line goes too
   */
  write(held: HeldBlock, bytes: Buffer): boolean {
    const { policy, key, tally, onFinding, writer, output } = this.#parts;
    const { rule, place, start, from } = held;
    const action = policy.actionOf(rule);
    const value = bytes.subarray(start);
    const lines = linesOf(held, bytes);
    const before = this.#look(lines[0], from, start, place);
    const isDropped = action === 'drop-line' || dropsLine(before.resolution);
    if (isDropped) writer.reportDropped(before.resolution, place);
    else this.#write(before);
    const done = isDropped ? 'drop-line' : action;
    onFinding({ rule, confidence: rule.confidence, action: done, place, start, length: value.length, value });
    if (isDropped) {
      tally.countDropped(lines.length, bytes.length - from);
    } else if (action === 'keep') {
      this.#writeKept(held, lines);
    } else {
      tally.linesChanged += lines.length;
      output.append(policy.blockReplacement(rule, action, key.fingerprint(rule.entity, value)));
    }
    return isDropped;
  }

  /** A multi-line value that is only found may hold values of other rules. */
  #writeKept(held: HeldBlock, lines: readonly BlockLine[]): void {
    lines.forEach((line, index) => {
      const place = { line: held.place.line + index, offset: held.place.offset + line.start };
      this.#write(this.#look(line, index === 0 ? held.start : 0, line.content.length, place));
      this.#parts.output.append(line.lineEnd);
    });
  }

  /** What stands in the bytes `[from, to)` of a line of a block, apart from the block itself. */
  #look(line: BlockLine, from: number, to: number, place: LinePlace): Part {
    const { detector, policy } = this.#parts;
    const { matches, view } = detector.detect(line.content);
    const inPart = matches
      .filter((match) => match.start < to && match.end > from)
      .map((match) => clipped(match, from, to, line.content));
    return { line: line.content, from, to, view, resolution: resolve(inPart, policy.actionOfMatch), place };
  }

  #write(part: Part): void {
    const { writer, tally } = this.#parts;
    const { keptInKeys } = writer.write(part);
    tally.anomalies.matchesInKeys += keptInKeys;
  }
}

/** Whether something in a line takes the line with it. */
export function dropsLine(resolution: Resolution): boolean {
  return resolution.regions.some((region) => region.action === 'drop-line');
}

/** @param bytes from the start of the first line to the end of the value, which may lie in a line that is not held */
function linesOf(held: HeldBlock, bytes: Buffer): BlockLine[] {
  const lines = held.lines
    .filter((line) => line.start < bytes.length)
    .map(({ start, contentEnd, end }) => ({
      start,
      content: bytes.subarray(start, contentEnd),
      lineEnd: bytes.subarray(contentEnd, end),
    }));
  const start = held.lines.at(-1)?.end ?? 0;
  if (start < bytes.length) lines.push({ start, content: bytes.subarray(start), lineEnd: LINE_ENDS.none });
  return lines;
}
