import { describe, expect, it } from 'vitest';
import { Random } from '../../src/bench/random.ts';
import { percentile, spread } from '../../src/bench/statistics.ts';

describe('spread', () => {
  it('gives the middle and the ends of values in any order', () => {
    expect(spread([3, 1, 2])).toEqual({ min: 1, median: 2, max: 3 });
    expect(spread([10, 9, 100, 2])).toEqual({ min: 2, median: 10, max: 100 });
    expect(spread([7])).toEqual({ min: 7, median: 7, max: 7 });
  });

  it('leaves the values as they are', () => {
    const values = [3, 1, 2];
    spread(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses to make something of nothing', () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('is the nearest rank', () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 100)).toBe(100);
    expect(percentile([15, 20, 35, 40, 50], 30)).toBe(20);
    expect(percentile([15, 20, 35, 40, 50], 40)).toBe(20);
    expect(percentile([15, 20, 35, 40, 50], 50)).toBe(35);
  });

  it('is the largest value when there are few', () => {
    expect(percentile([1, 2, 3], 99)).toBe(3);
    expect(percentile([5], 1)).toBe(5);
  });
});

describe('Random', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const random = new Random(1);
    expect([random.next(), random.next(), random.next()]).toEqual([2693262067, 11749833, 2265367787]);
    expect(new Random(2).next()).not.toBe(new Random(1).next());
  });

  it('stays within its limits and reaches them', () => {
    const random = new Random(7);
    const drawn = Array.from({ length: 1000 }, () => random.between(3, 6));
    expect([...new Set(drawn)].sort()).toEqual([3, 4, 5, 6]);
  });
});
