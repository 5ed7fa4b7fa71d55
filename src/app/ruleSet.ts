/** Loads the rules that were asked for, and holds rules of the user's own to their examples. */
import { UsageError } from '../errors.ts';
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

/**
 * Actions may be set for rules that this run does not use, but not for rules that do not exist: a misspelt id would
 * silently leave its rule to the default.
 * @param ids those that actions are set for
 * @throws UsageError
 */
export function refuseUnknownRules(ids: Iterable<string>, ruleSet: RuleSet): void {
  const loaded = new Set(ruleSet.rules.map(({ rule }) => rule.id));
  const missing = [...ids].filter((id) => !loaded.has(id));
  if (missing.length === 0) return;
  const shipped = new Set(loadRuleSet(['all']).rules.map(({ rule }) => rule.id));
  const unknown = missing.filter((id) => !shipped.has(id));
  if (unknown.length > 0) {
    throw new UsageError(`actions.rules: expected ids of rules that exist, not ${unknown.join(', ')}`);
  }
}
