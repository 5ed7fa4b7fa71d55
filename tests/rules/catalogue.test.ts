/** The catalogue of rules in docs/ says what the rules say; `npm run catalogue` writes it anew. */
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { catalogueOf } from '../../src/rules/catalogue.ts';
import { loadRules } from '../../src/rules/load.ts';
import { builtInRuleFiles } from '../../src/rules/packs.ts';

const PATH = resolve(import.meta.dirname, '../../docs/rule-catalogue.md');

test('docs/rule-catalogue.md is current', () => {
  const { rules } = loadRules(builtInRuleFiles());
  const text = catalogueOf(rules);
  if (process.env.UPDATE_GOLDEN) writeFileSync(PATH, text);
  // Not with `toBe`: a difference would be told in thousands of lines.
  const isCurrent = readFileSync(PATH, 'utf8') === text;
  expect(isCurrent, '`npm run catalogue` writes it anew').toBe(true);
  for (const { rule } of rules) expect(text).toContain(`| ${rule.id} | ${rule.entity} | ${rule.severity} |`);
});
