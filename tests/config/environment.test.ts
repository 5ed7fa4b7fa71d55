/** Misspelt variables are told by name, and no variable that is read counts as one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { unknownVariables } from '../../src/config/environment.ts';
import { REPOSITORY, runCli } from '../support/cli.ts';

test('knows all variables that the code reads', () => {
  const files = readdirSync(join(REPOSITORY, 'src'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(REPOSITORY, 'src', name), 'utf8'));
  const read = texts.flatMap((text) =>
    [...text.matchAll(/\benv\.(LOGVEIL_\w+)/g)].map(([, name = '']) => name),
  );
  expect(read.length).toBeGreaterThan(10);
  expect(unknownVariables(Object.fromEntries(read.map((name) => [name, 'x'])))).toEqual([]);
});

test.each([
  ['LOGVEIL_ACITON', 'LOGVEIL_ACTION'],
  ['LOGVEIL_RULE', 'LOGVEIL_RULES'],
  ['LOGVEIL_MAXLINE', 'LOGVEIL_MAX_LINE'],
  ['logveil_engine', 'LOGVEIL_ENGINE'],
])('%s is nearest to %s', (name, nearest) => {
  expect(unknownVariables({ PATH: '', [name]: 'x' })).toEqual([{ name, nearest }]);
});

test('what Kubernetes sets for a service of that name is not meant', () => {
  const names = [
    'SERVICE_HOST',
    'SERVICE_PORT',
    'SERVICE_PORT_HTTP',
    'PORT',
    'PORT_8080_TCP',
    'PORT_8080_TCP_ADDR',
  ];
  expect(unknownVariables(Object.fromEntries(names.map((name) => [`LOGVEIL_${name}`, 'x'])))).toEqual([]);
});

test('a run tells the name once, and never the value', async () => {
  const env = { LOGVEIL_ACITON: 'value-7654321' };
  const { code, stderr } = await runCli([], { env, input: 'x\n' });
  expect(code).toBe(0);
  expect(stderr.split('\n').filter((line) => line.includes('LOGVEIL_ACITON'))).toHaveLength(1);
  expect(stderr).toContain('the nearest is LOGVEIL_ACTION');
  expect(stderr).not.toContain('7654321');
  expect((await runCli(['--log-level', 'error'], { env, input: 'x\n' })).stderr).toBe('');
});
