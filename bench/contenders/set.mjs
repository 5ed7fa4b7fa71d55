/**
 * RE2.Set over each line as bytes: one call tells which of all patterns match. It names lines and patterns and redacts
 * nothing, so it is what an engine on RE2 could reach at best.
 */
import RE2 from 're2';
import { readRules } from './rules.mjs';

const LINE_FEED = 0x0a;

/** @type {import('./contender.mjs').Contender} */
export async function set(bytes) {
  const all = new RE2.Set(readRules().flatMap(({ patterns }) => patterns));
  let lines = 0;
  let linesChanged = 0;
  let linesFailed = 0;
  const start = performance.now();
  for (let at = 0; at < bytes.length; ) {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed === -1 ? bytes.length : lineFeed;
    lines++;
    try {
      if (all.match(bytes.subarray(at, end)).length > 0) linesChanged++;
    } catch {
      // Out of memory for the automaton; such a line would have to be searched in another way.
      linesFailed++;
    }
    at = end + 1;
  }
  return {
    seconds: (performance.now() - start) / 1000,
    lines,
    linesChanged,
    linesFailed,
    bytesOut: bytes.length,
  };
}
