/**
 * Lays out in the kernel's memory what its one pass over a block needs: the needles that are looked for everywhere, those
 * that are looked for around certain runs only, the runs, and groups: the patterns one anchor stands for.
 *
 * Invariant: every pattern given with an anchor is in a group that is reported for each place where its anchor stands.
 */
import { GATES, type RunClass } from '../analysis/gates.ts';
import type { Needle } from '../analysis/needles.ts';
import { either, NO_REACH, type Reach } from '../analysis/reach.ts';
import type { Anchor } from '../analysis/requirement.ts';
import { idOf, isSubset, shareOf } from '../analysis/sets.ts';
import type { KernelMemory } from '../memory.ts';
import { type NeedleUse, writeNeedleSet } from './needleSet.ts';
import { MAX_RUN_CLASSES, MAX_RUN_SEARCHED, type RunUse, writeRuns } from './runs.ts';

/** Patterns that are looked for together; at most 32, a bit each. */
export interface Group {
  readonly patterns: readonly number[];
  /** What may stand in a match before the place the group is reported for. */
  readonly reach: Reach;
}

export interface AnchorLayout {
  /** What scanBlock takes. */
  readonly descriptor: number;
  readonly groups: readonly Group[];
  /** Groups that have to be searched on every line. */
  readonly everyLine: readonly number[];
  /** Estimated share of places the pass over everything stops at. */
  readonly chance: number;
}

const MAX_MEMBERS = 32;
/**
 * What has more before its needle is searched by itself: counted gaps (`.{0,32}key`) in one automaton with others multiply
 * its states.
 */
const MOST_SHARED_REACH = 28;
const DESCRIPTOR_FIELDS = 6;

/** @param anchors by pattern, undefined for patterns without one */
export function layOutAnchors(memory: KernelMemory, anchors: readonly (Anchor | undefined)[]): AnchorLayout {
  const groups = new Groups(anchors);
  const open = new NeedleUses();
  const runs = new Runs();
  const unanchored: number[] = [];
  for (const [pattern, anchor] of anchors.entries()) {
    if (anchor === undefined) unanchored.push(pattern);
    else if (anchor.kind === 'run') {
      if (!runs.add(pattern, anchor)) unanchored.push(pattern);
    } else {
      const { gate } = anchor;
      const needles = gate === undefined ? open : runs.gate(gate.id, gate.reach);
      for (const needle of anchor.needles) needles.add(needle, pattern);
    }
  }
  const lists: number[] = [];
  const openSet = writeNeedleSet(memory, open.uses(groups), lists);
  const uses = runs.uses(groups, (needles) => writeNeedleSet(memory, needles, lists).address);
  const written = writeRuns(memory, uses);
  const listAddress = memory.allocate(Math.max(4, lists.length * 4));
  memory.words.set(lists, listAddress >> 2);
  const descriptor = memory.allocate(DESCRIPTOR_FIELDS * 4);
  memory.words.set(
    [openSet.address, written.tables, written.records, uses.length, written.groups, listAddress],
    descriptor >> 2,
  );
  const everyLine = groups.of(unanchored);
  return { descriptor, groups: groups.all, everyLine, chance: openSet.chance };
}

/** Groups by their patterns. */
class Groups {
  readonly all: Group[] = [];
  readonly #anchors: readonly (Anchor | undefined)[];
  readonly #byKey = new Map<string, number>();

  constructor(anchors: readonly (Anchor | undefined)[]) {
    this.#anchors = anchors;
  }

  /** The groups for a list of patterns, ascending. */
  of(patterns: readonly number[]): number[] {
    const ids: number[] = [];
    const near = patterns.filter((pattern) => this.#reachOf(pattern).bytes <= MOST_SHARED_REACH);
    const far = patterns.filter((pattern) => !near.includes(pattern));
    const lists = far.map((pattern) => [pattern]);
    for (let at = 0; at < near.length; at += MAX_MEMBERS) lists.push(near.slice(at, at + MAX_MEMBERS));
    for (const members of lists) {
      const key = members.join();
      let id = this.#byKey.get(key);
      if (id === undefined) {
        const reach = members.map((pattern) => this.#reachOf(pattern)).reduce(either);
        id = this.all.push({ patterns: members, reach }) - 1;
        this.#byKey.set(key, id);
      }
      ids.push(id);
    }
    return ids;
  }

  #reachOf(pattern: number): Reach {
    return this.#anchors[pattern]?.reach ?? NO_REACH;
  }
}

class NeedleUses {
  readonly #byKey = new Map<string, { readonly needle: Needle; readonly patterns: number[] }>();

  add(needle: Needle, pattern: number): void {
    const key = needle.map(idOf).join();
    const use = this.#byKey.get(key);
    if (use === undefined) this.#byKey.set(key, { needle, patterns: [pattern] });
    else if (use.patterns.at(-1) !== pattern) use.patterns.push(pattern);
  }

  uses(groups: Groups): NeedleUse[] {
    return [...this.#byKey.values()].map(({ needle, patterns }) => ({ needle, groups: groups.of(patterns) }));
  }
}

interface ClassInUse {
  readonly run: RunClass;
  /** Looked for around its runs, and how far before them. */
  readonly needles: NeedleUses;
  reach: Reach | undefined;
  /** By the length they need. */
  readonly patterns: Map<number, number[]>;
}

/** Classes of runs in use: gates, and what patterns consist of. */
class Runs {
  readonly #classes: ClassInUse[] = [];

  /** @returns where to put the needles that are gated so */
  gate(id: number, reach: Reach): NeedleUses {
    const known = this.#classOf(GATES[id] as RunClass);
    known.reach = known.reach === undefined ? reach : either(known.reach, reach);
    return known.needles;
  }

  /** @returns false when there is no room for another class */
  add(pattern: number, { set, minLength }: RunClass): boolean {
    const wide = GATES.filter((gate) => gate.minLength <= minLength && isSubset(set, gate.set));
    wide.sort((a, b) => shareOf(a.set) - shareOf(b.set));
    const run = wide[0] ?? { set, minLength: Math.min(minLength, MAX_RUN_SEARCHED) };
    const isKnown = this.#classes.some((one) => isSame(one.run, run));
    // Room is kept for gates that other patterns name.
    if (!isKnown && wide[0] === undefined && this.#customClasses() >= MAX_RUN_CLASSES - GATES.length)
      return false;
    const { patterns } = this.#classOf(run);
    const same = patterns.get(minLength) ?? [];
    same.push(pattern);
    patterns.set(minLength, same);
    return true;
  }

  uses(groups: Groups, write: (needles: readonly NeedleUse[]) => number): RunUse[] {
    return this.#classes.map(({ run, needles, reach, patterns }) => ({
      ...run,
      gated: reach && { set: write(needles.uses(groups)), reach },
      groups: [...patterns].flatMap(([minLength, members]) =>
        groups.of(members).map((group) => ({ group, minLength })),
      ),
    }));
  }

  #customClasses(): number {
    return this.#classes.filter(({ run }) => !GATES.includes(run)).length;
  }

  #classOf(run: RunClass): ClassInUse {
    let known = this.#classes.find((one) => isSame(one.run, run));
    if (known === undefined) {
      known = { run, needles: new NeedleUses(), reach: undefined, patterns: new Map() };
      this.#classes.push(known);
    }
    return known;
  }
}

function isSame(a: RunClass, b: RunClass): boolean {
  return a.set === b.set && a.minLength === b.minLength;
}
