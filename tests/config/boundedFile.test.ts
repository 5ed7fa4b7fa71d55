/** Files that settings name are read up to a bound, whatever they are. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readBounded } from '../../src/boundedFile.ts';
import { REPOSITORY, runCli, runShell, TEST_KEY } from '../support/cli.ts';
import { temporaryFolder } from '../support/folders.ts';

it('gives all of a file, or says that it is too long', () => {
  const path = join(temporaryFolder(), 'file');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 200_000 }), (size, most) => {
      const bytes = Buffer.alloc(size, 'abc');
      writeFileSync(path, bytes);
      if (size <= most) expect(readBounded(path, most, 'name', 'it').equals(bytes)).toBe(true);
      else
        expect(() => readBounded(path, most, 'name', 'it')).toThrow(
          `name: expected at most ${most} bytes as it`,
        );
    }),
    { numRuns: 50 },
  );
});

it.each([
  ['--key-file', 'the key file'],
  ['--config', 'the configuration'],
])('%s on a device without end is refused', async (flag, what) => {
  const { code, stderr } = await runCli([flag, '/dev/zero'], { input: 'a\n' });
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(`/dev/zero: expected at most \\d+ bytes as ${what}`),
  ]);
});

it('a key can come from a pipe', async () => {
  const { code, stderr } = await runShell('printf "%s" "$KEY" | "$@" --key-file /dev/stdin /dev/null', [], {
    cwd: REPOSITORY,
    env: { KEY: TEST_KEY },
  });
  expect([code, stderr]).toEqual([0, '']);
});

it('a configuration that is nested too deeply is an error with its place', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'deep.yaml'), `rules: ${'['.repeat(50_000)}${']'.repeat(50_000)}`);
  const { code, stderr } = await runCli(['--config', 'deep.yaml'], { cwd: folder, input: 'a\n' });
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/deep\.yaml:1:\d+: expected valid YAML: it is nested too deeply/),
  ]);
});
