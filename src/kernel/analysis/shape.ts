/**
 * What can be said about a pattern without running it, for `rules cost`: its least and greatest
 * length, whether it can match nothing, what it is anchored to, and whether finding all its matches in one line could
 * take more than linear time.
 */
import { compileProgram } from '../program/compile.ts';
import { OP, type Program } from '../program/program.ts';
import { utf8Sequences } from '../program/utf8.ts';
import { ASSERT, isNullable, type Node, UnsupportedPattern } from '../syntax/ast.ts';
import { parsePattern } from '../syntax/parse.ts';
import { findAnchor } from './anchors.ts';
import type { Anchor } from './requirement.ts';

type CostClass =
  /** A rare literal or sequence: costs next to nothing on lines without it. */
  | 'anchored'
  /** Anchored to something common or to a run: many lines are looked at. */
  | 'common'
  /** Nothing to look for: every line is searched. */
  | 'every-line'
  /** The kernel declines it; plain RE2 searches every line. */
  | 'fallback';

interface PatternShape {
  readonly cost: CostClass;
  /** Why the kernel declines the pattern, else undefined. */
  readonly declined: string | undefined;
  /** Can match the empty string. */
  readonly nullable: boolean;
  /** In bytes; -1 without limit. */
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly anchor: Anchor | undefined;
  /** Only a match at the line's start is possible. */
  readonly startsAtText: boolean;
  /**
   * To decide where a match ends the search may have to look arbitrarily far beyond it, each time again: finding all
   * matches of a line can then take time quadratic in its length.
   */
  readonly unboundedLookahead: boolean;
}

/** More states than this and the answer on look-ahead is taken as "yes". */
const LOOKAHEAD_STATES = 2000;

export function analysePattern(source: string): PatternShape {
  try {
    const { root } = parsePattern(source);
    const program = compileProgram({ root, groups: 0 }, { reversed: false, group: -1 });
    const anchor = findAnchor(root);
    const { min, max } = lengths(root);
    return {
      cost: anchor === undefined ? 'every-line' : anchor.chance > 0.002 ? 'common' : 'anchored',
      declined: undefined,
      nullable: isNullable(root),
      minBytes: min,
      maxBytes: max,
      anchor,
      startsAtText: startsAtText(root),
      unboundedLookahead: hasUnboundedLookahead(program, max),
    };
  } catch (error) {
    if (!(error instanceof UnsupportedPattern)) throw error;
    return {
      cost: 'fallback',
      declined: error.message,
      nullable: false,
      minBytes: 0,
      maxBytes: -1,
      anchor: undefined,
      startsAtText: false,
      unboundedLookahead: true,
    };
  }
}

/** Least and greatest number of bytes; greatest -1 when there is no limit. */
function lengths(node: Node): { min: number; max: number } {
  switch (node.op) {
    case 'empty':
    case 'assert':
      return { min: 0, max: 0 };
    case 'byte':
      return { min: 1, max: 1 };
    case 'set': {
      const counts = utf8Sequences(node.set).map((sequence) => sequence.length / 2);
      return counts.length === 0
        ? { min: 0, max: 0 }
        : { min: Math.min(...counts), max: Math.max(...counts) };
    }
    case 'group':
      return lengths(node.item);
    case 'cat':
      return node.items.map(lengths).reduce((a, b) => ({ min: a.min + b.min, max: add(a.max, b.max) }));
    case 'alt':
      return node.items.map(lengths).reduce((a, b) => ({
        min: Math.min(a.min, b.min),
        max: a.max < 0 || b.max < 0 ? -1 : Math.max(a.max, b.max),
      }));
    case 'repeat': {
      const { min, max } = lengths(node.item);
      return { min: min * node.min, max: max === 0 ? 0 : max < 0 || node.max < 0 ? -1 : max * node.max };
    }
  }
}

function add(a: number, b: number): number {
  return a < 0 || b < 0 ? -1 : a + b;
}

/** Can only match where the text begins. */
export function startsAtText(node: Node): boolean {
  switch (node.op) {
    case 'assert':
      return node.assert === ASSERT.beginText;
    case 'cat':
      return node.items.length > 0 && startsAtText(node.items[0] as Node);
    case 'alt':
      return node.items.every(startsAtText);
    case 'group':
      return startsAtText(node.item);
    case 'repeat':
      return node.min > 0 && startsAtText(node.item);
    default:
      return false;
  }
}

/**
 * Can the anchored search, after it has seen a match end, go on without limit in a more preferred thread that need not
 * end in a match? Looks for a cycle among the states reachable after a match that are not a match themselves. Assertions
 * are taken as met, so it may say yes where the answer is no, not the other way round.
 */
function hasUnboundedLookahead(program: Program, maxBytes: number): boolean {
  if (maxBytes >= 0) return false;
  const start = closure(program, [program.start]);
  const seen = new Map<string, { list: number[]; matched: boolean }>();
  const edges = new Map<string, Set<string>>();
  const queue: { list: number[]; matched: boolean; key: string }[] = [];
  const visit = (list: number[], matched: boolean): string => {
    const key = `${matched ? 1 : 0}:${list.join()}`;
    if (!seen.has(key)) {
      seen.set(key, { list, matched });
      queue.push({ list, matched, key });
    }
    return key;
  };
  visit(start, false);
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
    if (seen.size > LOOKAHEAD_STATES) return true;
    const at = item.list.findIndex((pc) => program.op[pc] === OP.match);
    const live = at < 0 ? item.list : item.list.slice(0, at);
    const matched = item.matched || at >= 0;
    const targets = new Set<string>();
    const bySignature = new Map<string, number[]>();
    for (let byte = 0; byte < 256; byte++) {
      const signature = live.filter((pc) => program.sets[program.arg[pc] as number]?.[byte] === 1);
      if (signature.length > 0) bySignature.set(signature.join(), signature);
    }
    for (const pcs of bySignature.values()) {
      targets.add(
        visit(
          closure(
            program,
            pcs.map((pc) => program.out[pc] as number),
          ),
          matched,
        ),
      );
    }
    edges.set(item.key, targets);
  }
  // A cycle of states after a match in which no match ends: depth-first, colours 1 (open) and 2 (done).
  const colour = new Map<string, number>();
  const open = (key: string): boolean => {
    const state = seen.get(key);
    return state?.matched === true && !state.list.some((pc) => program.op[pc] === OP.match);
  };
  for (const first of seen.keys()) {
    if (!open(first) || colour.has(first)) continue;
    const stack: { key: string; next: Iterator<string> }[] = [
      { key: first, next: (edges.get(first) ?? new Set<string>()).values() },
    ];
    colour.set(first, 1);
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { key: string; next: Iterator<string> };
      const step = top.next.next();
      if (step.done === true) {
        colour.set(top.key, 2);
        stack.pop();
      } else if (open(step.value)) {
        if (colour.get(step.value) === 1) return true;
        if (!colour.has(step.value)) {
          colour.set(step.value, 1);
          stack.push({ key: step.value, next: (edges.get(step.value) ?? new Set<string>()).values() });
        }
      }
    }
  }
  return false;
}

function closure(program: Program, entries: readonly number[]): number[] {
  const out: number[] = [];
  const seen = new Set<number>();
  for (const entry of entries) {
    const stack = [entry];
    for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
      if (seen.has(pc)) continue;
      seen.add(pc);
      const op = program.op[pc];
      if (op === OP.alt) stack.push(program.arg[pc] as number, program.out[pc] as number);
      else if (op === OP.capture || op === OP.assert) stack.push(program.out[pc] as number);
      else if (op !== OP.fail) out.push(pc);
    }
  }
  return out;
}
