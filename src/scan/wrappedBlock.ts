/**
 * Multi-line values as container runtimes write them: each line of a private key is a JSON line of its own,
 * `{"log":"MIIEow...\n","stream":"stdout"}`. After a line whose string opens a value without ending it, the strings
 * under the same key are covered until the end mark; the lines around them stay, so nothing need be held back.
 */
import { TokenKind } from '../json/tokens.ts';
import type { Detector, WrappedBlock } from './detector.ts';
import type { Match } from './resolve.ts';
import { toValidUtf8 } from './utf8.ts';
import type { View } from './view.ts';

/** What a line holds of a wrapped value. */
export interface WrappedPart {
  readonly matches: readonly Match[];
  /** Whether the end mark stands in it. */
  readonly ends: boolean;
}

/** Looks for the next part of `wrapped` in a line that has been searched. */
export function wrappedMatches(wrapped: WrappedBlock, line: View, detector: Detector): WrappedPart {
  const { rule, block, key } = wrapped;
  const matches: Match[] = [];
  let ends = false;
  line.lex(detector.lexers);
  const { tokens } = line;
  for (let token = 0; token < tokens.count && !ends; token++) {
    if (tokens.kinds[token] !== TokenKind.String || !key.equals(tokens.keyName(tokens.keys[token]))) continue;
    if (tokens.interiorStart(token) === tokens.interiorEnd(token)) continue;
    const text = line.child(token, detector.ruleIds);
    const value = toValidUtf8(text.original);
    block.end.lastIndex = 0;
    ends = block.end.exec(value) !== null;
    const end = ends ? block.end.lastIndex : value.length;
    if (ends || block.body.test(withoutLineEnd(value))) {
      matches.push({
        rule,
        start: text.lineStart(0),
        end: text.lineEnd(end),
        confidence: rule.confidence,
        level: text.level,
        value: text.original.subarray(0, end),
      });
    }
  }
  return { matches, ends };
}

function withoutLineEnd(value: Buffer): Buffer {
  let end = value.length;
  while (end > 0 && (value[end - 1] === 0x0a || value[end - 1] === 0x0d)) end--;
  return value.subarray(0, end);
}
