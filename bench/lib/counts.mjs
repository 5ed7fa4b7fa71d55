/** No time counts for work that was not done. */

/** @param {Readonly<Record<string, number>>} counts */
export const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

/**
 * @param {string} what
 * @param {Readonly<Record<string, number>>} found findings by rule
 * @param {Readonly<Record<string, number>>} expected
 * @param {number} times how often the corpus was given
 */
export function assertCounts(what, found, expected, times) {
  const ids = new Set([...Object.keys(found), ...Object.keys(expected)]);
  const wrong = [...ids].filter((id) => (found[id] ?? 0) !== (expected[id] ?? 0) * times);
  if (wrong.length > 0) {
    const details = wrong.map((id) => `${id} ${found[id] ?? 0} instead of ${(expected[id] ?? 0) * times}`);
    throw new Error(`${what}: wrong counts: ${details.join(', ')}`);
  }
}
