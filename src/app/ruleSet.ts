/** Loads the rules that were asked for, and holds rules of the user's own to their examples. */
import { loadRules, type RuleSet } from '../rules/load.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import { checkExamples } from '../scan/exampleCheck.ts';

/**
 * @param names packs, files or folders, as with `--rules`
 * @throws UsageError, IoError, ProblemsError
 */
export function loadRuleSet(names: readonly string[]): RuleSet {
  // The packs that ship are held to their examples by the tests of the project; at each start that would cost time.
  return loadRules(resolveRuleFiles(names), (rules) =>
    checkExamples(rules.filter(({ pack }) => pack === 'user')),
  );
}
