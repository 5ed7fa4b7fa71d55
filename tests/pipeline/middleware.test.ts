/** PerformanceMonitoring and ErrorCatcher around steps that give values, promises, and errors that quote their input. */
import { inspect } from 'node:util';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { IoError } from '../../src/errors.ts';
import { ERROR_POLICIES, ErrorCatcher, StageError } from '../../src/pipeline/errorCatcher.ts';
import { registerCaughtErrors, registerStages } from '../../src/pipeline/metrics.ts';
import type { Step } from '../../src/pipeline/middleware.ts';
import { PerformanceMonitoring } from '../../src/pipeline/performanceMonitoring.ts';

const RAW = 'jane.doe@example.com';

class NamedAfterInput extends Error {
  override readonly name = `Bad ${RAW}`;
}

const step = <Output>(run: (input: string) => Output): Step<string, Output> => ({ name: 'redact', run });
const recovery = { mask: () => '[withheld]', pass: (input: string) => input };

test('figures of a step count what it did, whether it gives a value or a promise', async () => {
  const monitoring = new PerformanceMonitoring();
  const load = (input: string) => ({ bytes: input.length, lines: 2 });
  const now = monitoring.around(
    step((input) => input.toUpperCase()),
    load,
  );
  const later = monitoring.around(
    step(async (input) => input.toUpperCase()),
    load,
  );
  expect(now.run('abc')).toBe('ABC');
  const promise = later.run('de');
  expect(monitoring.figures()[0]).toMatchObject({ runs: 1, queueDepth: 1 });
  expect(await promise).toBe('DE');
  expect(monitoring.figures()).toMatchObject([
    { name: 'redact', runs: 2, bytes: 5, lines: 4, errors: 0, queueDepth: 0, deepestQueue: 1 },
  ]);
  const failing = monitoring.around(
    step(() => {
      throw new Error(RAW);
    }),
  );
  expect(() => failing.run('x')).toThrow(RAW);
  await expect(monitoring.around(step(() => Promise.reject(new Error('no')))).run('x')).rejects.toThrow('no');
  expect(monitoring.figures()[0]).toMatchObject({ runs: 4, errors: 2, queueDepth: 0 });
});

test('names are bounded', () => {
  const monitoring = new PerformanceMonitoring();
  for (let name = 0; name < 1000; name++) monitoring.begin(`/route/${name}`).end();
  const figures = monitoring.figures();
  expect(figures.length).toBe(257);
  expect(figures.reduce((sum, { runs }) => sum + runs, 0)).toBe(1000);
});

test('nothing of the input is in a caught error, whatever was thrown', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        () => new Error(RAW),
        () => new NamedAfterInput(RAW),
        () => RAW,
        () => ({ message: RAW }),
        () => undefined,
        () => new Error(`x\n    at ${RAW} (a.ts:1:1)`, { cause: new Error(RAW) }),
      ),
      fc.constantFrom('now', 'later'),
      async (thrown, when) => {
        const seen: unknown[] = [];
        const catcher = new ErrorCatcher('hold', (error) => seen.push(error));
        const failing = catcher.around(
          step(() => {
            if (when === 'later') return Promise.reject(thrown());
            throw thrown();
          }),
        );
        const check = (error: unknown): void => {
          expect(error).toBeInstanceOf(StageError);
          expect(inspect([error, seen, (error as StageError).frames], { depth: 9 })).not.toContain('jane');
          expect(catcher.counts()).toEqual([{ stage: 'redact', outcome: 'held', count: 1 }]);
        };
        let caught: unknown;
        try {
          await failing.run(RAW);
        } catch (error) {
          caught = error;
        }
        check(caught);
      },
    ),
  );
});

test('each policy does with the input what it says, and counts it', async () => {
  const outcomes: Record<string, unknown> = {};
  for (const policy of ERROR_POLICIES) {
    const catcher = new ErrorCatcher(policy);
    const failing = catcher.around<string, string>(
      step(() => {
        throw new TypeError(RAW);
      }),
      recovery,
    );
    let output: string;
    try {
      output = failing.run(RAW);
    } catch (error) {
      output = (error as Error).message;
    }
    outcomes[policy] = [output, catcher.counts()[0]?.outcome];
  }
  expect(outcomes).toEqual({
    hold: ['redact: failed with TypeError', 'held'],
    mask: ['[withheld]', 'masked'],
    pass: [RAW, 'passed'],
  });
});

test('what has no mask, or fails while masking, is held', async () => {
  const failing = async (): Promise<string> => {
    throw new Error(RAW);
  };
  await expect(new ErrorCatcher('mask').around(step(failing)).run(RAW)).rejects.toThrow(StageError);
  const catcher = new ErrorCatcher('mask');
  const twice = catcher.around(step(failing), { mask: failing, pass: async (input) => input });
  await expect(twice.run(RAW)).rejects.toThrow('redact: failed with Error');
  expect(catcher.counts()).toEqual([{ stage: 'redact', outcome: 'held', count: 1 }]);
  const unpassed = new ErrorCatcher('pass').around(step(failing), { mask: failing, pass: failing });
  await expect(unpassed.run(RAW)).rejects.toThrow('redact: failed with Error');
});

test('errors on purpose go on as they are, under every policy', async () => {
  const disk = new IoError('out.log: no space left on the device');
  for (const policy of ERROR_POLICIES) {
    const catcher = new ErrorCatcher(policy);
    const failing = catcher.around<string, string>(
      step(() => {
        throw disk;
      }),
      recovery,
    );
    expect(() => failing.run(RAW)).toThrow(disk);
    expect(catcher.caught('http', disk)).toBe(disk);
    expect(catcher.counts().map(({ outcome }) => outcome)).toEqual(['ours', 'ours']);
  }
});

test('metrics tell the figures by stage', async () => {
  const registry = new Registry();
  const [monitoring, catcher] = [new PerformanceMonitoring(), new ErrorCatcher('mask')];
  registerStages(registry, () => monitoring.figures());
  registerCaughtErrors(registry, () => catcher.counts());
  const failing = catcher.around<string, string>(
    monitoring.around(
      step(() => {
        throw new Error(RAW);
      }),
      () => ({ bytes: 7 }),
    ),
    recovery,
  );
  expect(failing.run(RAW)).toBe('[withheld]');
  const text = await registry.metrics();
  expect(text).toContain('logveil_stage_bytes_total{stage="redact"} 7');
  expect(text).toContain('logveil_stage_errors_total{stage="redact"} 1');
  expect(text).toContain('logveil_errors_caught_total{stage="redact",outcome="masked"} 1');
  expect(text).not.toContain('jane');
});
