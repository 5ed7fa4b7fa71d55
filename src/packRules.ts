/**
 * Part of the build: checks the rules that ship, their examples too, and writes them parsed, their patterns analysed and the
 * kernel laid out for the packs that are used most.
 * Ends with 2 on a problem.
 */
import { writeFileSync } from 'node:fs';
import {
  imagePath,
  kernelPatterns,
  preparedPatternsPath,
  prepareImage,
  preparePatterns,
} from './app/preparedPatterns.ts';
import { ProblemsError } from './errors.ts';
import { compileRules } from './rules/compile.ts';
import { loadRules } from './rules/load.ts';
import { packedRulesPath, packRules } from './rules/packed.ts';
import { builtInRuleFiles, resolveRuleFiles } from './rules/packs.ts';
import { checkExamples } from './scan/exampleCheck.ts';

try {
  const files = builtInRuleFiles();
  const all = loadRules(files, checkExamples);
  const rulesOf = (file: (typeof files)[number]) => loadRules([file]).rules.map(({ rule }) => rule);
  writeFileSync(packedRulesPath(), packRules(files, rulesOf));
  writeFileSync(preparedPatternsPath(), preparePatterns(compileRules(all, { keepPrivateIps: true })));
  for (const pack of ['default', 'all']) {
    const rules = loadRules(resolveRuleFiles([pack]));
    const specs = kernelPatterns(compileRules(rules, { keepPrivateIps: true }));
    writeFileSync(imagePath(specs), prepareImage(specs));
  }
} catch (error) {
  if (!(error instanceof ProblemsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
