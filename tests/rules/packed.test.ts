/** The rules packed by the build are those of the YAML files, and a file changed after the build is noticed. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadRules } from '../../src/rules/load.ts';
import { readPackedRules } from '../../src/rules/packed.ts';
import { builtInRuleFiles } from '../../src/rules/packs.ts';
import { toRuleSet } from '../../src/rules/ruleSet.ts';

it('gives the same rules as the YAML', () => {
  const files = builtInRuleFiles();
  const packed = readPackedRules(files);
  expect(packed).toBeDefined();
  expect(toRuleSet(packed ?? []).digest).toBe(loadRules(files).digest);
});

it('is not used for a file that was changed after the build, nor for rules of the user', () => {
  const [first] = builtInRuleFiles();
  const folder = mkdtempSync(join(tmpdir(), 'logveil-'));
  try {
    const path = join(folder, 'changed.yaml');
    cpSync(first.path, path);
    expect(readPackedRules([{ ...first, path }])).toBeDefined();
    writeFileSync(path, '# changed\n', { flag: 'a' });
    expect(readPackedRules([{ ...first, path }])).toBeUndefined();
    expect(readPackedRules([{ ...first, pack: 'user' }])).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
