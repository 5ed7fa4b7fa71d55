/**
 * What the engine has to know of each pattern before it can scan, as plain data: worked out when a rule pack is built,
 * it saves parsing and analysing all patterns at start-up. A pattern's automata are still compiled when it is first
 * searched.
 */
import { findAnchor } from './analysis/anchors.ts';
import type { Needle } from './analysis/needles.ts';
import type { Reach } from './analysis/reach.ts';
import type { Anchor } from './analysis/requirement.ts';
import { startsAtText } from './analysis/shape.ts';
import { readSet, type SetData, writeSet } from './setData.ts';
import { isNullable, type Parsed, UnsupportedPattern } from './syntax/ast.ts';
import { parsePattern } from './syntax/parse.ts';

/** Changes whenever old data would mean something else. */
export const PREPARED_VERSION = 3;

/** One pattern, JSON-safe. */
export interface PreparedPattern {
  /** Plain RE2 has to search it. */
  readonly declined?: true;
  /** It can only match where the text begins. */
  readonly atStart?: true;
  readonly anchor?:
    | {
        readonly needles: readonly (readonly SetData[])[];
        readonly chance: number;
        readonly reach: ReachData;
        readonly gate?: { readonly id: number; readonly reach: ReachData };
      }
    | {
        readonly run: SetData;
        readonly length: number;
        readonly chance: number;
        readonly reach: ReachData;
      };
}

type ReachData = readonly [bytes: number, set: SetData];

/** A pattern as the engine starts with it. */
export interface ReadyPattern {
  readonly declined: boolean;
  readonly atStart: boolean;
  readonly anchor: Anchor | undefined;
  /** Present when it was parsed on the way. */
  readonly parsed: Parsed | undefined;
}

/** Parses and analyses one pattern. */
export function readyPattern(source: string): ReadyPattern {
  const parsed = tryParse(source);
  if (parsed === undefined) return { declined: true, atStart: false, anchor: undefined, parsed };
  const anchor = isNullable(parsed.root) ? undefined : findAnchor(parsed.root);
  return { declined: false, atStart: startsAtText(parsed.root), anchor, parsed };
}

/** For the pack builder: the data of one pattern. */
export function preparePattern(source: string): PreparedPattern {
  const { declined, atStart, anchor } = readyPattern(source);
  const data: { -readonly [K in keyof PreparedPattern]: PreparedPattern[K] } = {};
  if (declined) data.declined = true;
  if (atStart) data.atStart = true;
  if (anchor !== undefined) {
    const { chance } = anchor;
    const reach = writeReach(anchor.reach);
    if (anchor.kind === 'run') {
      data.anchor = { run: writeSet(anchor.set), length: anchor.minLength, chance, reach };
    } else {
      const needles = anchor.needles.map((needle) => needle.map(writeSet));
      const { gate } = anchor;
      data.anchor =
        gate === undefined
          ? { needles, chance, reach }
          : { needles, chance, reach, gate: { id: gate.id, reach: writeReach(gate.reach) } };
    }
  }
  return data;
}

/** From the data back to what the engine starts with. */
export function readPrepared(data: PreparedPattern): ReadyPattern {
  const base = { declined: data.declined === true, atStart: data.atStart === true, parsed: undefined };
  const { anchor } = data;
  if (anchor === undefined) return { ...base, anchor: undefined };
  const { chance } = anchor;
  const reach = readReach(anchor.reach);
  if ('run' in anchor) {
    return {
      ...base,
      anchor: { kind: 'run', set: readSet(anchor.run), minLength: anchor.length, chance, reach },
    };
  }
  const needles: Needle[] = anchor.needles.map((needle) => needle.map(readSet));
  const gate = anchor.gate && { id: anchor.gate.id, reach: readReach(anchor.gate.reach) };
  return { ...base, anchor: { kind: 'needles', needles, gate, chance, stops: 0, reach } };
}

function writeReach({ bytes, set }: Reach): ReachData {
  return [bytes, writeSet(set)];
}

function readReach([bytes, set]: ReachData): Reach {
  return { bytes, set: readSet(set) };
}

function tryParse(source: string): Parsed | undefined {
  try {
    return parsePattern(source);
  } catch (error) {
    if (error instanceof UnsupportedPattern) return undefined;
    throw error;
  }
}
