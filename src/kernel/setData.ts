/** Byte sets as plain data. */
import { AFTER, BEFORE } from './analysis/context.ts';
import { shared } from './analysis/sets.ts';
import type { ByteSet } from './program/program.ts';

/** A byte set as closed ranges, flat; 'before' and 'after' are what \b says of the byte outside. */
export type SetData = readonly number[] | 'before' | 'after';

export function writeSet(set: ByteSet): SetData {
  if (set === BEFORE) return 'before';
  if (set === AFTER) return 'after';
  const ranges: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (set[byte] !== 1) continue;
    const last = ranges.length - 1;
    if (last > 0 && ranges[last] === byte - 1) ranges[last] = byte;
    else ranges.push(byte, byte);
  }
  return ranges;
}

export function readSet(data: SetData): ByteSet {
  if (data === 'before') return BEFORE;
  if (data === 'after') return AFTER;
  const set = new Uint8Array(256);
  for (let i = 0; i < data.length; i += 2) set.fill(1, data[i], (data[i + 1] as number) + 1);
  return shared(set);
}
