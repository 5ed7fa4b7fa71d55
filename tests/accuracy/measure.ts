/** Runs texts through the redaction as a program would, and counts. */
import { createSanitizer, type Sanitizer } from '../../src/app/sanitizer.ts';
import { KEY_HEX } from '../scan/support.ts';
import { count, emptyScore, type Score, type Span } from './score.ts';

export interface Text {
  readonly text: string;
  /** Where values stand, in bytes. */
  readonly spans: readonly Span[];
  /** Under which it is counted; each gets the text. */
  readonly kinds: readonly string[];
}

const sanitizers = new Map<string, Sanitizer>();

function sanitizerOf(pack: string): Sanitizer {
  const known = sanitizers.get(pack) ?? createSanitizer({ rules: [pack], engine: 'kernel', key: KEY_HEX });
  sanitizers.set(pack, known);
  return known;
}

/** Scores by kind, in the order in which kinds first occur. */
export function measure(pack: string, texts: Iterable<Text>): Map<string, Score> {
  const sanitizer = sanitizerOf(pack);
  const scores = new Map<string, Score>();
  for (const { text, spans, kinds } of texts) {
    const findings = sanitizer.scan(text.endsWith('\n') ? text : `${text}\n`);
    for (const kind of kinds) {
      const score = scores.get(kind) ?? emptyScore();
      scores.set(kind, score);
      count(score, spans, findings);
    }
  }
  return scores;
}
