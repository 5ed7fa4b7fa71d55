/** Two engines, one meaning: output and findings of a whole stream are the same, however the stream is cut. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corpusFiles, readCorpus, skipReason } from '../corpus/files.ts';
import { cut, runner, runs } from '../scan/support.ts';
import { log } from './logs.ts';

const reference = runner({ rules: ['all'], engine: 're2' });
const kernel = runner({ rules: ['all'], engine: 'kernel' });
/** Enough of a file for blocks to be cut within it; the reference takes its time. */
const CORPUS_BYTES = 64 * 1024;

describe('the kernel redacts as the reference does', () => {
  test('random logs, cut anywhere', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat(), { maxLength: 6 }), (bytes, places) => {
        const expected = reference.run(bytes);
        const found = kernel.run(...cut(bytes, places));
        expect(found.findings).toEqual(expected.findings);
        expect(found.output.equals(expected.output)).toBe(true);
      }),
      runs(150),
    );
  });

  test.skipIf(skipReason() !== undefined)(`real logs${skipReason() ?? ''}`, () => {
    for (const file of corpusFiles()) {
      const bytes = readCorpus(file).subarray(0, CORPUS_BYTES);
      const expected = reference.run(bytes);
      const found = kernel.run(bytes);
      expect(found.findings, file).toEqual(expected.findings);
      expect(found.output.equals(expected.output), file).toBe(true);
    }
  });
});
