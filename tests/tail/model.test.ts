/**
 * Random scripts of writing, rotating, killing and starting, against a reference. `LOGVEIL_MODEL_RUNS=5000` runs more of
 * them, `LOGVEIL_MODEL_SEED=17` begins there, `LOGVEIL_MODEL_FOLDER=/tmp` runs them on a disk (inodes are reused there). Seeds that once failed are kept in seeds.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ModelOptions, redacted, TailModel } from '../support/tailModel.ts';

const RUNS = Number(process.env.LOGVEIL_MODEL_RUNS ?? 40);
const FIRST = Number(process.env.LOGVEIL_MODEL_SEED ?? 1);
const SEEDS = JSON.parse(readFileSync(join(import.meta.dirname, 'seeds.json'), 'utf8')) as ModelOptions[];
const STEPS = 40;

/** Fails with the script, so that it can be read. */
async function check(options: ModelOptions): Promise<void> {
  const { expected, output, script, messages } = await new TailModel(options).run();
  const reference = redacted(expected);
  const about = JSON.stringify({ options, script, messages });
  expect(output, about).not.toMatch(/user-\d+@toy|SECRETSECRET/);
  if (options.sink === 'file') {
    expect(output, about).toBe(reference);
    return;
  }
  const got = new Set(output.split('\n'));
  const missing = reference.split('\n').filter((line) => !got.has(line));
  expect(missing, about).toEqual([]);
}

describe.each(['file', 'memory'] as const)('the sink %s', (sink) => {
  test.each(['app.log', 'app.log*'])(`${RUNS} scripts on %s`, { timeout: 3_600_000 }, async (pattern) => {
    for (let seed = FIRST; seed < FIRST + RUNS; seed++) await check({ seed, steps: STEPS, sink, pattern });
  });
});

test.each(SEEDS.map((options) => [JSON.stringify(options), options] as const))(
  'kept: %s',
  async (_, options) => {
    await check(options);
  },
);
