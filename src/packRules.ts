/**
 * Part of the build: checks the rules that ship, their examples too, and writes them parsed and their patterns analysed.
 * Ends with 2 on a problem.
 */
import { writeFileSync } from 'node:fs';
import { preparedPatternsPath, preparePatterns } from './app/preparedPatterns.ts';
import { ProblemsError } from './errors.ts';
import { compileRules } from './rules/compile.ts';
import { loadRules } from './rules/load.ts';
import { packedRulesPath, packRules } from './rules/packed.ts';
import { builtInRuleFiles } from './rules/packs.ts';
import { checkExamples } from './scan/exampleCheck.ts';

try {
  const files = builtInRuleFiles();
  const all = loadRules(files, checkExamples);
  const rulesOf = (file: (typeof files)[number]) => loadRules([file]).rules.map(({ rule }) => rule);
  writeFileSync(packedRulesPath(), packRules(files, rulesOf));
  writeFileSync(preparedPatternsPath(), preparePatterns(compileRules(all, { keepPrivateIps: true })));
} catch (error) {
  if (!(error instanceof ProblemsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
