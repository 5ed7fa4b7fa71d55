/** The rules that were asked for. What the build has checked is used as it is; all else is read and checked. */
import { UsageError } from '../errors.ts';
import { KNOWN_SECRET_RULE } from '../known/rule.ts';
import { packedRuleIds, readPackedRules } from '../rules/packed.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import { type RuleSet, toRuleSet } from '../rules/ruleSet.ts';

/**
 * @param names packs, files or folders, as with `--rules`
 * @throws UsageError, IoError, ProblemsError
 */
export async function openRuleSet(names: readonly string[]): Promise<RuleSet> {
  const files = resolveRuleFiles(names);
  const packed = readPackedRules(files);
  if (packed !== undefined) return toRuleSet(packed);
  // What reads and checks rule files takes longer to load than the rest of the command together.
  const { readRuleSet } = await import('./ruleFiles.ts');
  return readRuleSet(files);
}

/**
 * Settings may name rules that this run does not use, but not rules that do not exist: a misspelt id would silently
 * leave its rule to the default.
 * @param ids those that the setting names
 * @throws UsageError
 */
export function refuseUnknownRules(ids: Iterable<string>, ruleSet: RuleSet, setting = 'actions.rules'): void {
  const loaded = new Set(ruleSet.rules.map(({ rule }) => rule.id));
  const missing = [...ids].filter((id) => !loaded.has(id));
  if (missing.length === 0) return;
  const shipped = new Set([...packedRuleIds(), KNOWN_SECRET_RULE.id]);
  const unknown = missing.filter((id) => !shipped.has(id));
  if (unknown.length > 0) {
    throw new UsageError(`${setting}: expected ids of rules that exist, not ${unknown.join(', ')}`);
  }
}
