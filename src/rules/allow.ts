/**
 * Values that are harmless wherever they turn up, as the configuration names them. They are added to what the rules
 * themselves allow, rule by rule, so they are judged in the same place: a value that is allowed is no finding, and what
 * any rule finds beside, around or within it stays one.
 */
import { type RuleOfSet, type RuleSet, toRuleSet } from './ruleSet.ts';

/** As in `logveil.yaml` under `allow`. */
export interface AllowEntry {
  /** Ids of the rules it is for; all without it. */
  readonly rules?: readonly string[] | undefined;
  /** RE2; a value in which one matches is allowed. */
  readonly patterns: readonly string[];
  /** Whole values; ASCII case is ignored. */
  readonly values: readonly string[];
  /** A value that holds one is allowed; ASCII case is ignored. */
  readonly stopwords: readonly string[];
}

/**
 * The set with the entries added to its rules; its digest tells of them too.
 * @param entries whose patterns RE2 takes
 */
export function withAllowed(set: RuleSet, entries: readonly AllowEntry[]): RuleSet {
  if (entries.length === 0) return set;
  return toRuleSet(set.rules.map((rule) => entries.reduce(allowing, rule)));
}

function allowing(loaded: RuleOfSet, entry: AllowEntry): RuleOfSet {
  const { rule } = loaded;
  if (entry.rules !== undefined && !entry.rules.includes(rule.id)) return loaded;
  const { patterns = [], values = [], stopwords = [] } = rule.allow ?? {};
  const allow = {
    patterns: [...patterns, ...entry.patterns],
    values: [...values, ...entry.values],
    stopwords: [...stopwords, ...entry.stopwords],
  };
  return { ...loaded, rule: { ...rule, allow } };
}
