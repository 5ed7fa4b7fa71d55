/**
 * Writes a line with its regions replaced, and reports what was found in it. Everything outside of a region is copied
 * byte by byte.
 */
import type { Action } from '../findings/finding.ts';
import type { CompiledRule } from '../rules/compile.ts';
import { type Detector, isWordByte } from './detector.ts';
import { Origin } from './origin.ts';
import type { OutputBuffer } from './output.ts';
import { type Piece, type PieceOptions, piecesOf } from './pieces.ts';
import type { Policy } from './policy.ts';
import { type Match, type Region, type Resolution, resolve } from './resolve.ts';
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

/** A whole line that stands for itself. */
export type WholeLine = Omit<LinePart, 'from' | 'to' | 'base'>;

export interface WriteResult {
  readonly isChanged: boolean;
  /** Matches that stayed because they lie in JSON keys. */
  readonly keptInKeys: number;
}

/**
 * A line is looked at again at most this often. Each time at least a letter or digit of it goes, so it comes to rest by
 * itself; nearly always at the first look.
 */
const MOST_LOOKS = 8;

const QUOTE = 0x22;
const APOSTROPHE = 0x27;

/**
 * Whether text goes on beside `[start, end)` without a mark between them, but for a quote behind it: `"..."next`. Where
 * that is replaced, what stands beside it may read otherwise.
 */
export function isGlued(bytes: Buffer, start: number, end: number): boolean {
  if (isWordByte(bytes[start - 1])) return true;
  const next = bytes[end] as number | undefined;
  return isWordByte(next === QUOTE || next === APOSTROPHE ? bytes[end + 1] : next);
}

/** Actions that leave what a later look takes for redacted. */
const OPAQUE_ACTIONS: ReadonlySet<Action> = new Set(['redact', 'pseudonymize']);

export class LineWriter {
  readonly #detector: Detector;
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
    this.#detector = detector;
    this.#policy = policy;
    this.#output = output;
    this.#listener = listener;
    this.#pieceOptions = { lexers: detector.lexers, ruleIds: detector.ruleIds, keepKeys };
  }

  /** Writes `line[from, to)` with its regions replaced, and reports what was found. */
  write(part: LinePart): WriteResult {
    const { line, from, to, resolution, place, base = 0 } = part;
    const placed = this.#place(part);
    const isChanged = this.#writeReplaced(line, from, to, placed);
    const events = eventsOf(resolution, placed, place, base);
    for (const event of events) this.#listener(event);
    return { isChanged, keptInKeys: events.filter(isKeptInKey).length };
  }

  /**
   * The same for a line in which something was found that is encoded, or in a string with escapes. Where of an encoded text
   * only a part is replaced, the rest may read otherwise than before. So what was written is looked at again until nothing
   * more is found in it, and with that a second run changes nothing.
   */
  writeSettled(whole: WholeLine): WriteResult {
    const { place } = whole;
    const start = this.#output.length;
    let part: LinePart = { ...whole, from: 0, to: whole.line.length };
    let placed = this.#place(part);
    const isChanged = this.#writeReplaced(part.line, 0, part.to, placed);
    const events = eventsOf(part.resolution, placed, place, 0);
    const keptInKeys = events.filter(isKeptInKey).length;
    const origins: Origin[] = [];
    for (let looks = 0; looks < MOST_LOOKS && isOpaque(placed); looks++) {
      origins.push(this.#originOf(placed));
      const line = this.#output.copy(start);
      const { matches, view } = this.#detector.detect(line);
      const resolution = resolve(matches, this.#policy.actionOfMatch);
      part = { line, from: 0, to: line.length, view, resolution, place };
      placed = this.#place(part);
      if (placed.every(({ pieces }) => pieces.length === 0)) break;
      this.#output.cutBack(start);
      this.#writeReplaced(line, 0, line.length, placed);
      for (const event of eventsOf(resolution, placed, place, 0)) {
        // What stays was reported at the first look.
        if (event.action !== 'keep') events.push(movedBack(event, origins));
      }
    }
    events.sort((a, b) => a.start - b.start);
    for (const event of events) this.#listener(event);
    return { isChanged, keptInKeys };
  }

  /** Reports what was found in a line that is not written. */
  reportDropped(resolution: Resolution, place: LinePlace, base = 0): void {
    for (const { match } of resolution.reports) this.#listener(toEvent(match, 'drop-line', place, base));
  }

  /** Which bytes of each region are replaced. */
  #place({ from, to, view, resolution }: LinePart): PlacedRegion[] {
    return resolution.regions.map((region): PlacedRegion => {
      const start = Math.max(region.start, from);
      const end = Math.min(region.end, to);
      return { region, pieces: start < end ? piecesOf(view, start, end, this.#pieceOptions) : [] };
    });
  }

  #originOf(placed: readonly PlacedRegion[]): Origin {
    const origin = new Origin();
    for (const { region, pieces } of placed) {
      for (const piece of pieces)
        origin.addReplaced(piece.start, piece.end, this.#policy.replacement(region, piece).length);
    }
    return origin;
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
}

/** A finding, and whether it stays only because it lies in JSON keys. */
interface Event extends FindingEvent {
  readonly isKeptInKey: boolean;
}

function isKeptInKey(event: Event): boolean {
  return event.isKeptInKey;
}

function eventsOf(
  resolution: Resolution,
  placed: readonly PlacedRegion[],
  place: LinePlace,
  base: number,
): Event[] {
  let next = 0;
  return resolution.reports.map(({ match, action }) => {
    while (next < placed.length && placed[next].region.end <= match.start) next++;
    const isKeptInKey = action !== 'keep' && !isReplaced(match, placed[next]);
    return { ...toEvent(match, isKeptInKey ? 'keep' : action, place, base), isKeptInKey };
  });
}

/** Whether a later look sees of each piece that it was replaced; not where none was. */
function isOpaque(placed: readonly PlacedRegion[]): boolean {
  const replaced = placed.filter(({ pieces }) => pieces.length > 0);
  return replaced.length > 0 && replaced.every(({ region }) => OPAQUE_ACTIONS.has(region.action));
}

/** A finding in a text that came about by the replacements behind `origins`, where it lies in the line. */
function movedBack<T extends FindingEvent>(event: T, origins: readonly Origin[]): T {
  let { start } = event;
  let end = start + event.length;
  for (const origin of origins.toReversed()) {
    start = origin.startOf(start);
    end = origin.endOf(end);
  }
  return { ...event, start, length: end - start };
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
