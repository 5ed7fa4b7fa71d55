/** What logveil's engine searches with the packs of `default`, for contenders that are given the same to search. */
import './typescript.mjs';

/** @returns {Promise<string[]>} RE2 syntax, each once: those of the rules and those that make a line worth a look */
export async function enginePatterns() {
  const { loadRuleSet } = await import('../../src/app/ruleSet.ts');
  const { compileRules } = await import('../../src/rules/compile.ts');
  const { patterns, closerLook } = compileRules(loadRuleSet(['default']), { keepPrivateIps: true });
  return [...new Set([...patterns, ...closerLook].map(({ source }) => source))];
}
