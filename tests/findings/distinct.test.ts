import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DistinctCounter } from '../../src/findings/distinct.ts';

const print = (index: number): string => createHash('md5').update(String(index)).digest('hex');

function counted(distinct: number, times = 1): ReturnType<DistinctCounter['count']> {
  const counter = new DistinctCounter();
  for (let round = 0; round < times; round++) for (let i = 0; i < distinct; i++) counter.add(print(i));
  return counter.count();
}

describe('distinct fingerprints', () => {
  test.each([0, 1, 1000, 65_536])('%i are counted exactly, however often they come', (count) => {
    expect(counted(count, count > 10_000 ? 1 : 3)).toEqual({ count, exact: true });
  });

  test.each([65_537, 200_000, 400_000])('%i are estimated within 3 %%', (distinct) => {
    const { count, exact } = counted(distinct);
    expect(exact).toBe(false);
    expect(Math.abs(count - distinct) / distinct).toBeLessThan(0.03);
  });

  test('repeats change no estimate', () => {
    expect(counted(70_000, 2)).toEqual(counted(70_000));
  });
});
