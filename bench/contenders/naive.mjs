/**
 * The naive way: split2 makes each line a string, and each rule is one `re2.replace` over it. Without validators,
 * context, JSON and multi-line values, so it redacts more than it should, and less.
 */
import { Readable } from 'node:stream';
import RE2 from 're2';
import split2 from 'split2';
import { readRules } from './rules.mjs';

const CHUNK_BYTES = 64 * 1024;

/** @type {import('./contender.mjs').Contender} */
export async function naive(bytes) {
  const rules = readRules().map(({ id, patterns }) => ({
    regex: new RE2(patterns.map((pattern) => `(?:${pattern})`).join('|'), 'g'),
    placeholder: `[REDACTED:${id}]`,
  }));
  const chunks = [];
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
    chunks.push(bytes.subarray(start, start + CHUNK_BYTES));
  let lines = 0;
  let linesChanged = 0;
  let bytesOut = 0;
  const start = performance.now();
  for await (const line of Readable.from(chunks).pipe(split2())) {
    let text = line;
    for (const { regex, placeholder } of rules) text = regex.replace(text, placeholder);
    lines++;
    if (text !== line) linesChanged++;
    bytesOut += Buffer.byteLength(text) + 1;
  }
  return { seconds: (performance.now() - start) / 1000, lines, linesChanged, linesFailed: 0, bytesOut };
}
