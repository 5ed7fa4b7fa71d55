/** The few statistics that are reported: middle, ends and percentiles, never a mean, which one slow run would move. */

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** @param values at least one, in any order; of an even number the upper middle one is the median */
export function spread(values: readonly number[]): Spread {
  const sorted = ascending(values);
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted[sorted.length - 1] };
}

/**
 * The smallest value that at least `percent` of all values do not exceed (nearest rank), so always one that occurred.
 * @param values at least one, in any order
 * @param percent above 0, at most 100
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = ascending(values);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('expected at least one value');
  return [...values].sort((a, b) => a - b);
}
