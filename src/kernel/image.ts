/**
 * The laid-out anchors of a list of patterns as one piece of data: worked out when logveil is built, read at start in place
 * of analysing and laying out some hundred patterns again. Holds addresses in the kernel's memory, so it goes with the
 * version of the kernel it was made by, and with exactly the patterns it was made of: `key` says which. A damaged one
 * would find nothing and not tell, so a digest of the rest stands before it.
 */
import { createHash } from 'node:crypto';
import type { PatternSpec } from '../engine/engine.ts';
import type { AnchorLayout, Group } from './anchors/layout.ts';
import { PREPARED_VERSION } from './prepare.ts';
import type { ByteSet } from './program/program.ts';
import { readSet, type SetData, writeSet } from './setData.ts';

export interface EngineImage {
  readonly layout: AnchorLayout;
  /** By pattern. */
  readonly flags: readonly PatternFlags[];
  /** Of the kernel's memory, from its first free address on. */
  readonly memory: Uint8Array;
}

interface PatternFlags {
  readonly declined: boolean;
  readonly atStart: boolean;
}

interface Head {
  readonly key: string;
  readonly descriptor: number;
  readonly everyLine: readonly number[];
  readonly chance: number;
  /** Patterns, bytes of the reach, index of its set. */
  readonly groups: readonly (readonly [readonly number[], number, number])[];
  readonly sets: readonly SetData[];
  /** A digit a pattern: 1 declined, 2 at the text's start only. */
  readonly flags: string;
}

const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

/** Names a list of patterns, hex. */
export function imageKey(specs: readonly PatternSpec[]): string {
  const hash = createHash('sha256').update(`${PREPARED_VERSION}\n`);
  for (const { source, group, onlyWith = 0 } of specs) hash.update(`${source}\n${group} ${onlyWith}\n`);
  return hash.digest('hex');
}

export function writeImage(specs: readonly PatternSpec[], image: EngineImage): Buffer {
  const sets: ByteSet[] = [];
  const indexOf = (set: ByteSet): number => {
    const known = sets.indexOf(set);
    return known >= 0 ? known : sets.push(set) - 1;
  };
  const { descriptor, everyLine, chance, groups } = image.layout;
  const head: Head = {
    key: imageKey(specs),
    descriptor,
    everyLine,
    chance,
    groups: groups.map(({ patterns, reach }) => [patterns, reach.bytes, indexOf(reach.set)]),
    sets: sets.map(writeSet),
    flags: image.flags.map(({ declined, atStart }) => (declined ? 1 : 0) + (atStart ? 2 : 0)).join(''),
  };
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  const body = Buffer.concat([length, text, image.memory]);
  return Buffer.concat([digestOf(body), body]);
}

/** @returns undefined when it was made of other patterns, or is damaged */
export function readImage(specs: readonly PatternSpec[], image: Buffer): EngineImage | undefined {
  const data = image.subarray(DIGEST_BYTES);
  if (!digestOf(data).equals(image.subarray(0, DIGEST_BYTES))) return undefined;
  const length = data.readUInt32LE(0);
  const head = JSON.parse(data.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + length)) as Head;
  if (head.key !== imageKey(specs)) return undefined;
  const sets = head.sets.map(readSet);
  const groups = head.groups.map(
    ([patterns, bytes, set]): Group => ({ patterns, reach: { bytes, set: sets[set] as ByteSet } }),
  );
  const { descriptor, everyLine, chance } = head;
  return {
    layout: { descriptor, groups, everyLine, chance },
    flags: Array.from(head.flags, (digit) => ({ declined: /[13]/.test(digit), atStart: /[23]/.test(digit) })),
    memory: data.subarray(LENGTH_BYTES + length),
  };
}

function digestOf(data: Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
