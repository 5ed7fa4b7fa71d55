/**
 * `npm run demo`: redacts the sample that ships, and shows each changed part before and after, then the totals. What is
 * shown comes from the built command itself: its output, its findings, its statistics.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { environment, FILTER } from './lib/command.mjs';

const SAMPLE = fileURLToPath(new URL('../docs/sample-log.txt', import.meta.url));
const PLACEHOLDER = /\[REDACTED:[^\]]*\]/g;

/** @typedef {{ start: number, end: number }} Span half-open, in bytes of the sample */

/** Redacts the sample by the command, as anyone would. */
function redact() {
  const folder = mkdtempSync(join(tmpdir(), 'logveil-demo-'));
  try {
    const findingsPath = join(folder, 'findings.jsonl');
    const args = [...FILTER.slice(1), '--stats', '--findings', findingsPath, SAMPLE];
    // Its output is a pipe, so the command would do without colours where this program has them.
    const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = environment;
    const color = pc.isColorSupported ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
    const { status, stdout, stderr } = spawnSync(FILTER[0], args, {
      env: { ...rest, ...color },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr || 'dist/cli.js can not be run: `npm run build` first');
    const findings = readFileSync(findingsPath, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    return { output: stdout, stats: stderr, findings };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Cuts the sample into lines; lines that one finding reaches over stay together, as they become one.
 * @param {Buffer} bytes
 * @param {readonly Span[]} spans ascending
 * @returns {Span[]} without line ends
 */
function groupLines(bytes, spans) {
  const groups = [];
  let start = 0;
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', end + 1)) {
    const lineEnd = end;
    if (spans.some((span) => span.start < lineEnd && span.end > lineEnd)) continue;
    groups.push({ start, end });
    start = end + 1;
  }
  return groups;
}

/**
 * The text of a group with the spans in it marked, line by line.
 * @param {Buffer} bytes
 * @param {Span} group
 * @param {readonly Span[]} spans
 */
function marked(bytes, group, spans) {
  const text = (start, end) => bytes.toString('utf8', start, end);
  let line = '';
  let at = group.start;
  for (const { start, end } of spans) {
    if (end <= at || start >= group.end) continue;
    const from = Math.max(start, at);
    line +=
      text(at, from) +
      text(from, end)
        .split('\n')
        .map((part) => pc.bold(pc.red(part)))
        .join('\n');
    at = end;
  }
  return line + text(at, group.end);
}

/**
 * @param {string} text one line or more
 * @param {string} sign
 */
const prefixed = (text, sign) =>
  text
    .split('\n')
    .map((line) => `${sign} ${line}`)
    .join('\n');

function show() {
  const bytes = readFileSync(SAMPLE);
  const { output, stats, findings } = redact();
  const spans = findings
    .map(({ offset, length }) => ({ start: offset, end: offset + length }))
    .sort((a, b) => a.start - b.start);
  const after = output.trimEnd().split('\n');
  const lines = [];
  for (const [index, group] of groupLines(bytes, spans).entries()) {
    const original = bytes.toString('utf8', group.start, group.end);
    if (original === after[index]) {
      lines.push(pc.dim(prefixed(original, ' ')));
      continue;
    }
    const redacted = after[index].replace(PLACEHOLDER, (placeholder) => pc.bold(pc.green(placeholder)));
    lines.push(prefixed(marked(bytes, group, spans), pc.red('-')), prefixed(redacted, pc.green('+')));
  }
  const name = relative(process.cwd(), SAMPLE);
  console.log(pc.bold(`$ logveil --stats ${name}`));
  console.log(`${pc.red('-')} before   ${pc.green('+')} after   lines without a sign are as they were\n`);
  console.log(`${lines.join('\n')}\n`);
  process.stdout.write(stats);
}

// `npm run demo | head` is no error.
process.stdout.on('error', () => {});

try {
  if (!existsSync(FILTER[1])) throw new Error('dist/cli.js is missing: run `npm run build` first');
  show();
} catch (error) {
  console.error(`demo: ${error.message}`);
  process.exitCode = 2;
}
