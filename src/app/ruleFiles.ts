/** Rules from their files, and rules of the user's own held to their examples. */
import { loadRules } from '../rules/load.ts';
import { readPackedRules } from '../rules/packed.ts';
import { type RuleFile, resolveRuleFiles } from '../rules/packs.ts';
import { type RuleSet, toRuleSet } from '../rules/ruleSet.ts';
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

/** @throws IoError, ProblemsError */
export function readRuleSet(files: readonly RuleFile[]): RuleSet {
  // The packs that ship are held to their examples by the build; at each start that would cost time.
  return loadRules(files, (rules) => checkExamples(rules.filter(({ pack }) => pack === 'user')));
}
