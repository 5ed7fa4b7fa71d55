/**
 * One automaton over many needles at once (Aho and Corasick's idea without failure links: it starts at a window the SIMD
 * pass found), for windows with too many spellings to look up. It says which needles may be complete; the kernel then
 * compares those byte by byte, so it may say too much: where it grows too large it is cut off and accepts early.
 */
import type { Needle } from '../analysis/needles.ts';
import { partition } from '../dfa/classes.ts';
import type { KernelMemory } from '../memory.ts';
import type { ByteSet } from '../program/program.ts';

/** With some 32 classes 4000 states take 256 kB, more would fall out of the cache. */
const MAX_STATES = 4000;
/** Bytes looked at; the rest of longer needles is compared byte by byte. */
const MAX_DEPTH = 8;
const DEAD = 0;
const START = 1;

/**
 * @param tails for each needle what follows from its window on @param ids the needles to take
 * @returns address of the automaton's fields (see checkAutomaton in assembly/scan.ts), and whether a needle's
 *   tail, once accepted, is sure to fit
 */
export function writeAutomaton(
  memory: KernelMemory,
  tails: readonly Needle[],
  ids: readonly number[],
): { address: number; isSure: (id: number) => boolean } {
  // Bytes no set of the needles tells apart share a column.
  const { of, sample } = partition([...new Set(ids.flatMap((id) => [...(tails[id] as Needle)]))]);
  const shift = Math.max(1, Math.ceil(Math.log2(sample.length)));
  const width = 1 << shift;
  const rows: Uint16Array[] = [new Uint16Array(width), new Uint16Array(width)];
  const accepts: number[][] = [[], []];
  const byKey = new Map<string, number>();
  // By set, the columns of the classes in it.
  const columns = new Map<ByteSet, number[]>();
  const columnsOf = (set: ByteSet): number[] => {
    let found = columns.get(set);
    if (found === undefined) {
      found = [...sample.keys()].filter((column) => set[sample[column] as number] === 1);
      columns.set(set, found);
    }
    return found;
  };
  // A state is the needles still fitting and how far they are; all are equally far.
  const queue: { state: number; alive: readonly number[]; depth: number }[] = [
    { state: START, alive: ids, depth: 0 },
  ];
  for (let head = 0; head < queue.length; head++) {
    const { state, alive, depth } = queue[head] as (typeof queue)[number];
    const nexts: number[][] = sample.map(() => []);
    for (const id of alive) {
      for (const column of columnsOf(tails[id]?.[depth] as ByteSet)) (nexts[column] as number[]).push(id);
    }
    for (const [column, next] of nexts.entries()) {
      if (next.length === 0) continue;
      const key = `${depth} ${next.join()}`;
      let target = byKey.get(key);
      if (target === undefined) {
        target = rows.push(new Uint16Array(width)) - 1;
        byKey.set(key, target);
        const full = rows.length >= MAX_STATES || depth + 1 === MAX_DEPTH;
        const complete = next.filter((id) => full || (tails[id] as Needle).length === depth + 1);
        const rest = next.filter((id) => !complete.includes(id));
        accepts.push(complete);
        if (rest.length > 0) queue.push({ state: target, alive: rest, depth: depth + 1 });
      }
      (rows[state] as Uint16Array)[column] = target;
    }
  }
  const automaton = memory.allocate(20);
  const classes = memory.allocate(256);
  memory.bytes.set(of, classes);
  const table = memory.allocate(rows.length * width * 2);
  const cells = new Uint16Array(memory.bytes.buffer, table, rows.length * width);
  for (const [state, row] of rows.entries()) cells.set(row, state * width);
  const acceptTable = memory.allocate(rows.length * 8);
  const flat: number[] = [];
  for (const [state, complete] of accepts.entries()) {
    memory.words.set([flat.length, complete.length], (acceptTable + state * 8) >> 2);
    for (const id of complete) flat.push(id);
  }
  const list = memory.allocate(Math.max(4, flat.length * 4));
  memory.words.set(flat, list >> 2);
  memory.words.set([classes, table, shift, acceptTable, list], automaton >> 2);
  if (rows[DEAD]?.some((cell) => cell !== DEAD)) throw new Error('the dead state must stay dead');
  return {
    address: automaton,
    isSure: (id) => rows.length < MAX_STATES && (tails[id] as Needle).length <= MAX_DEPTH,
  };
}
