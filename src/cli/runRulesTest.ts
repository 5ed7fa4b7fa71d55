/** `rules test`: the examples of rules through the whole pipeline. */
import { Redaction } from '../app/redaction.ts';
import { RuleExplainer } from '../app/ruleExplanation.ts';
import { type RuleTestResult, testRules } from '../app/ruleTests.ts';
import { loadConfig } from '../config/load.ts';
import { toRedactionSettings } from '../config/settings.ts';
import { formatProblem, UsageError } from '../errors.ts';
import { withAllowed } from '../rules/allow.ts';
import { loadRules } from '../rules/load.ts';
import { resolveRuleFiles } from '../rules/packs.ts';
import { EXIT_CODES, type ExitCode } from './exitCodes.ts';
import { type RuleFlags, settingsOf } from './flags.ts';
import { printable, printLines } from './printing.ts';

export interface TestFlags extends RuleFlags {
  readonly verbose?: boolean;
}

/**
 * @param ids of the rules to test; all in use without any
 * @throws UsageError, ProblemsError, IoError
 */
export async function testRulesOf(ids: readonly string[], flags: TestFlags): Promise<ExitCode> {
  const config = await loadConfig(await settingsOf({ ...flags }), flags.config, process.env);
  const settings = toRedactionSettings({ ...config, rules: config.rules ?? ['all'] }, process.env);
  // Examples are written for rules as they come; what is done with a match is not what they are about.
  const tested = { ...settings, action: 'redact' as const, keepPrivateIps: true };
  const set = loadRules(resolveRuleFiles(tested.rules));
  const chosen = ids.length === 0 ? set.rules : set.rules.filter(({ rule }) => ids.includes(rule.id));
  const unknown = ids.filter((id) => !chosen.some(({ rule }) => rule.id === id));
  if (unknown.length > 0) {
    throw new UsageError(
      `expected ids of rules in use, not ${unknown.map(printable).join(', ')}; packs and files go behind \`--rules\``,
    );
  }
  const redaction = new Redaction(tested, set);
  const result = testRules(chosen, redaction, new RuleExplainer(redaction, withAllowed(set, tested.allow)));
  if (result.problems.length > 0) {
    process.stderr.write(result.problems.map((problem) => `${formatProblem(problem)}\n`).join(''));
  }
  await printLines(totals(result, chosen.length, set.rules.length, flags.verbose === true));
  return result.problems.length > 0 ? EXIT_CODES.failed : EXIT_CODES.done;
}

function totals(result: RuleTestResult, tested: number, used: number, isVerbose: boolean): string[] {
  const { examples, nearMisses, toldAsOther, problems } = result;
  const rows = toldAsOther.map(({ rule, as }) => `  ${rule}: an example is told as ${as}`);
  return [
    ...(isVerbose ? rows : []),
    `${tested} rules among ${used}: ${examples} examples and ${nearMisses} near misses, ${problems.length} fail` +
      (toldAsOther.length > 0 ? `; ${toldAsOther.length} examples are redacted by a stronger rule` : ''),
  ];
}
