/**
 * The line around a finding, for people, with every value in it masked: the spans of all findings in it, and every other
 * place where one of these values stands again. When in doubt there is no line.
 */
import type { Finding } from '../findings/finding.ts';
import type { History } from './history.ts';
import { printable } from './printable.ts';

/** Around the finding, in characters. */
const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 80;
/** Longer lines are not shown. */
const LONGEST_LINE = 16 * 1024;
/** Shorter values are anywhere. */
const LEAST_REPEATED = 2;

/** A run of bytes that is not shown, in the line. */
interface Hidden {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

/**
 * @param lineStart offset of the line in its source
 * @param near all findings that may touch the line
 * @returns undefined when the line can't be shown
 */
export function maskedLine(
  history: History,
  lineStart: number,
  finding: Finding,
  near: readonly Finding[],
): string | undefined {
  const lineEnd = history.lineEnd(lineStart, LONGEST_LINE);
  const line = lineEnd === undefined ? undefined : history.from(lineStart, lineEnd - lineStart);
  if (line === undefined || line.length === 0 || line.length !== (lineEnd as number) - lineStart)
    return undefined;
  const hidden = [...hiddenSpans(history, lineStart, line, near)].sort(
    (a, b) => a.start - b.start || b.end - a.end,
  );
  const at = finding.offset - lineStart;
  let before = '';
  let after = '';
  let from = 0;
  const show = (text: string, start: number): void => {
    if (start < at) before += text;
    else after += text;
  };
  for (const { start, end, rule } of hidden) {
    if (end <= from) continue;
    if (start > from) show(line.toString('utf8', from, start), from);
    // The place of the finding itself begins what is shown after.
    show(start >= from ? `[${rule}]` : '', start);
    from = end;
  }
  if (from < line.length) show(line.toString('utf8', from), Math.max(from, at));
  const head = before.length > SHOWN_BEFORE ? `...${before.slice(-SHOWN_BEFORE)}` : before;
  const tail = after.length > SHOWN_AFTER ? `${after.slice(0, SHOWN_AFTER)}...` : after;
  return printable((head + tail).replaceAll('\t', ' ')).trim();
}

function* hiddenSpans(
  history: History,
  lineStart: number,
  line: Buffer,
  near: readonly Finding[],
): Generator<Hidden> {
  for (const { offset, length, rule } of near) {
    const start = Math.max(0, offset - lineStart);
    const end = Math.min(line.length, offset + length - lineStart);
    if (start < end) yield { start, end, rule };
    const value =
      length >= LEAST_REPEATED && length <= line.length ? history.from(offset, length) : undefined;
    if (value?.length !== length) continue;
    for (let at = line.indexOf(value); at !== -1; at = line.indexOf(value, at + length)) {
      yield { start: at, end: at + length, rule };
    }
  }
}
