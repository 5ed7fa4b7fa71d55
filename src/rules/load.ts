/**
 * From rule files to a checked rule set. All problems of all files are collected before anything is refused, and
 * nothing is used unless everything is right: a half-loaded rule set would let through what its other half finds.
 */
import { readBounded } from '../boundedFile.ts';
import { type Problem, ProblemsError } from '../errors.ts';
import { readYaml } from '../yaml/document.ts';
import { lintRule } from './lint.ts';
import type { RuleFile } from './packs.ts';
import { type LoadedRule, type RuleSet, toRuleSet } from './ruleSet.ts';
import { openRuleFileSchema, ruleSchema } from './schema.ts';

export type { LoadedRule, RuleSet };

/** What is read of YAML is less. */
const MOST_BYTES = 8 * 1024 * 1024;

/** A set of rules with all that their authors wrote. */
interface LoadedRuleSet extends RuleSet {
  readonly rules: readonly LoadedRule[];
}

/** Checks that need the matcher; injected, because matching stands above the rules. */
export type RuleCheck = (rules: readonly LoadedRule[]) => Problem[];

/**
 * Reads and checks rule files.
 * @param check run over the rules once each is right by itself, for instance on their examples
 * @param known ids of rules that are used beside these, and the files they stand in
 * @throws ProblemsError with all problems of all files; IoError when a file can't be read
 */
export function loadRules(
  files: readonly RuleFile[],
  check: RuleCheck = () => [],
  known: ReadonlyMap<string, string> = new Map(),
): LoadedRuleSet {
  const problems: Problem[] = [];
  const rules: LoadedRule[] = [];
  const firstUse = new Map(known);
  for (const file of files) {
    const result = readYaml(file.file, readRuleFile(file), openRuleFileSchema);
    if (!result.ok) {
      problems.push(...result.problems);
      continue;
    }
    const { document } = result;
    document.value.rules.forEach((raw, index) => {
      const problemAt = (path: readonly PropertyKey[], message: string): Problem =>
        document.problemAt(['rules', index, ...path], message);
      const found = lintRule(raw).map(({ path, message }) => problemAt(path, message));
      const id = idOf(raw);
      const earlier = id === undefined ? undefined : firstUse.get(id);
      if (earlier !== undefined) {
        found.push(problemAt(['id'], `expected a new id: \`${id}\` is already defined in ${earlier}`));
      }
      if (id !== undefined) firstUse.set(id, file.file);
      const { value: rule, problems: misfits } = document.checkPart(['rules', index], raw, ruleSchema);
      found.push(...misfits);
      if (rule !== undefined && found.length === 0) rules.push({ rule, pack: file.pack, problemAt });
      problems.push(...found);
    });
  }
  problems.push(...check(rules));
  if (problems.length > 0) throw new ProblemsError('LOGVEIL_RULES', problems.sort(byPlace));
  return toRuleSet(rules);
}

function idOf(raw: unknown): string | undefined {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function byPlace(a: Problem, b: Problem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
}

function readRuleFile(file: RuleFile): string {
  return readBounded(file.path, MOST_BYTES, file.file, 'the rule file').toString();
}
