// Measures how often pairs of bytes occur in logs and writes bigrams.ts: node measureBigrams.mjs FILE...
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Each file counts for no more than its first bytes, so that no one system's logs decide. */
const MOST_BYTES = 2_000_000;
const KINDS = 98;
const LINE = 100;
/** What was never seen still happens. */
const UNSEEN = 0.02;

/** Tab and line end, other controls, printable ASCII, the rest; see bigrams.ts. */
const kindOf = (byte) => (byte >= 127 ? 97 : byte >= 32 ? byte - 30 : byte === 10 ? 1 : 0);

const pairs = new Float64Array(KINDS * KINDS);
for (const path of process.argv.slice(2)) {
  const bytes = readFileSync(path).subarray(0, MOST_BYTES);
  const weight = 1 / bytes.length;
  for (let at = 1; at < bytes.length; at++)
    pairs[kindOf(bytes[at - 1]) * KINDS + kindOf(bytes[at])] += weight;
}
const total = pairs.reduce((sum, count) => sum + count, 0);
const unseen = UNSEEN / (KINDS * KINDS);
const text = Array.from(pairs, (count) => {
  const share = (1 - UNSEEN * 1e-3) * (count / total) + unseen * 1e-3;
  return String.fromCharCode(Math.min(126, 35 + Math.round(-3 * Math.log2(share))));
}).join('');
const lines = [];
for (let at = 0; at < text.length; at += LINE) lines.push(text.slice(at, at + LINE));
const quoted = lines.map((line) => `  '${line.replace(/[\\']/g, '\\$&')}',`).join('\n');
const head = `/**
 * How often one byte follows another in logs, to tell a rare anchor from a common one. Measured by measureBigrams.mjs
 * over the loghub collection of real logs (https://github.com/logpai/loghub) and made-up logs of web servers and
 * applications. Rows are the first byte, columns the second, each of ${KINDS} kinds: controls, line end, printable ASCII from
 * the space on, everything above. One character a pair: 35 + round(-3 log2 p) of the joint probability.
 */
export const BIGRAM_KINDS = ${KINDS};

export const BIGRAMS = [
`;
writeFileSync(fileURLToPath(new URL('./bigrams.ts', import.meta.url)), `${head}${quoted}\n].join('');\n`);
