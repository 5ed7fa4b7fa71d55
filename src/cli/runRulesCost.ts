/** `rules cost`: which rules take the time. */

import { measureRules, type RuleCost } from '../app/ruleCost.ts';
import { makeCorpus } from '../bench/corpora.ts';
import { STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import { analysePattern } from '../kernel/analysis/shape.ts';
import { loadRules } from '../rules/load.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import type { RuleOfSet } from '../rules/ruleSet.ts';
import { openFile, readInput } from '../sources/input.ts';
import { paintFor } from '../telemetry/colour.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { print, printable } from './printing.ts';

export interface CostFlags {
  readonly sample?: string;
  readonly patterns?: boolean;
  readonly top?: string;
  readonly format: 'text' | 'json';
}

/** Enough lines to tell rules apart, little enough for some hundred of them. */
const SAMPLE_BYTES = 1024 * 1024;
/** What the shipped sample is made of: kinds of lines that logs consist of. */
const KINDS = ['clean', 'access', 'json', 'dense'];

/** @throws UsageError, ProblemsError, IoError */
export async function showCost(names: readonly string[], flags: CostFlags): Promise<ExitCode> {
  const { rules } = loadRules(resolveRuleFiles(names.length > 0 ? names : ['default']));
  if (flags.patterns) {
    await print(patternLines(rules));
    return EXIT_CODES.done;
  }
  const top = flags.top === undefined ? rules.length : Number(flags.top);
  if (!Number.isSafeInteger(top) || top < 1)
    throw new UsageError('--top: expected a number of rules, 1 or more');
  const sample = flags.sample === undefined ? madeSample() : await readSample(flags.sample);
  const showsProgress = process.stderr.isTTY === true;
  const costs = measureRules(rules, sample, (done) => {
    if (showsProgress && done % 10 === 0) process.stderr.write(`\r${done} of ${rules.length} rules`);
  });
  if (showsProgress) process.stderr.write('\r\x1b[K');
  if (flags.format === 'json')
    await print(`${JSON.stringify({ sampleBytes: sample.length, rules: costs.slice(0, top) }, null, 2)}\n`);
  else await print(costText(costs.slice(0, top), rules.length, sample.length));
  return EXIT_CODES.done;
}

function costText(costs: readonly RuleCost[], all: number, sampleBytes: number): string {
  const paint = paintFor(STDOUT_FD);
  const width = Math.max(4, ...costs.map(({ rule }) => rule.length));
  const rows = costs.flatMap(({ rule, msPerMib, findings, reasons }) => [
    `${msPerMib.toFixed(2).padStart(9)}  ${String(findings).padStart(8)}  ${rule.padEnd(width)}`.trimEnd(),
    ...reasons.map((reason) => paint('dim', `${' '.repeat(21)}  ${reason}`)),
  ]);
  const left = all - costs.length;
  return [
    paint('bold', 'ms / MiB  findings  rule'),
    ...rows,
    paint(
      'dim',
      `each rule alone on ${sampleBytes} bytes${left > 0 ? `; ${left} cheaper rules are not shown` : ''}`,
    ),
    '',
  ].join('\n');
}

/** Lines of several kinds, the same ones everywhere. */
function madeSample(): Buffer {
  return Buffer.concat(KINDS.map((name) => makeCorpus(name, SAMPLE_BYTES / KINDS.length).bytes));
}

/** The beginning of a file, in whole lines where it has any. */
async function readSample(path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readInput(path, openFile(path), new AbortController().signal)) {
    chunks.push(Buffer.from(chunk as Buffer));
    length += (chunk as Buffer).length;
    if (length >= SAMPLE_BYTES) break;
  }
  if (length === 0) throw new UsageError(`--sample: expected log lines, ${printable(path)} is empty`);
  const bytes = Buffer.concat(chunks).subarray(0, SAMPLE_BYTES);
  const end = bytes.lastIndexOf('\n');
  return end === -1 ? bytes : bytes.subarray(0, end + 1);
}

/** What the kernel makes of each pattern, without running it. */
function patternLines(rules: readonly RuleOfSet[]): string {
  const rows = rules.flatMap(({ rule }) =>
    rule.patterns.map(({ regex }, index) => {
      const { cost, maxBytes, declined, unboundedLookahead } = analysePattern(regex);
      const length = maxBytes < 0 ? 'any length' : `up to ${maxBytes} bytes`;
      const notes = [length, ...(unboundedLookahead ? ['look-ahead'] : []), ...(declined ? [declined] : [])];
      return `${cost.padEnd(11)} ${`${rule.id} ${index + 1}`.padEnd(40)} ${notes.join(', ')}\n`;
    }),
  );
  return rows.sort().join('');
}
