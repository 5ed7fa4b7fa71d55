/** Rules of another tool, made into rules of ours that pass their own check; what can't be is told with its reason. */
import type { Problem } from '../errors.ts';
import type { ForeignFormat, ForeignRule, ForeignRules } from '../rules/import/foreign.ts';
import { nameOf, readGitleaks } from '../rules/import/gitleaks.ts';
import { readKingfisher } from '../rules/import/kingfisher.ts';
import { convertRule, type RawRule } from '../rules/import/toRule.ts';
import { lintRule } from '../rules/lint.ts';
import { ruleSchema } from '../rules/schema.ts';
import type { Draw } from './exampleText.ts';
import { examplesFor, nearMissesOf } from './ruleExamples.ts';

/** What was made of a file. */
export interface ImportedRules {
  readonly format: ForeignFormat;
  /** As they are written into a rule file. */
  readonly rules: readonly object[];
  /** Rules in the file. */
  readonly count: number;
  /** What could not be imported, wholly or in part, in the order of the file. */
  readonly notes: readonly Problem[];
}

const EXAMPLES = 2;
/** Foreign examples can be whole files; one of this length is enough to check a rule. */
const MOST_EXAMPLE = 4096;

/** @returns problems when the file is none of the formats that are known */
export function readForeign(file: string, text: string): ForeignRules | readonly Problem[] {
  const isYaml = /\.ya?ml$/i.test(file);
  const readers = isYaml ? [readKingfisher, readGitleaks] : [readGitleaks, readKingfisher];
  const failures: Problem[] = [];
  for (const [index, read] of readers.entries()) {
    const result = read(file, text);
    if (result !== undefined && 'rules' in result) return result;
    // A file is held to the syntax its name speaks for.
    if (result !== undefined && index === 0) failures.push(...('message' in result ? [result] : result));
  }
  const message = 'expected rules of gitleaks, betterleaks, kingfisher or noseyparker: a list `rules`';
  return failures.length > 0 ? failures : [{ file, line: 1, column: 1, message }];
}

/**
 * @param taken ids that rules which ship have already: a rule of that id gets the format's name before it
 * @param prefix of all ids; empty for none
 * @param draw makes up examples
 */
export function importForeign(
  foreign: ForeignRules,
  taken: ReadonlySet<string>,
  prefix: string,
  draw: Draw,
): ImportedRules {
  const notes = [...foreign.notes];
  const used = new Set(taken);
  const rules: object[] = [];
  for (const one of foreign.rules) {
    const rule = importRule(one, foreign.format, used, prefix, notes, draw);
    if (rule === undefined) continue;
    used.add(rule.id);
    rules.push(rule);
  }
  notes.sort((a, b) => a.line - b.line || a.column - b.column);
  return { format: foreign.format, rules, count: foreign.count, notes };
}

function importRule(
  foreign: ForeignRule,
  format: ForeignFormat,
  used: ReadonlySet<string>,
  prefix: string,
  notes: Problem[],
  draw: Draw,
): RawRule | undefined {
  const skip = (part: string | undefined, reason: string): undefined => {
    notes.push(foreign.noteAt(part, `${nameOf(foreign.id)} is not imported: ${reason}`));
  };
  const remark = (message: string): void => {
    notes.push(foreign.noteAt(undefined, `${nameOf(foreign.id)}: ${message}`));
  };
  let converted = convertRule(foreign, prefix);
  if ('refused' in converted) return skip(converted.part, converted.refused);
  if (used.has(converted.rule.id)) {
    converted = convertRule(foreign, `${format}-${prefix}`);
    if ('refused' in converted) return skip(converted.part, converted.refused);
    if (used.has(converted.rule.id)) return skip('id', 'its id is that of a rule before it');
    remark(`its id is taken; it is imported as \`${converted.rule.id}\``);
  }
  const rule = withUsableReferences(converted.rule);
  const problems = lintRule(rule);
  const [mistake] = problems;
  if (mistake !== undefined) return skip('regex', mistake.message);
  const parsed = ruleSchema.safeParse({ ...rule, examples: [{ text: 'x', match: 'x' }] });
  if (!parsed.success)
    return skip(undefined, `${parsed.error.issues[0]?.path.join('.')} does not fit our rules`);
  const given = foreign.examples
    .map((text) => text.trim())
    .filter((text) => text !== '' && text.length <= MOST_EXAMPLE);
  const examples = examplesFor(parsed.data, given, EXAMPLES, draw);
  if (examples.length === 0) return skip('regex', 'no text could be made up in which it finds anything');
  const lost =
    given.length - (given.length > 0 && given.includes(examples[0]?.text ?? '') ? examples.length : 0);
  if (lost > 0) remark(`${lost} of its ${given.length} examples are not found here and are left out`);
  for (const message of converted.remarks) remark(message);
  const nearMisses = nearMissesOf(parsed.data, foreign.negativeExamples);
  return { ...rule, examples, ...(nearMisses.length > 0 && { nearMisses }) } as RawRule;
}

/** The rule without references that are none. */
function withUsableReferences({ references, ...rule }: RawRule): RawRule {
  const urls = references?.filter((url) => URL.canParse(url)) ?? [];
  return urls.length > 0 ? { ...rule, references: urls } : rule;
}
