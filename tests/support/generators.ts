/** Synthetic input of any size, the same in each run. */

const WORDS = ['cache', 'worker', 'request', 'started', 'queue', 'flush', 'retry', 'node', 'shard', 'index'];

/** A generator of numbers in [0, 1), seeded: Marsaglia's xorshift32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

/** Harmless words with spaces between them, exactly `length` bytes of ASCII without a line end. */
export function filler(length: number, seed: number): Buffer {
  const random = randomNumbers(seed);
  const words: string[] = [];
  for (let size = 0; size <= length; ) {
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? '';
    words.push(word);
    size += word.length + 1;
  }
  return Buffer.from(words.join(' ').padEnd(length).slice(0, length));
}

/** A text of 24 lower-case letters, different for each number. */
export function letters(number: number): string {
  const random = randomNumbers(number * 2 + 1);
  return Array.from({ length: 24 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
}
