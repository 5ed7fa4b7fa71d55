/**
 * Takes out what alternatives have in common at their near end: `abc|abd|xyz` becomes `ab(?:c|d)|xyz`. Lists of words
 * then cost an automaton's state one thread a letter in place of one a word. RE2 does the same ("Round 1" of
 * FactorAlternation in re2/parse.cc), for neighbours only; here alternatives may also pass others that can't begin with
 * the same character, as between those no preference is ever asked for.
 */
import type { Node } from '../syntax/ast.ts';
import type { Ranges } from '../syntax/ranges.ts';

/** Alternatives that begin with the same set of characters; `first` undefined for one that begins otherwise. */
interface Bucket {
  readonly first: Ranges | undefined;
  readonly key: string;
  readonly items: Node[];
}

/**
 * @param items alternatives in order of preference
 * @param reversed whether what they end with is to be taken out, for reading from the end
 * @returns alternatives that match the same texts with the same preferences
 */
export function factor(items: readonly Node[], reversed: boolean): readonly Node[] {
  const buckets: Bucket[] = [];
  for (const item of items) {
    const first = edgeSet(item, reversed);
    const key = first?.join() ?? '';
    const known = first && bucketFor(buckets, first, key);
    if (known === undefined) buckets.push({ first, key, items: [item] });
    else known.items.push(item);
  }
  if (buckets.length === items.length) return items;
  return buckets.map(({ first, items: members }) => join(first, members, reversed));
}

/** The bucket an alternative may join: those behind it must not begin with any of its characters. */
function bucketFor(buckets: readonly Bucket[], first: Ranges, key: string): Bucket | undefined {
  for (let i = buckets.length - 1; i >= 0; i--) {
    const bucket = buckets[i] as Bucket;
    if (bucket.first === undefined) return undefined;
    if (bucket.key === key) return bucket;
    if (!areDisjoint(bucket.first, first)) return undefined;
  }
  return undefined;
}

function edgeSet(item: Node, reversed: boolean): Ranges | undefined {
  const edge = item.op === 'cat' ? item.items.at(reversed ? -1 : 0) : item;
  return edge?.op === 'set' ? edge.set : undefined;
}

function join(first: Ranges | undefined, members: readonly Node[], reversed: boolean): Node {
  if (first === undefined || members.length === 1) return members[0] as Node;
  const rests: Node = { op: 'alt', items: members.map((member) => withoutEdge(member, reversed)) };
  const edge: Node = { op: 'set', set: first };
  return { op: 'cat', items: reversed ? [rests, edge] : [edge, rests] };
}

function withoutEdge(item: Node, reversed: boolean): Node {
  if (item.op !== 'cat' || item.items.length === 1) return { op: 'empty' };
  return { op: 'cat', items: reversed ? item.items.slice(0, -1) : item.items.slice(1) };
}

function areDisjoint(a: Ranges, b: Ranges): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if ((a[i + 1] as number) < (b[j] as number)) i += 2;
    else if ((b[j + 1] as number) < (a[i] as number)) j += 2;
    else return false;
  }
  return true;
}
