/** Middle and ends of a few values; as in `logveil bench`, which can't be imported here. */

/**
 * @typedef {{ min: number, median: number, max: number }} Spread
 */

/**
 * @param {readonly number[]} values at least one
 * @returns {Spread}
 */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted[sorted.length - 1] };
}

/**
 * Nearest rank.
 * @param {readonly number[]} values at least one
 * @param {number} percent above 0, at most 100
 */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1];
}

/**
 * Runs further apart than this are called erratic: something else used the machine.
 * @param {Spread} spread
 */
export function isErratic({ min, max }) {
  return max > min * 1.3;
}
