/** Files that are no text, or that no parser should follow: told with their place, never thrown. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readYaml } from '../../src/yaml/document.ts';

test.each([
  [Buffer.from('a: 1\nb: \xff\n', 'latin1'), { line: 2, column: 4, message: 'expected UTF-8 text' }],
  [Buffer.from('\ufeffa: 1\n', 'utf16le'), { line: 1, column: 1, message: 'expected UTF-8 text' }],
  [
    Buffer.from(`a: ${'['.repeat(20_000)}`),
    { line: 1, message: expect.stringMatching(/^expected valid YAML/) },
  ],
])('%#', (bytes, problem) => {
  const result = readYaml('x.yaml', bytes.toString('utf8'), z.unknown());
  expect(result.ok ? [] : result.problems).toContainEqual(expect.objectContaining(problem));
});
