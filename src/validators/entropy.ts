/** How often each byte occurs in the range measured last; cleared at the start of every measurement. */
const counts = new Uint32Array(256);

/**
 * Shannon entropy of the bytes in `[start, end)`, in bits a byte: 0 for an empty range or one byte repeated, at most
 * log2 of the length, at most 8. Allocates nothing.
 */
export function shannonEntropy(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= 0) return 0;
  counts.fill(0);
  for (let i = start; i < end; i++) counts[bytes[i]]++;
  // H = -sum(c/n * log2(c/n)) = log2(n) - sum(c * log2(c)) / n
  let weighted = 0;
  for (let i = start; i < end; i++) {
    const count = counts[bytes[i]];
    if (count === 0) continue;
    counts[bytes[i]] = 0;
    weighted += count * Math.log2(count);
  }
  return Math.max(0, Math.log2(length) - weighted / length);
}

/** How many different bytes `[start, end)` holds. */
export function distinctBytes(bytes: Uint8Array, start: number, end: number): number {
  counts.fill(0);
  let distinct = 0;
  for (let i = start; i < end; i++) if (counts[bytes[i]]++ === 0) distinct++;
  return distinct;
}
