/** Rules from their files, and rules of the user's own held to their examples. */
import { loadRules } from '../rules/load.ts';
import { readPackedRules } from '../rules/packed.ts';
import { type RuleFile, resolveRuleFiles } from '../rules/packs.ts';
import { type RuleOfSet, type RuleSet, toRuleSet } from '../rules/ruleSet.ts';
import { checkExamples } from '../scan/exampleCheck.ts';

/**
 * The same as `openRuleSet`, for callers that can not wait.
 * @param names packs, files or folders, as with `--rules`
 * @throws UsageError, IoError, ProblemsError
 */
export function loadRuleSet(names: readonly string[]): RuleSet {
  const files = resolveRuleFiles(names);
  const packed = readPackedRules(files);
  return packed === undefined ? readRuleSet(files) : toRuleSet(packed);
}

/**
 * Reads rules of the user's own, and takes those that ship as the build has checked them, where their files are the same.
 * @throws IoError, ProblemsError
 */
export function readRuleSet(files: readonly RuleFile[]): RuleSet {
  const packed = readPackedRules(files.filter(({ pack }) => pack !== 'user'));
  // The packs that ship are held to their examples by the build; at each start that would cost time.
  if (packed === undefined)
    return loadRules(files, (rules) => checkExamples(rules.filter(({ pack }) => pack === 'user')));
  const shipped = packed.map((rule) => [rule.rule.id, fileOf(rule)] as const);
  const own = loadRules(
    files.filter(({ pack }) => pack === 'user'),
    checkExamples,
    new Map(shipped),
  );
  const byFile = new Map<string, RuleOfSet[]>();
  for (const rule of [...packed, ...own.rules]) {
    const file = fileOf(rule);
    byFile.set(file, [...(byFile.get(file) ?? []), rule]);
  }
  // In the order in which they were named, which breaks ties.
  return toRuleSet(files.flatMap(({ file }) => byFile.get(file) ?? []));
}

/** The file a rule stands in, as problems name it. */
function fileOf({ problemAt }: RuleOfSet): string {
  return problemAt([], '').file;
}
