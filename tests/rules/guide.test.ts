/** The rules shown in docs/rules.md are right, and find what the text says. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../src/config/file.ts';
import { loadRules } from '../../src/rules/load.ts';
import { checkExamples } from '../../src/scan/exampleCheck.ts';
import { temporaryFolder } from '../support/folders.ts';

const GUIDE = readFileSync(resolve(import.meta.dirname, '../../docs/rules.md'), 'utf8');
const blocks = [...GUIDE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text);

test('each rule passes its check', () => {
  const rules = blocks.filter((text) => text.includes('logveil.rules/1'));
  expect(rules).toHaveLength(4);
  const folder = temporaryFolder();
  const files = rules.map((text, index) => {
    const path = join(folder, `${index}.yaml`);
    writeFileSync(path, text);
    return { file: path, path, pack: 'user' };
  });
  expect(loadRules(files, checkExamples).rules).toHaveLength(4);
});

test('each configuration is one', () => {
  const configs = blocks.filter((text) => text.startsWith('# logveil.yaml'));
  expect(configs).toHaveLength(1);
  for (const text of configs) expect(parseConfig('logveil.yaml', text).allow).toHaveLength(2);
});
