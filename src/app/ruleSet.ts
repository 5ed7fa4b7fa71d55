/** Loads the rules that were asked for, and holds rules of the user's own to their examples. */
import { loadRules, type RuleSet, toRuleSet } from '../rules/load.ts';
import { readPackedRules } from '../rules/packed.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import { checkExamples } from '../scan/exampleCheck.ts';

/**
 * @param names packs, files or folders, as with `--rules`
 * @throws UsageError, IoError, ProblemsError
 */
export function loadRuleSet(names: readonly string[]): RuleSet {
  const files = resolveRuleFiles(names);
  const packed = readPackedRules(files);
  if (packed !== undefined) return toRuleSet(packed);
  // The packs that ship are held to their examples by the build; at each start that would cost time.
  return loadRules(files, (rules) => checkExamples(rules.filter(({ pack }) => pack === 'user')));
}
