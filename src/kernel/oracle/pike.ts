/**
 * Pike's virtual machine: runs a byte program with all captures in plain TypeScript (Russ Cox, "Regular Expression
 * Matching: the Virtual Machine Approach"). Slow and simple; the yardstick for the automata in tests.
 */
import { assertionsBetween, EDGE } from '../program/context.ts';
import { OP, type Program } from '../program/program.ts';

/**
 * Leftmost-first search.
 * @param text one line; assertions see all of it
 * @param from first place a match may start at
 * @param slots capture slots wanted: 2 for each group, the whole match included
 * @returns slots, -1 where a group took no part; undefined without a match
 */
export function pikeSearch(
  program: Program,
  text: Uint8Array,
  from: number,
  slots: number,
): number[] | undefined {
  let current: { pc: number; caps: number[] }[] = [];
  let best: number[] | undefined;
  const seen = new Int32Array(program.op.length).fill(-1);
  for (let at = from; at <= text.length; at++) {
    const before = at === 0 ? EDGE : (text[at - 1] as number);
    const after = at === text.length ? EDGE : (text[at] as number);
    const holds = assertionsBetween(before, after);
    const ready: { pc: number; caps: number[] }[] = [];
    const add = (pc: number, caps: number[]): void => {
      // Explicit stack in preference order: alternations can be long chains.
      const stack: { pc: number; caps: number[] }[] = [{ pc, caps }];
      for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
        if (seen[top.pc] === at) continue;
        seen[top.pc] = at;
        const out = program.out[top.pc] as number;
        const arg = program.arg[top.pc] as number;
        switch (program.op[top.pc]) {
          case OP.alt:
            stack.push({ pc: arg, caps: top.caps }, { pc: out, caps: top.caps });
            break;
          case OP.assert:
            if ((arg & holds) !== 0) stack.push({ pc: out, caps: top.caps });
            break;
          case OP.capture: {
            let next = top.caps;
            if (arg < slots) {
              next = [...next];
              next[arg] = at;
            }
            stack.push({ pc: out, caps: next });
            break;
          }
          case OP.fail:
            break;
          default:
            ready.push(top);
        }
      }
    };
    for (const thread of current) add(thread.pc, thread.caps);
    if (best === undefined) {
      const caps = new Array<number>(slots).fill(-1);
      caps[0] = at;
      add(program.start, caps);
    }
    if (ready.length === 0 && best !== undefined) break;
    current = [];
    for (const { pc, caps } of ready) {
      if (program.op[pc] === OP.match) {
        best = [...caps];
        best[1] = at;
        break;
      }
      if (after !== EDGE && program.sets[program.arg[pc] as number]?.[after] === 1) {
        current.push({ pc: program.out[pc] as number, caps });
      }
    }
  }
  return best;
}
