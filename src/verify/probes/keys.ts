/** The form of keys, and what may be shown of one. */

export interface KeyFacts {
  readonly count: number;
  readonly malformed: readonly string[];
  readonly personal: readonly string[];
  /** Some of those without a time to live. */
  readonly lasting: readonly string[];
  /** How many have none. */
  readonly without: number;
}

/** Lower snake case, or the minute of a counter. */
const SEGMENT = /^(?:[a-z0-9_]+|\d{4}-\d\d-\d\d(?:-\d\d-\d\d)?)$/;
const LONGEST_KEY = 256;
/** The name of a kind of key: no data. */
const KIND = /^[a-z][a-z_]{1,31}$/;
const LONGEST_SHAPE = 60;

/** Whether a key, its prefix aside, has the form the contract asks for: lower snake segments joined by `:`. */
export function isStandard(key: string): boolean {
  return key.length <= LONGEST_KEY && key.split(':').every((segment) => SEGMENT.test(segment));
}

/**
 * What a key looks like: its kind, and for the rest `A`, `a` and `9` for runs of letters and digits. What a key says may
 * be somebody's name, and no rule knows every name.
 */
export function keyShape(key: string): string {
  const [first = '', ...rest] = key.split(':');
  const kept = rest.length > 0 && KIND.test(first);
  const shape = [kept ? first : runs(first), ...rest.map(runs)].join(':');
  return shape.length > LONGEST_SHAPE ? `${shape.slice(0, LONGEST_SHAPE)}...` : shape;
}

function runs(text: string): string {
  return text
    .replace(/\p{Lu}+/gu, 'A')
    .replace(/[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]+/gu, 'a')
    .replace(/\p{N}+/gu, '9')
    .replace(/[^Aa9 ._@+-]/gu, '?');
}
