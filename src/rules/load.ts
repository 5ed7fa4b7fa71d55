/**
 * From rule files to a checked rule set. All problems of all files are collected before anything is refused, and
 * nothing is used unless everything is right: a half-loaded rule set would let through what its other half finds.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describeIo, IoError, type Problem, ProblemsError } from '../errors.ts';
import { readYaml } from '../yaml/document.ts';
import { lintRule } from './lint.ts';
import type { RuleFile } from './packs.ts';
import { openRuleFileSchema, type Rule, ruleSchema } from './schema.ts';

/** A rule and where it comes from. */
export interface LoadedRule {
  readonly rule: Rule;
  readonly pack: string;
  /** Makes a problem at a part of this rule, for checks that need more than the rule alone. */
  problemAt(path: readonly PropertyKey[], message: string): Problem;
}

export interface RuleSet {
  /** In the order in which they were named; the place in this list is the rule's index everywhere. */
  readonly rules: readonly LoadedRule[];
  /** SHA-256 of the rules' content, hex: two runs with equal digests looked for the same things. */
  readonly digest: string;
}

/** Checks that need the matcher; injected, because matching stands above the rules. */
export type RuleCheck = (rules: readonly LoadedRule[]) => Problem[];

/**
 * Reads and checks rule files.
 * @param check run over the rules once each is right by itself, for instance on their examples
 * @throws ProblemsError with all problems of all files; IoError when a file can't be read
 */
export function loadRules(files: readonly RuleFile[], check: RuleCheck = () => []): RuleSet {
  const problems: Problem[] = [];
  const rules: LoadedRule[] = [];
  const firstUse = new Map<string, string>();
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

/** Rules that have been checked, as a set. */
export function toRuleSet(rules: readonly LoadedRule[]): RuleSet {
  return { rules, digest: digestOf(rules) };
}

function idOf(raw: unknown): string | undefined {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  return typeof id === 'string' ? id : undefined;
}

function byPlace(a: Problem, b: Problem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
}

function readRuleFile(file: RuleFile): string {
  try {
    return readFileSync(file.path, 'utf8');
  } catch (error) {
    throw new IoError(`${file.file}: the rule file can't be read: ${describeIo(error)}`, { cause: error });
  }
}

function digestOf(rules: readonly LoadedRule[]): string {
  const hash = createHash('sha256');
  for (const { rule } of rules) hash.update(JSON.stringify(rule)).update('\n');
  return hash.digest('hex');
}
