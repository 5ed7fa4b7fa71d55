/**
 * The JSON Schemas for editors are generated from the schemas in code and committed; this holds them equal.
 * `npm run schema` rewrites them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../src/config/schema.ts';
import { ruleFileSchema } from '../../src/rules/schema.ts';

const SCHEMAS = [
  ['rules.schema.json', ruleFileSchema],
  ['config.schema.json', configSchema],
] as const;

describe.each(SCHEMAS)('docs/%s', (name, schema) => {
  it('is what the code says', () => {
    const path = new URL(`../../docs/${name}`, import.meta.url);
    const text = `${JSON.stringify(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});
