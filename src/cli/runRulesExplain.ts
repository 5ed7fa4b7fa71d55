/** `rules explain`: why rules fire or do not. */
import { type FoundLine, lineOf, linesOf } from '../app/explainInput.ts';
import { Redaction } from '../app/redaction.ts';
import { type Candidate, type LineExplanation, RuleExplainer } from '../app/ruleExplanation.ts';
import { openRuleSet } from '../app/ruleSet.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { STDIN_FD, STDOUT_FD } from '../descriptors.ts';
import { UsageError } from '../errors.ts';
import { withAllowed } from '../rules/allow.ts';
import { openStandardInput, readInput } from '../sources/input.ts';
import { type Paint, paintFor } from '../telemetry/colour.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';
import { print, printable } from './printing.ts';

export interface ExplainFlags extends RuleFlags {
  readonly line?: string;
  readonly rule?: string[];
  readonly reveal?: boolean;
  readonly format: 'text' | 'json';
}

/** Texts are explained line by line, which is for a few of them. */
const MOST_TEXT_BYTES = 1024 * 1024;
const NAME_WIDTH = 16;
const MOST_NEAR = 30;

/**
 * @param given a text, or with `--line` a file; without it standard input
 * @throws UsageError, ProblemsError, IoError
 */
export async function explainRules(given: string | undefined, flags: ExplainFlags): Promise<ExitCode> {
  if (flags.reveal && process.stdout.isTTY !== true) {
    throw new UsageError(
      '--reveal: expected a terminal: values are shown to a person, not written to a file or pipe',
    );
  }
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  const settings = toRedactionSettings(config, process.env);
  const ruleSet = await openRuleSet(settings.rules);
  const wanted = new Set(flags.rule ?? []);
  const unknown = [...wanted].filter((id) => !ruleSet.rules.some(({ rule }) => rule.id === id));
  if (unknown.length > 0) {
    throw new UsageError(
      `--rule: expected ids of rules in use, not ${unknown.map(printable).join(', ')}; \`logveil rules list\` names them`,
    );
  }
  const redaction = new Redaction(settings, ruleSet);
  const explainer = new RuleExplainer(redaction, withAllowed(ruleSet, settings.allow));
  const lines = await linesToExplain(redaction, given, flags);
  const explained = lines.map(({ bytes, number, findings, offset }) =>
    explainer.explain(bytes, number, findings, offset, wanted),
  );
  const isRevealed = flags.reveal === true;
  if (flags.format === 'json') {
    await print(explained.map((one) => `${JSON.stringify(toJson(one, isRevealed))}\n`).join(''));
  } else {
    const paint = paintFor(STDOUT_FD);
    await print(explained.map((one) => explanationText(one, paint, isRevealed)).join('\n'));
  }
  return EXIT_CODES.done;
}

async function linesToExplain(
  redaction: Redaction,
  given: string | undefined,
  flags: ExplainFlags,
): Promise<FoundLine[]> {
  if (flags.line !== undefined) {
    const number = Number(flags.line);
    if (!Number.isSafeInteger(number) || number < 1)
      throw new UsageError('--line: expected the number of a line, counted from 1');
    if (given === undefined)
      throw new UsageError('--line: expected a file behind it: `rules explain --line 12 app.log`');
    const line = await lineOf(redaction, given, number);
    if (line === undefined)
      throw new UsageError(`--line: ${printable(given)} has fewer than ${number} lines`);
    return [line];
  }
  const text = given === undefined || given === '-' ? await standardInput() : Buffer.from(given);
  if (text.length === 0) throw new UsageError('expected a text to explain, got nothing');
  return linesOf(redaction, text);
}

async function standardInput(): Promise<Buffer> {
  if (process.stdin.isTTY) process.stderr.write('logveil: reading from the terminal; end with Ctrl-D\n');
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of readInput('stdin', openStandardInput(), new AbortController().signal)) {
    const bytes = Buffer.from(chunk as Buffer);
    length += bytes.length;
    if (length > MOST_TEXT_BYTES) {
      throw new UsageError(
        `standard input (${STDIN_FD}): expected at most ${MOST_TEXT_BYTES} bytes; \`--line N FILE\` explains a line of a long file`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function toJson(explanation: LineExplanation, isRevealed: boolean): unknown {
  const candidates = explanation.candidates.map(({ value, ...candidate }) =>
    isRevealed ? { ...candidate, value } : candidate,
  );
  return { ...explanation, candidates };
}

function explanationText(explanation: LineExplanation, paint: Paint, isRevealed: boolean): string {
  const { line, bytes, findings, candidates, leftOut, near, silent } = explanation;
  const told = findings.length === 1 ? '1 finding' : `${findings.length} findings`;
  const rows = [paint('bold', `line ${line}: ${bytes} bytes, ${told}`)];
  const listed = new Set(candidates.map(({ rule }) => rule));
  for (const finding of findings) {
    if (listed.has(finding.rule)) continue;
    rows.push(
      '',
      `${finding.rule}  ${finding.length} bytes, from line ${finding.line} on: a value of many lines`,
    );
  }
  for (const candidate of candidates) rows.push('', ...candidateText(candidate, paint, isRevealed));
  for (const { rule, reasons } of silent) {
    rows.push(
      '',
      `${paint('bold', rule)}  ${paint('dim', 'no candidate')}`,
      ...reasons.map((reason) => `  ${reason}`),
    );
  }
  if (leftOut > 0) rows.push('', paint('dim', `${leftOut} more rejected candidates of these rules`));
  if (near.length > 0) {
    const ids = near.slice(0, MOST_NEAR).map(({ rule }) => rule);
    const more = near.length > ids.length ? ` and ${near.length - ids.length} more` : '';
    rows.push(
      '',
      paint('dim', 'what they look for is in the line, but no pattern matches (`--rule ID` tells more):'),
    );
    rows.push(paint('dim', `  ${ids.join(', ')}${more}`));
  }
  if (candidates.length + findings.length + silent.length === 0) {
    rows.push('', 'no rule has a candidate; `--rule ID` tells why one has none');
  }
  return `${rows.join('\n')}\n`;
}

function candidateText(candidate: Candidate, paint: Paint, isRevealed: boolean): string[] {
  const { rule, by, column, length, level, steps, confidence, outcome, coveredBy } = candidate;
  const verdicts = {
    finding: paint('red', `finding, confidence ${confidence.toFixed(2)}`),
    covered: paint('yellow', `confidence ${confidence.toFixed(2)}, covered by the stronger ${coveredBy}`),
    rejected: paint('dim', 'rejected'),
  };
  const depth = level > 0 ? `, inside ${level} JSON ${level === 1 ? 'string' : 'strings'}` : '';
  const place = length === 0 ? '' : `column ${column}, ${length} bytes${depth}`;
  const value = isRevealed ? printable(candidate.value) : candidate.masked;
  return [
    `${paint('bold', rule)}  ${verdicts[outcome]}`,
    `  ${by.padEnd(NAME_WIDTH)}matches${place === '' ? '' : `: ${place}: ${value}`}`,
    ...steps.map(({ name, isMet, detail }) => {
      const text = `  ${name.padEnd(NAME_WIDTH)}${isMet ? '' : 'NO: '}${detail}`;
      return isMet ? text : paint('yellow', text);
    }),
  ];
}
