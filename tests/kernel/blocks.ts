/** All matches in a block, as the engine gives them and as plain RE2 finds them line by line. */
import RE2 from 're2';
import type { BlockEngine, BlockMatch, PatternSpec } from '../../src/engine/engine.ts';

const LINE_FEED = 0x0a;
const RETURN = 0x0d;

export interface BlockLine {
  readonly start: number;
  /** Of its text: before `\n` or `\r\n`. */
  readonly end: number;
  readonly next: number;
}

/** Behind the last line end there is a line only if it holds something. */
export function linesOf(block: Buffer): BlockLine[] {
  const lines: BlockLine[] = [];
  for (let start = 0; start < block.length; ) {
    const found = block.indexOf(LINE_FEED, start);
    const end = found === -1 ? block.length : found;
    const isCrlf = found > start && block[end - 1] === RETURN;
    const next = found === -1 ? end : end + 1;
    lines.push({ start, end: isCrlf ? end - 1 : end, next });
    start = next;
  }
  return lines;
}

export function wholeMatches(sources: readonly string[]): PatternSpec[] {
  return sources.map((source) => ({ source, group: 0 }));
}

/** `pattern: match, group in its line` of each match, by line, then pattern, in order. */
export function re2Hits(specs: readonly PatternSpec[], block: Buffer): string[] {
  const regexes = specs.map(({ source }) => new RE2(source, 'gd'));
  return linesOf(block).flatMap((line) => {
    const text = block.subarray(line.start, line.end);
    return regexes.flatMap((regex, pattern) =>
      hitsOf(regex, specs[pattern] as PatternSpec, text, line, pattern),
    );
  });
}

function hitsOf(
  regex: RE2,
  { group }: PatternSpec,
  text: Buffer,
  line: BlockLine,
  pattern: number,
): string[] {
  const hits: string[] = [];
  for (let from = 0; from <= text.length; ) {
    regex.lastIndex = from;
    const indices = regex.exec(text)?.indices as (readonly [number, number] | undefined)[] | undefined;
    if (indices === undefined) break;
    const [start, end] = indices[0] as readonly [number, number];
    const [valueStart, valueEnd] = indices[group] ?? [start, start];
    hits.push(shown(line, pattern, [start, end, valueStart, valueEnd]));
    from = end === start ? end + 1 : end;
  }
  return hits;
}

function shown({ start, end, next }: BlockLine, pattern: number, span: readonly number[]): string {
  return `line ${start}-${end}-${next}, pattern ${pattern}: ${span.join()}`;
}

/**
 * The same of an engine, which must report lines and the matches of each pattern in order. A line that may hold
 * anything is reported as that.
 * @param at where the block is put in the window
 * @param onMatch called after each match
 */
export function engineHits(
  engine: BlockEngine,
  block: Buffer,
  at = 0,
  onMatch?: (match: BlockMatch) => void,
): string[] {
  const { match, window } = engine;
  window.set(block, at);
  engine.scan(at, at + block.length);
  const hits: string[] = [];
  let inLine: { pattern: number; hit: string }[] = [];
  let lastLine = -1;
  const endLine = (): void => {
    // Inside a line patterns come in any order, each one's matches one behind the other.
    hits.push(...inLine.toSorted((a, b) => a.pattern - b.pattern).map(({ hit }) => hit));
    inLine = [];
  };
  while (engine.next()) {
    const { pattern, lineStart, lineEnd, nextLine } = match;
    if (lineStart < lastLine) throw new Error(`line ${lineStart - at} comes after ${lastLine - at}`);
    if (lineStart !== lastLine) endLine();
    lastLine = lineStart;
    const line = { start: lineStart - at, end: lineEnd - at, next: nextLine - at };
    const places = [match.start, match.end, match.valueStart, match.valueEnd].map(
      (place) => place - lineStart,
    );
    const hit = pattern === -1 ? `line ${line.start} is crowded` : shown(line, pattern, places);
    inLine.push({ pattern, hit });
    onMatch?.(match);
  }
  endLine();
  return hits;
}
