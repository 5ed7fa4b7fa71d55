/** Byte classes of a program: bytes no instruction and no assertion tells apart share one column of the automaton. */
import { isWordByte } from '../program/context.ts';
import type { Program } from '../program/program.ts';

export interface ByteClasses {
  /** Class of each of the 256 bytes. */
  readonly of: Uint8Array;
  /** A byte of each class. */
  readonly sample: readonly number[];
}

const NEWLINE = 10;

export function byteClasses(program: Program): ByteClasses {
  const sets: ArrayLike<number>[] = [...program.sets];
  if (program.hasAsserts) {
    sets.push(Uint8Array.from({ length: 256 }, (_, byte) => (isWordByte(byte) ? 1 : 0)));
    sets.push(Uint8Array.from({ length: 256 }, (_, byte) => (byte === NEWLINE ? 1 : 0)));
  }
  return partition(sets);
}

/** Splits the 256 bytes by membership in the sets, one set after the other; classes in order of their first byte. */
export function partition(sets: readonly ArrayLike<number>[]): ByteClasses {
  const of = new Uint8Array(256);
  let count = 1;
  const renamed = new Int32Array(512);
  for (const set of sets) {
    renamed.fill(-1);
    count = 0;
    for (let byte = 0; byte < 256; byte++) {
      const key = 2 * (of[byte] as number) + (set[byte] as number);
      if (renamed[key] === -1) renamed[key] = count++;
      of[byte] = renamed[key] as number;
    }
  }
  const sample = new Array<number>(count).fill(-1);
  for (let byte = 255; byte >= 0; byte--) sample[of[byte] as number] = byte;
  return { of, sample };
}
