/** How findings compare with labels. */
import type { Finding } from '../../src/findings/finding.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Counts of one kind of text. */
export interface Score {
  /** Texts with a value. */
  positives: number;
  /** Texts of which every byte of every value lies in findings. */
  covered: number;
  /** Texts in which something beside the values was found: of all, with and without a value. */
  flagged: number;
  texts: number;
}

export function emptyScore(): Score {
  return { positives: 0, covered: 0, flagged: 0, texts: 0 };
}

/** Whether every byte of each span lies in findings. */
function isCovered(spans: readonly Span[], findings: readonly Finding[]): boolean {
  const ordered = [...findings].sort((a, b) => a.offset - b.offset);
  return spans.every(({ start, end }) => {
    let at = start;
    for (const { offset, length } of ordered) if (offset <= at) at = Math.max(at, offset + length);
    return at >= end;
  });
}

/** Whether something was found that has no byte in common with a span. */
function hasStray(spans: readonly Span[], findings: readonly Finding[]): boolean {
  return findings.some(
    ({ offset, length }) => !spans.some(({ start, end }) => offset < end && offset + length > start),
  );
}

/** Counts one text. */
export function count(score: Score, spans: readonly Span[], findings: readonly Finding[]): void {
  score.texts++;
  if (hasStray(spans, findings)) score.flagged++;
  if (spans.length === 0) return;
  score.positives++;
  if (isCovered(spans, findings)) score.covered++;
}
