/**
 * The UTF-8 encodings of a set of code points as a trie of disjoint byte sets, equal branches shared. Deterministic, so a
 * large Unicode class adds few ways to an automaton's state at a time.
 */
import type { Ranges } from '../syntax/ranges.ts';
import type { ByteSet } from './program.ts';
import { type ByteSequence, utf8Sequences } from './utf8.ts';

/** Ways on, with disjoint byte sets; `rest` undefined: the character is complete. */
export type ByteTrie = readonly { readonly set: ByteSet; readonly rest: ByteTrie | undefined }[];

/** Patterns share their sets, and each is compiled several times. */
const tries = new Map<string, ByteTrie>();
const MOST_TRIES = 1000;

/** @param reversed for reading from the last byte to the first */
export function byteTrie(set: Ranges, reversed: boolean): ByteTrie {
  const key = `${reversed ? '<' : '>'}${set.join()}`;
  let trie = tries.get(key);
  if (trie === undefined) {
    const sequences = utf8Sequences(set);
    trie = build(reversed ? sequences.map(reverse) : sequences, new Map());
    if (tries.size >= MOST_TRIES) tries.clear();
    tries.set(key, trie);
  }
  return trie;
}

function build(sequences: readonly ByteSequence[], known: Map<string, ByteTrie>): ByteTrie {
  const key = sequences.map((sequence) => sequence.join()).join(' ');
  const found = known.get(key);
  if (found !== undefined) return found;
  const byRest = new Map<string, { set: Uint8Array; rests: ByteSequence[] }>();
  for (let byte = 0; byte < 256; byte++) {
    const rests: ByteSequence[] = [];
    for (const sequence of sequences) {
      if ((sequence[0] as number) <= byte && byte <= (sequence[1] as number)) rests.push(sequence.slice(2));
    }
    if (rests.length === 0) continue;
    const restKey = rests.map((rest) => rest.join()).join(' ');
    let way = byRest.get(restKey);
    if (way === undefined) {
      way = { set: new Uint8Array(256), rests };
      byRest.set(restKey, way);
    }
    way.set[byte] = 1;
  }
  const trie = [...byRest.values()].map(({ set, rests }) => ({
    set,
    // Encodings are prefix-free in both directions, so a finished one stands alone.
    rest: rests[0]?.length === 0 ? undefined : build(rests, known),
  }));
  known.set(key, trie);
  return trie;
}

function reverse(sequence: ByteSequence): ByteSequence {
  const out: number[] = [];
  for (let i = sequence.length - 2; i >= 0; i -= 2)
    out.push(sequence[i] as number, sequence[i + 1] as number);
  return out;
}
