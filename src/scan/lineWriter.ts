/**
 * Writes a line with its regions replaced, and reports what was found in it. Everything outside of a region is copied
 * byte by byte.
 */
import type { Action } from '../findings/finding.ts';
import type { CompiledRule } from '../rules/compile.ts';
import type { Detector } from './detector.ts';
import type { OutputBuffer } from './output.ts';
import { type Piece, type PieceOptions, piecesOf } from './pieces.ts';
import type { Policy } from './policy.ts';
import type { Match, Region, Resolution } from './resolve.ts';
import type { View } from './view.ts';

/** Where a line stands in its source. */
export interface LinePlace {
  /** Counts from 1. */
  readonly line: number;
  /** Of the line's first byte, in bytes from the source's start. */
  readonly offset: number;
}

/** What was found and done; the value is valid only during the call. */
export interface FindingEvent {
  readonly rule: CompiledRule;
  readonly confidence: number;
  readonly action: Action;
  readonly place: LinePlace;
  /** In bytes from the line's start. */
  readonly start: number;
  readonly length: number;
  readonly value: Buffer;
}

export type FindingListener = (event: FindingEvent) => void;

/** A region and the bytes of it that are replaced; none when all of it is structure or keys. */
interface PlacedRegion {
  readonly region: Region;
  readonly pieces: readonly Piece[];
}

/** A line, or the part of one that is decided. */
export interface LinePart {
  readonly line: Buffer;
  readonly from: number;
  readonly to: number;
  /** Of the line, its tokens still valid. */
  readonly view: View;
  readonly resolution: Resolution;
  readonly place: LinePlace;
  /** Where `line` begins, in bytes from the start of the real line; 0 unless it is a window. */
  readonly base?: number;
}

export interface WriteResult {
  readonly isChanged: boolean;
  /** Matches that stayed because they lie in JSON keys. */
  readonly keptInKeys: number;
}

export class LineWriter {
  readonly #policy: Policy;
  readonly #output: OutputBuffer;
  readonly #listener: FindingListener;
  readonly #pieceOptions: PieceOptions;

  constructor(
    detector: Detector,
    policy: Policy,
    output: OutputBuffer,
    listener: FindingListener,
    keepKeys: boolean,
  ) {
    this.#policy = policy;
    this.#output = output;
    this.#listener = listener;
    this.#pieceOptions = { lexers: detector.lexers, ruleIds: detector.ruleIds, keepKeys };
  }

  /** Writes `line[from, to)` with its regions replaced, and reports what was found. */
  write(part: LinePart): WriteResult {
    const { line, from, to, view, resolution, place, base = 0 } = part;
    const placed = resolution.regions.map((region): PlacedRegion => {
      const start = Math.max(region.start, from);
      const end = Math.min(region.end, to);
      return { region, pieces: start < end ? piecesOf(view, start, end, this.#pieceOptions) : [] };
    });
    const isChanged = this.#writeReplaced(line, from, to, placed);
    return { isChanged, keptInKeys: this.#report(resolution, placed, place, base) };
  }

  /** Reports what was found in a line that is not written. */
  reportDropped(resolution: Resolution, place: LinePlace, base = 0): void {
    for (const { match } of resolution.reports) this.#listener(toEvent(match, 'drop-line', place, base));
  }

  #writeReplaced(line: Buffer, from: number, to: number, placed: readonly PlacedRegion[]): boolean {
    let at = from;
    let isChanged = false;
    for (const { region, pieces } of placed) {
      for (const piece of pieces) {
        // Two regions in one number share its one replacement.
        if (piece.end <= at) continue;
        this.#output.append(line, at, piece.start);
        this.#output.append(this.#policy.replacement(region, piece));
        at = piece.end;
        isChanged = true;
      }
    }
    this.#output.append(line, at, to);
    return isChanged;
  }

  #report(resolution: Resolution, placed: readonly PlacedRegion[], place: LinePlace, base: number): number {
    let keptInKeys = 0;
    let next = 0;
    for (const { match, action } of resolution.reports) {
      while (next < placed.length && placed[next].region.end <= match.start) next++;
      const isKept = action !== 'keep' && !isReplaced(match, placed[next]);
      if (isKept) keptInKeys++;
      this.#listener(toEvent(match, isKept ? 'keep' : action, place, base));
    }
    return keptInKeys;
  }
}

/** Whether any byte of a match is replaced with the region around it; in JSON keys none is. */
function isReplaced(match: Match, around: PlacedRegion | undefined): boolean {
  if (around === undefined || around.region.start > match.start) return true;
  return around.pieces.some((piece) => piece.start < match.end && piece.end > match.start);
}

function toEvent(match: Match, action: Action, place: LinePlace, base: number): FindingEvent {
  const { rule, confidence, start, end, value } = match;
  return { rule, confidence, action, place, start: start + base, length: end - start, value };
}
