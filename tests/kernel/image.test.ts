/** The start-up image: what it was made of works, all else is as if there were none. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PatternSpec } from '../../src/engine/engine.ts';
import { KernelEngine } from '../../src/kernel/engine.ts';
import { readImage, writeImage } from '../../src/kernel/image.ts';
import { runs } from '../scan/support.ts';

const specs: readonly PatternSpec[] = ['[a-z]+@[a-z.]+', 'token=([a-z0-9]{3,})', '[0-9]{7}', '^abc'].map(
  (source) => ({ source, group: 0 }),
);
const small = { windowBytes: 4096, tableBytes: 1 << 20 };
const image = writeImage(specs, new KernelEngine(specs, { ...small, keepsImage: true }).image);

it('gives an engine that finds the same', () => {
  const engine = new KernelEngine(specs, { ...small, image: readImage(specs, image) });
  const view = Buffer.from('abc token=abc123 a@example.com 1234567');
  expect(engine.select(view)).toEqual([0, 1, 2, 3]);
  expect(specs.map((_, pattern) => engine.find(pattern, view, 0))).toEqual([true, true, true, true]);
});

it('is refused for other patterns', () => {
  expect(readImage(specs.slice(1), image)).toBeUndefined();
});

it('is refused when it is cut anywhere, for it would find less and not tell', () => {
  fc.assert(
    fc.property(fc.nat(image.length - 1), (length) => {
      expect(readImage(specs, image.subarray(0, length))).toBeUndefined();
    }),
    runs(200),
  );
});

it('is refused when any byte of it is another', () => {
  fc.assert(
    fc.property(fc.nat(image.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(image);
      damaged[at] = (damaged[at] as number) ^ change;
      expect(readImage(specs, damaged)).toBeUndefined();
    }),
    runs(200),
  );
});
