import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSize } from '../../src/config/size.ts';
import { formatSize } from '../../src/telemetry/size.ts';
import { runs } from '../scan/support.ts';

describe('sizes', () => {
  test.each([
    ['0', 0],
    ['1048576', 1048576],
    ['64KiB', 65536],
    ['1 MiB', 1048576],
    ['2MB', 2_000_000],
    ['1.5k', 1536],
    [' 3 gib ', 3 * 1024 ** 3],
    ['10b', 10],
    ['0.4', 0],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', ' ', 'KiB', '-1', '1e3', '1,5MB', '1 MiB 2', '0x10', 'NaN', '1 mibi', '.5', '1..2'])(
    '%j is none',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  test('what is shown can be read again, to one decimal', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 40 }), (bytes) => {
        const read = parseSize(formatSize(bytes).replace('TiB', 'GiB'));
        const factor = formatSize(bytes).endsWith('TiB') ? 1024 : 1;
        expect(Math.abs((read as number) * factor - bytes)).toBeLessThanOrEqual(bytes * 0.06 + 1);
      }),
      runs(200),
    );
  });
});
