/**
 * What the engine has to know of each pattern before it can scan, as plain data: worked out when a rule pack is built,
 * it saves parsing and analysing all patterns at start-up. A pattern's automata are still compiled when it is first
 * searched.
 */
import { type Anchor, findAnchor, type Needle } from './analysis/anchors.ts';
import { AFTER, BEFORE } from './analysis/context.ts';
import { shared } from './analysis/sets.ts';
import { startsAtText } from './analysis/shape.ts';
import type { ByteSet } from './program/program.ts';
import { isNullable, type Parsed, UnsupportedPattern } from './syntax/ast.ts';
import { parsePattern } from './syntax/parse.ts';

/** Changes whenever old data would mean something else. */
export const PREPARED_VERSION = 1;

/** A byte set as closed ranges, flat; 'before' and 'after' are what \b says of the byte outside. */
type SetData = readonly number[] | 'before' | 'after';

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
        readonly before: number | null;
      }
    | {
        readonly run: SetData;
        readonly length: number;
        readonly chance: number;
        readonly before: number | null;
      };
}

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
    const before = anchor.maxBefore === Number.POSITIVE_INFINITY ? null : anchor.maxBefore;
    data.anchor =
      anchor.kind === 'run'
        ? { run: writeSet(anchor.set), length: anchor.minLength, chance: anchor.chance, before }
        : { needles: anchor.needles.map((needle) => needle.map(writeSet)), chance: anchor.chance, before };
  }
  return data;
}

/** From the data back to what the engine starts with. */
export function readPrepared(data: PreparedPattern): ReadyPattern {
  const base = { declined: data.declined === true, atStart: data.atStart === true, parsed: undefined };
  const { anchor } = data;
  if (anchor === undefined) return { ...base, anchor: undefined };
  const { chance } = anchor;
  const maxBefore = anchor.before ?? Number.POSITIVE_INFINITY;
  if ('run' in anchor) {
    return {
      ...base,
      anchor: { kind: 'run', set: readSet(anchor.run), minLength: anchor.length, chance, maxBefore },
    };
  }
  const needles: Needle[] = anchor.needles.map((needle) => needle.map(readSet));
  return { ...base, anchor: { kind: 'needles', needles, chance, stops: 0, maxBefore } };
}

function tryParse(source: string): Parsed | undefined {
  try {
    return parsePattern(source);
  } catch (error) {
    if (error instanceof UnsupportedPattern) return undefined;
    throw error;
  }
}

function writeSet(set: ByteSet): SetData {
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

function readSet(data: SetData): ByteSet {
  if (data === 'before') return BEFORE;
  if (data === 'after') return AFTER;
  const set = new Uint8Array(256);
  for (let i = 0; i < data.length; i += 2) set.fill(1, data[i], (data[i + 1] as number) + 1);
  return shared(set);
}
